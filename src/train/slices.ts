/** Steps of the first slice, when the duration of a step on this device is still unknown. */
const FIRST_SLICE_STEPS = 2;

/** Limits growth from one slice to the next, because a single short measurement may be noise. */
const MAX_GROWTH = 4;

/** Where a slice's fixed cost is high, it takes at least this many times as long, so that most of the time goes into steps, */
const FIXED_COSTS = 4;
/** but at most this many times as long as asked for: by default one second, so that no driver stops it. */
const LONGEST = 20;

/** Sizes must differ by this factor before the difference of two times is more than noise. */
const FACTOR = 1.5;

/**
 * Decides how many optimizer steps go into one submit, so that it takes about `sliceMs` on this device: long enough to hide the
 * cost of a submit, short enough to keep a page responsive and not be killed by the driver. A slice of n steps takes
 * fixed + n * each: with many models on a software adapter, the fixed part alone may exceed `sliceMs`.
 */
export class SliceSizer {
  readonly #sliceMs: number;
  readonly #maxSteps: number;
  #steps = FIRST_SLICE_STEPS;
  #fixedMs = 0;
  #last: { steps: number; ms: number } | undefined;

  /** @param sliceMs target in milliseconds, above 0. @param maxSteps upper bound, whatever the timing. */
  constructor(sliceMs: number, maxSteps: number) {
    this.#sliceMs = sliceMs;
    this.#maxSteps = maxSteps;
  }

  /** Steps for the next slice, at most `remaining`. */
  next(remaining: number): number {
    return Math.min(remaining, this.#steps, this.#maxSteps);
  }

  /**
   * Records a slice of `steps` that took `ms`, measured on the GPU if it has a clock. Measured on the host, delays of the host
   * would make slices smaller, and so delay it even more.
   */
  record(steps: number, ms: number): void {
    const last = this.#last;
    if (last && Math.max(steps, last.steps) >= FACTOR * Math.min(steps, last.steps)) {
      const slope = (ms - last.ms) / (steps - last.steps);
      this.#fixedMs = ms - steps * Math.min(Math.max(0, slope), ms / steps);
    }
    this.#fixedMs = Math.min(this.#fixedMs, ms);
    this.#last = { steps, ms };
    const targetMs = Math.max(this.#sliceMs, Math.min(FIXED_COSTS * this.#fixedMs, LONGEST * this.#sliceMs));
    const eachMs = Math.max((ms - this.#fixedMs) / steps, 1e-5);
    const fitting = Math.max(0, targetMs - this.#fixedMs) / eachMs;
    this.#steps = Math.max(1, Math.round(Math.min(fitting, steps * MAX_GROWTH)));
  }
}

/** Two, so that the device has work while the host reads the results of the previous slice. */
const FEWEST_AHEAD = 2;
/** The device lacks work if it idles for more than a quarter of its busy time, and for more than this per slice. */
const IDLE_MS = 5;

/**
 * Decides how many slices are in flight: enough to keep the device busy until the host is notified that the first is done. In
 * Firefox that takes up to 100 ms, longer than a slice.
 */
export class SlicesAhead {
  readonly most: number;
  #count = FEWEST_AHEAD;
  #slices = 0;
  #gpuMs = 0;
  #wallMs = 0;

  constructor(most: number) {
    this.most = most;
  }

  get count(): number {
    return this.#count;
  }

  /** Records a slice. @param gpuMs by the device's clock. @param wallMs since the notification for the previous slice. */
  record(gpuMs: number, wallMs: number): void {
    this.#slices++;
    this.#gpuMs += gpuMs;
    this.#wallMs += wallMs;
    if (this.#slices < 2 * this.#count) return; // several notifications may arrive at once
    const idleMs = this.#wallMs - this.#gpuMs;
    if (idleMs > this.#gpuMs / 4 && idleMs > IDLE_MS * this.#slices) this.#count = Math.min(this.most, this.#count + 1);
    this.#slices = 0;
    this.#gpuMs = 0;
    this.#wallMs = 0;
  }
}
