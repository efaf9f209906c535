import { type ArrayRules, FINITE, float64s, type NumericArray } from '../arrays.ts';
import { ConfigError } from '../errors.ts';
import { notAChoice } from '../options.ts';
import { shown } from '../shown.ts';

/** From values to steps and back; `before` is the value in the previous row. */
interface Transform {
  /** Rows at the start that have no value before them. */
  lag: 0 | 1;
  step(value: number, before: number): number;
  value(step: number, before: number): number;
}

/** 'difference' removes a trend, 'logReturn' also exponential growth (Hyndman & Athanasopoulos 2021, section 9.1). */
const TRANSFORMS: Readonly<Record<TransformName, Transform>> = {
  none: { lag: 0, step: (value) => value, value: (step) => step },
  difference: { lag: 1, step: (value, before) => value - before, value: (step, before) => before + step },
  logReturn: {
    lag: 1,
    step: (value, before) => Math.log(value / before),
    value: (step, before) => before * Math.exp(step),
  },
};

/** 'none' keeps y[t], 'difference' is y[t] - y[t - 1], 'logReturn' is ln(y[t] / y[t - 1]). */
export type TransformName = 'none' | 'difference' | 'logReturn';

function transformOf(name: TransformName): Transform {
  if (Object.hasOwn(TRANSFORMS, name)) return TRANSFORMS[name];
  throw notAChoice('transform', name, Object.keys(TRANSFORMS));
}

/** Rows at the start of a series that have no step, because they have no previous value. @throws ConfigError for an unknown name. */
export function transformLag(name: TransformName): 0 | 1 {
  return transformOf(name).lag;
}

/**
 * The steps of a series from row to row.
 * @param values [rows], oldest first. @returns [rows]; 0 in row 0 if the lag is 1.
 * @throws DataError naming the first row (from 1) that is not finite, or not above 0 if logarithms are needed.
 * @throws ConfigError for an unknown name.
 */
export function applyTransform(name: TransformName, values: NumericArray): Float64Array {
  const { lag, step } = transformOf(name);
  const numbers = float64s(name, values, name === 'logReturn' ? POSITIVE : FINITE);
  return numbers.map((value, t) => (t < lag ? 0 : step(value, numbers[t - lag]!)));
}

const POSITIVE: ArrayRules = {
  accepts: (value) => value > 0 && value < Infinity,
  expected: "a number above 0 for its logarithm; use transform: 'difference' for such a series",
};

/**
 * The values that result from steps.
 * @param steps [rows] of consecutive rows. @param last the value in the row just before them, in its own units.
 * @returns [rows] @throws ConfigError for an unknown name, and for a last value that is not a number. @throws DataError naming
 *   a step that is not a number.
 */
export function invertTransform(name: TransformName, steps: NumericArray, last: number): Float64Array {
  const { value } = transformOf(name);
  if (typeof last !== 'number') throw new ConfigError(`last: got ${shown(last)}, expected a number.`);
  let before = last;
  return float64s('invertTransform', steps).map((step) => {
    before = value(step, before);
    return before;
  });
}
