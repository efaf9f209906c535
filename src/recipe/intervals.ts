import { conformalRadius } from '../data/conformal.ts';

/** What a method was off by, from an origin in the past: [horizon] each. */
export interface FoldError {
  predicted: Float64Array;
  actual: Float64Array;
}

/**
 * How wide a forecast's interval is at each row ahead. Errors of all rows ahead and all folds are one sample: each is divided by
 * how much the series changes over as many rows, and multiplied by that again. Errors of a fold move together, and the method is
 * the one that erred least in these folds, so the intervals are wider by a share of 1 / folds: on real series they hold what they are
 * to hold then (bench/yardstick). Without folds, what the series changed by.
 * @param level share of the rows that are to lie inside. @param values [rows] of the series, without its seasons.
 * @returns [horizon] @see conformalRadius; the errors of a fold depend on one another, so the share holds about, not exactly.
 */
export function radiiOf(
  folds: readonly FoldError[],
  values: Float64Array,
  horizon: number,
  level: number,
): Float64Array {
  const changes = changesAhead(values, horizon);
  const ratios = folds.flatMap(({ predicted, actual }) =>
    Array.from(predicted, (value, k) => Math.abs(actual[k]! - value) / changes[k]!),
  );
  if (ratios.length > 0 && ratios.every(Number.isFinite)) {
    const radius = conformalRadius(ratios, Math.min(level, 1 - 1 / (ratios.length + 1)));
    const wider = 1 + 1 / folds.length;
    return changes.map((change) => wider * radius * change);
  }
  return Float64Array.from({ length: horizon }, (_, k) => {
    const lag = Math.min(k + 1, values.length - 1);
    const own = values.subarray(lag).map((value, t) => value - values[t]!);
    return own.length === 0 ? 0 : conformalRadius(own, Math.min(level, 1 - 1 / (own.length + 1)));
  });
}

/** Root mean square of what a series changes by over 1, 2, ... rows [horizon], never falling; 0 of a constant one. */
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
