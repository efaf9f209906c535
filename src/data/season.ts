import { FINITE, float64s, type NumericArray } from '../arrays.ts';

/** Minimum autocorrelation of changes for a series to count as seasonal. */
const SEASONAL = 0.3;

/** A shorter season is preferred to its multiples if it is nearly as good: births repeat weekly, and even more so yearly. */
const SHORTER = 0.7;

/** Minimum number of seasons in a series. */
const MIN_SEASONS = 3;

/**
 * Detects the season of a series, in rows: the shortest lag from 2 on at which its changes from row to row correlate with
 * themselves, more than at neighboring lags (Box & Jenkins 1970). It uses changes because a trend correlates with itself at
 * every lag.
 * @param series finite, oldest first. @param longest lag considered. Default 370, slightly more than a year of days.
 * @returns undefined if no lag has a correlation of at least 0.3, or the series has fewer than 3 seasons.
 * @throws DataError naming the first row (from 1) that is not finite.
 */
export function guessSeason(series: NumericArray, longest = 370): number | undefined {
  const values = float64s('guessSeason', series, FINITE);
  const count = values.length - 1;
  if (count < 2) return undefined;
  const mean = (values[count]! - values[0]!) / count;
  const changes = Float64Array.from({ length: count }, (_, k) => values[k + 1]! - values[k]! - mean);
  const variance = changes.reduce((sum, change) => sum + change * change, 0);
  if (variance === 0) return undefined;
  const last = Math.min(longest, Math.floor(count / MIN_SEASONS));
  const correlations = Array.from({ length: last + 2 }, (_, lag) => {
    let sum = 0;
    for (let k = lag; k < count; k++) sum += changes[k]! * changes[k - lag]!;
    return (sum / (count - lag)) * (count / variance); // normalized by the number of terms at each lag
  });
  // A smooth series correlates with itself at every short lag; a season stands out from neighboring lags.
  const isPeak = (lag: number) =>
    correlations[lag]! > correlations[lag - 1]! && correlations[lag]! >= correlations[lag + 1]!;
  const peaks = Array.from({ length: Math.max(0, last - 1) }, (_, k) => k + 2).filter(isPeak);
  const enough = Math.max(SEASONAL, SHORTER * Math.max(...peaks.map((lag) => correlations[lag]!)));
  return peaks.find((lag) => correlations[lag]! >= enough);
}
