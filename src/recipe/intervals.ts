import { conformalRadius } from '../data/conformal.ts';
import type { Cut } from './cut.ts';
import { floorOf } from './methods.ts';

/** The forecast of a method from an origin in the past, and the actual values: [horizon] each. */
export interface FoldError {
  predicted: Float64Array;
  actual: Float64Array;
}

/**
 * The error of a method relative to how much the series changes over the same number of rows; errors at all steps ahead and of all
 * folds are one sample. Errors within a fold are correlated, and the method is the one with the smallest errors in these folds, so the
 * radius is increased by a share of 1 / folds: with it the coverage is right on real series (bench/yardstick).
 * @param level coverage. @param values [rows] of the series, without its seasons.
 * @returns undefined without folds, or for a constant series.
 * @see conformalRadius; errors within a fold are dependent, so the coverage is approximate.
 */
export function radiusOf(
  folds: readonly FoldError[],
  values: Float64Array,
  horizon: number,
  level: number,
): number | undefined {
  const changes = changesAhead(values, horizon);
  const ratios = folds.flatMap(({ predicted, actual }) =>
    Array.from(predicted, (value, k) => Math.abs(actual[k]! - value) / changes[k]!),
  );
  if (ratios.length === 0 || !ratios.every(Number.isFinite)) return undefined;
  return (1 + 1 / folds.length) * conformalRadius(ratios, Math.min(level, 1 - 1 / (ratios.length + 1)));
}

/**
 * The half width of intervals at each step ahead [horizon]. @param radius as {@link radiusOf}; if undefined, from the changes of the
 * series, never falling with the steps ahead. @param values [rows] of the series, without its seasons.
 */
export function radiiOf(
  radius: number | undefined,
  values: Float64Array,
  horizon: number,
  level: number,
): Float64Array {
  if (radius !== undefined) return changesAhead(values, horizon).map((change) => radius * change);
  let most = 0;
  return Float64Array.from({ length: horizon }, (_, k) => {
    const own = values.subarray(k + 1).map((value, t) => value - values[t]!);
    if (own.length > 0) most = Math.max(most, conformalRadius(own, Math.min(level, 1 - 1 / (own.length + 1))));
    return most;
  });
}

/** In logarithms, intervals are limited to a third and three times the forecast: a level shift would make them arbitrarily wide. */
const MOST_LOG = Math.log(3);

/** The interval of a forecast from an origin, each [horizon]. @param radius as {@link radiusOf}. */
export function intervalOf(
  predicted: Float64Array,
  { known, prepared }: Pick<Cut, 'known' | 'prepared'>,
  radius: number | undefined,
  level: number,
): { low: Float64Array; high: Float64Array } {
  const most = prepared.log ? MOST_LOG : Infinity;
  const radii = radiiOf(radius, prepared.values, predicted.length, level).map((own) => Math.min(own, most));
  const middle = prepared.level(predicted);
  const low = prepared.valuesAt(middle.map((value, k) => value - radii[k]!));
  const high = prepared.valuesAt(middle.map((value, k) => value + radii[k]!));
  const floor = Math.min(0, floorOf(known));
  // exp(log(99)) is less than 99
  return {
    low: low.map((value, k) => Math.min(predicted[k]!, Math.max(floor, value))),
    high: high.map((value, k) => Math.max(predicted[k]!, value)),
  };
}

/** Root mean square change of a series over 1, 2, ... rows [horizon], never falling; 0 for a constant series. */
function changesAhead(values: Float64Array, horizon: number): Float64Array {
  let most = 0;
  return Float64Array.from({ length: horizon }, (_, k) => {
    const lag = k + 1;
    let sum = 0;
    for (let t = lag; t < values.length; t++) sum += (values[t]! - values[t - lag]!) ** 2;
    if (values.length > lag) most = Math.max(most, Math.sqrt(sum / (values.length - lag)));
    return most;
  });
}
