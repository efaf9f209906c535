import { expect } from 'vitest';

interface Tolerance {
  absolute: number;
  relative: number;
  reason: string;
}

/** Per element, |actual - expected| <= absolute + relative * |expected|. f32's half unit is 6e-8. */
const TOLERANCES = {
  copied: { absolute: 0, relative: 0, reason: 'values are copied, not computed' },
  elementwise: { absolute: 1e-6, relative: 2e-6, reason: 'a dozen roundings, and exp is accurate only to a few units' },
  relative: { absolute: 0, relative: 3e-6, reason: 'a function that is also precise for small values' },
  summed: { absolute: 5e-6, relative: 2e-6, reason: 'sums of up to 65 products of order 1, in another order' },
  trained: { absolute: 5e-6, relative: 5e-5, reason: 'rounding differences, accumulated over optimizer steps' },
} as const satisfies Record<string, Tolerance>;

/** Whole tensors, ||actual - expected|| / ||expected||. */
const NORM_TOLERANCES = {
  gradient: { relative: 1e-5, reason: 'the requirement: forward and gradients of f32 within 1e-5 of PyTorch' },
  trace: { relative: 1e-4, reason: 'losses while training: rounding, accumulated over optimizer steps' },
  update: { relative: 3e-4, reason: 'Adam divides by the gradient, so a small gradient passes on its relative error' },
} as const;

/** Compares element by element. The message names tensor, index, both values and the tolerance. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { tensor, tolerance }: { tensor: string; tolerance: keyof typeof TOLERANCES },
): void {
  expect(actual.length, `${tensor}: number of values`).toBe(expected.length);
  const { absolute, relative, reason } = TOLERANCES[tolerance];
  for (let k = 0; k < expected.length; k++) {
    const [got, wanted] = [actual[k]!, expected[k]!];
    const allowed = absolute + relative * Math.abs(wanted);
    if (Object.is(got, wanted) || Math.abs(got - wanted) <= allowed) continue;
    const off = Math.abs(got - wanted);
    expect.fail(
      `${tensor}[${k}]: got ${got}, expected ${wanted}, off by ${off}, allowed ${allowed} (${tolerance}: ${reason})`,
    );
  }
}

/** ||actual - expected|| / ||expected||; if all expected values are zero, ||actual||. NaN for NaN. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [off, size] = [0, 0];
  for (let k = 0; k < expected.length; k++) {
    off += (actual[k]! - expected[k]!) ** 2;
    size += expected[k]! ** 2;
  }
  return Math.sqrt(off) / (Math.sqrt(size) || 1);
}

/** Compares whole tensors by their norm. */
export function expectNormClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { tensor, tolerance }: { tensor: string; tolerance: keyof typeof NORM_TOLERANCES },
): void {
  expect(actual.length, `${tensor}: number of values`).toBe(expected.length);
  const error = relativeError(actual, expected);
  const { relative, reason } = NORM_TOLERANCES[tolerance];
  if (error <= relative) return;
  expect.fail(`${tensor}: relative error ${error}, allowed ${relative} (${tolerance}: ${reason})`);
}

/** Relative to the largest change in a tensor: rounding, accumulated over optimizer steps. */
const UPDATE_TOLERANCE = 1e-4;

/**
 * Compares weights after a training relative to how far they moved, since weights that hardly moved would always agree.
 * @param steps that were taken: each one rounds a weight, by half a unit of f32.
 */
export function expectUpdateClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { tensor, initial, steps }: { tensor: string; initial: ArrayLike<number>; steps: number },
): void {
  expect(actual.length, `${tensor}: number of values`).toBe(expected.length);
  const largest = (of: (k: number) => number) =>
    Array.from(expected, (_, k) => Math.abs(of(k))).reduce((most, size) => Math.max(most, size), 0);
  const way = largest((k) => expected[k]! - initial[k]!);
  const allowed = UPDATE_TOLERANCE * way + steps * 2 ** -24 * largest((k) => expected[k]!);
  for (let k = 0; k < expected.length; k++) {
    const off = Math.abs(actual[k]! - expected[k]!);
    if (off <= allowed) continue;
    const values = `got ${actual[k]}, expected ${expected[k]}, at first ${initial[k]}`;
    expect.fail(`${tensor}[${k}]: ${values}, off by ${off}, allowed ${allowed}: values moved by up to ${way}`);
  }
}

/** The bits of f32 values: distinguishes NaN and -0. */
export function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
