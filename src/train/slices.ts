/** Steps of the very first slice: nobody knows yet how long one takes on this device. */
const FIRST_SLICE_STEPS = 2;

/** Growth from one slice to the next is bounded, because one short measurement may be noise. */
const MAX_GROWTH = 4;

/**
 * Decides how many optimizer steps one submit holds, so that it takes about `sliceMs` on this device: long enough to
 * hide the cost of a submit, short enough that a page stays live and no driver kills it.
 */
export class SliceSizer {
  readonly #sliceMs: number;
  readonly #maxSteps: number;
  #steps = FIRST_SLICE_STEPS;

  /** @param sliceMs target in milliseconds, above 0. @param maxSteps upper bound, whatever the time says. */
  constructor(sliceMs: number, maxSteps: number) {
    this.#sliceMs = sliceMs;
    this.#maxSteps = maxSteps;
  }

  /** Steps for the next slice, at most `remaining`. */
  next(remaining: number): number {
    return Math.min(remaining, this.#steps, this.#maxSteps);
  }

  /**
   * Learns from a slice of `steps` that took `ms`: on the GPU itself where it has a clock. A host that is late would
   * otherwise make slices smaller, which only makes it later.
   */
  record(steps: number, ms: number): void {
    const fitting = (steps * this.#sliceMs) / Math.max(ms, 0.01);
    this.#steps = Math.max(1, Math.round(Math.min(fitting, this.#steps * MAX_GROWTH)));
  }
}

/** Two: the device has work while the host reads what the slice before has left. */
const FEWEST_AHEAD = 2;
/** The device is out of work where it has idled for longer than a quarter of its work, and for so long a slice. */
const IDLE_MS = 5;

/**
 * Decides how many slices are under way: as many as keep the device at work until the host hears that the first is done. In
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

  /** Learns from a slice. @param gpuMs by the device's clock. @param wallMs since the host heard of the slice before. */
  record(gpuMs: number, wallMs: number): void {
    this.#slices++;
    this.#gpuMs += gpuMs;
    this.#wallMs += wallMs;
    if (this.#slices < 2 * this.#count) return; // the host may hear of several at once
    const idleMs = this.#wallMs - this.#gpuMs;
    if (idleMs > this.#gpuMs / 4 && idleMs > IDLE_MS * this.#slices) this.#count = Math.min(this.most, this.#count + 1);
    this.#slices = 0;
    this.#gpuMs = 0;
    this.#wallMs = 0;
  }
}
