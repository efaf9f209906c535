import { MersenneTwister } from '../model/init.ts';

/** Relative errors of the results of a check, by name. */
export type Errors = Record<string, number>;

const norm = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]! ** 2;
  return Math.sqrt(sum);
};

/** ||actual - expected|| / ||expected||; ||actual|| if everything expected is zero. NaN for NaN. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const off = Float64Array.from({ length: expected.length }, (_, k) => actual[k]! - expected[k]!);
  return norm(off) / (norm(expected) || 1);
}

/** The largest relative error of any element, for elements of very different sizes. */
export const worstError = (actual: Float32Array, expected: Float32Array): number =>
  Math.max(...expected.map((value, k) => relativeError([actual[k]!], [value])));

/** The number of sums in the sketch of a tensor. */
export const SKETCH_SIZE = 2;

/**
 * A tensor in two numbers: its sums with two sets of random signs. The difference of two sketches is, on average, as large as the
 * difference of the tensors, so a few golden numbers represent many.
 * @see Alon, Matias & Szegedy 1996, "The space complexity of approximating the frequency moments"
 */
export function sketch(values: ArrayLike<number>): number[] {
  const generator = new MersenneTwister(values.length);
  const sums = new Array<number>(SKETCH_SIZE).fill(0);
  for (let k = 0; k < values.length; k++) {
    const bits = generator.uint32();
    for (let s = 0; s < SKETCH_SIZE; s++) sums[s]! += (bits >>> (8 * s)) & 1 ? values[k]! : -values[k]!;
  }
  return sums;
}

/** The relative error of a tensor, estimated from the sketch of what was expected. */
export function sketchError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const off = sketch(actual).map((sum, s) => sum - expected[s]!);
  const size = Math.max(norm(actual), norm(expected) / Math.sqrt(SKETCH_SIZE));
  return norm(off) / Math.sqrt(SKETCH_SIZE) / (size || 1);
}
