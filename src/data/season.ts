import { FINITE, float64s, type NumericArray } from '../arrays.ts';

/** Correlation of changes at a lag from which on a series counts as seasonal. */
const SEASONAL = 0.3;

/** A season is preferred to its multiples when it does nearly as well: births repeat by the week, and more so by the year. */
const SHORTER = 0.7;

/** Seasons that a series must hold. */
const MIN_SEASONS = 3;

/**
 * The season of a series, in rows: the shortest lag from 2 on at which its changes from row to row resemble themselves, more
 * than at the lags beside it, by their autocorrelation (Box & Jenkins 1970). Changes, because a trend alone resembles itself at every lag.
 * @param series finite, oldest first. @param longest lag looked at. Default 370: a year of days, and a little.
 * @returns undefined where no lag has a correlation of at least 0.3, or the series holds fewer than 3 seasons.
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
    return (sum / (count - lag)) * (count / variance); // each lag is judged by as many terms as it has
  });
  // A smooth series resembles itself at every short lag: a season stands out from the lags beside it.
  const isPeak = (lag: number) =>
    correlations[lag]! > correlations[lag - 1]! && correlations[lag]! >= correlations[lag + 1]!;
  const peaks = Array.from({ length: Math.max(0, last - 1) }, (_, k) => k + 2).filter(isPeak);
  const enough = Math.max(SEASONAL, SHORTER * Math.max(...peaks.map((lag) => correlations[lag]!)));
  return peaks.find((lag) => correlations[lag]! >= enough);
}
