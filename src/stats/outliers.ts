import { FINITE, float64s, type NumericArray } from '../arrays.ts';

/** A value is an outlier if its distance to all others is more than this many times their range. */
const RANGES = 10;
/** Minimum rows of a series before any value counts as an outlier. */
const LEAST_ROWS = 20;
/** At most one value in this many may be an outlier. */
const ONE_OF = 50;

/**
 * The rows of a series whose values are of a different order of magnitude: a slipped decimal point, 999999 for a missing value.
 * At most one row in 50 (one row of a shorter series), because more of them are part of the series. None in series of fewer
 * than 20 rows.
 * @param values [rows], finite. @returns indices, ascending; none in most series.
 * @throws DataError naming the first row (from 1) that is not finite.
 */
export function outliersOf(values: NumericArray): number[] {
  const series = float64s('outliersOf', values, FINITE);
  const rows = series.length;
  if (rows < LEAST_ROWS) return [];
  const middle = series.toSorted()[rows >> 1]!;
  const byDistance = Array.from(series.keys()).sort(
    (a, b) => Math.abs(series[a]! - middle) - Math.abs(series[b]! - middle),
  );
  const most = Math.max(1, Math.floor(rows / ONE_OF));
  const usual = byDistance.slice(0, rows - most);
  let [low, high] = usual.reduce(
    ([a, b], t) => [Math.min(a, series[t]!), Math.max(b, series[t]!)],
    [Infinity, -Infinity],
  );
  // from the nearest outward: the first one that is far away, and all farther ones, are outliers
  for (let k = usual.length; k < rows; k++) {
    const value = series[byDistance[k]!]!;
    const reach = RANGES * (high - low || Math.abs(middle) || Infinity); // next to zeros only, no value is an outlier
    if (value < low - reach || value > high + reach) return byDistance.slice(k).sort((a, b) => a - b);
    [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  return [];
}

/** A copy of a series [rows] in which each outlier is replaced by the mean of the nearest other rows before and after it. */
export function withoutOutliers(values: NumericArray): Float64Array {
  const series = float64s('withoutOutliers', values, { ...FINITE, copy: true });
  const outliers = new Set(outliersOf(series));
  const nearest = (from: number, step: 1 | -1): number | undefined => {
    let t = from;
    while (outliers.has(t)) t += step;
    return series[t];
  };
  const means = Array.from(outliers, (t) => {
    const [before, after] = [nearest(t, -1), nearest(t, 1)];
    return [t, ((before ?? after!) + (after ?? before!)) / 2] as const;
  });
  for (const [t, mean] of means) series[t] = mean;
  return series;
}
