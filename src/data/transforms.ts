import { ConfigError, DataError } from '../errors.ts';

/** From values to steps and back; `before` is the value in the row before. */
interface Transform {
  /** Rows at the start that have no value before them. */
  lag: 0 | 1;
  step(value: number, before: number): number;
  value(step: number, before: number): number;
}

/** 'difference' takes a trend out of a series, 'logReturn' also growth (Hyndman & Athanasopoulos 2021, section 9.1). */
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
  const names = Object.keys(TRANSFORMS).map((known) => `'${known}'`);
  throw new ConfigError(`transform: got ${JSON.stringify(name)}, expected one of ${names.join(', ')}.`);
}

/** Rows at the start of a series that have no step, as no value comes before them. @throws ConfigError for another name. */
export function transformLag(name: TransformName): 0 | 1 {
  return transformOf(name).lag;
}

/**
 * The steps of a series from row to row.
 * @param values [rows], oldest first. @returns [rows]; 0 in row 0 where the lag is 1.
 * @throws DataError when a logarithm is to be taken of a value that is not above 0, naming the first such row (from 1).
 * @throws ConfigError for another name.
 */
export function applyTransform(name: TransformName, values: ArrayLike<number>): Float64Array {
  const { lag, step } = transformOf(name);
  if (name === 'logReturn')
    for (let row = 0; row < values.length; row++)
      if (!(values[row]! > 0))
        throw new DataError(
          `logReturn: row ${row + 1} of the ${values.length} values is ${values[row]}, expected a number above 0, as it ` +
            "takes logarithms. Use transform: 'difference' for such a series.",
        );
  return Float64Array.from({ length: values.length }, (_, t) => (t < lag ? 0 : step(values[t]!, values[t - lag]!)));
}

/**
 * The values that steps lead to.
 * @param steps [rows] of consecutive rows. @param last the value in the row just before them, in its own units.
 * @returns [rows] @throws ConfigError for another name.
 */
export function invertTransform(name: TransformName, steps: ArrayLike<number>, last: number): Float64Array {
  const { value } = transformOf(name);
  let before = last;
  return Float64Array.from(steps, (step) => {
    before = value(step, before);
    return before;
  });
}
