import { FINITE, float64s, type NumericArray } from '../arrays.ts';

/** Minimum autocorrelation of changes for a series to count as seasonal. */
const SEASONAL = 0.3;

/** A shorter season is preferred to its multiples if it is nearly as good: births repeat weekly, and even more so yearly. */
const SHORTER = 0.7;

/** Minimum number of seasons in a series. */
const MIN_SEASONS = 3;

/**
 * Detects the season of a series, in rows: the shortest lag from 2 on at which its changes from row to row correlate with
 * themselves, more than at neighboring lags (Box & Jenkins 1970); of this lag and its two neighbors, the one after which the
 * values repeat best. It uses changes because a trend correlates with itself at every lag.
 * @param series finite, oldest first. @param longest lag considered. Default 370, slightly more than a year of days.
 * @returns undefined if no lag has a correlation of at least 0.3, or the series has fewer than 3 seasons.
 * @throws DataError naming the first row (from 1) that is not finite.
 */
export function guessSeason(series: NumericArray, longest = 370): number | undefined {
  const values = float64s('guessSeason', series, FINITE);
  const changes = changesOf(values);
  if (!changes) return undefined;
  const last = Math.min(longest, Math.floor(changes.length / MIN_SEASONS));
  const correlations = Array.from({ length: last + 2 }, (_, lag) => correlationAt(changes, lag));
  // A smooth series correlates with itself at every short lag; a season stands out from neighboring lags.
  const isPeak = (lag: number) =>
    correlations[lag]! > correlations[lag - 1]! && correlations[lag]! >= correlations[lag + 1]!;
  const peaks = Array.from({ length: Math.max(0, last - 1) }, (_, k) => k + 2).filter(isPeak);
  const enough = Math.max(SEASONAL, SHORTER * Math.max(...peaks.map((lag) => correlations[lag]!)));
  // With noise a peak can be a row off, or at two rows only because changes alternate: the values must repeat better there, too.
  const errors = new Map<number, number>();
  const errorAt = (lag: number) => {
    if (!errors.has(lag)) errors.set(lag, seasonalError(values, lag));
    return errors.get(lag)!;
  };
  for (const peak of peaks.filter((lag) => correlations[lag]! >= enough)) {
    const near = [peak, peak - 1, peak + 1].filter((lag) => lag >= 2 && lag <= last);
    const best = near.reduce((one, other) => (errorAt(other) < errorAt(one) ? other : one));
    if (errorAt(best) < errorAt(best - 1) && errorAt(best) <= errorAt(best + 1)) return best;
  }
  return undefined;
}

/** Changes from row to row less their mean [rows - 1]; undefined if there are fewer than two, or they are all equal. */
function changesOf(values: Float64Array): Float64Array | undefined {
  const count = values.length - 1;
  if (count < 2) return undefined;
  const mean = (values[count]! - values[0]!) / count;
  const changes = Float64Array.from({ length: count }, (_, k) => values[k + 1]! - values[k]! - mean);
  return changes.some((change) => change !== 0) ? changes : undefined;
}

/** Autocorrelation, normalized by the number of terms at each lag. */
function correlationAt(changes: Float64Array, lag: number): number {
  const count = changes.length;
  const variance = changes.reduce((sum, change) => sum + change * change, 0);
  let sum = 0;
  for (let k = lag; k < count; k++) sum += changes[k]! * changes[k - lag]!;
  return (sum / (count - lag)) * (count / variance);
}

/** Mean squared difference between rows a season apart, less the mean change. */
function seasonalError(values: Float64Array, lag: number): number {
  const count = values.length - lag;
  const mean = ((values.at(-1)! - values[0]!) / (values.length - 1)) * lag;
  let sum = 0;
  for (let k = 0; k < count; k++) sum += (values[k + lag]! - values[k]! - mean) ** 2;
  return sum / count;
}
