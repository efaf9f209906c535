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
