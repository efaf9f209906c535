import { FINITE, float64s, type NumericArray } from '../arrays.ts';
import { DataError } from '../errors.ts';
import { notWhole } from '../options.ts';
import { classicalSeason } from './classical.ts';
import { fitEts } from './ets.ts';
import { EtsFit } from './ets_fit.ts';
import { line } from './least_squares.ts';

/** 90% of a standard normal distribution are within this: one in ten series without a season is found to have one. */
const QUANTILE = 1.6448536269514722;

/** A season this close to 0 cannot be a divisor. */
const LEAST = 1e-4;

/** Minimum rows for simple exponential smoothing. */
const MIN_ROWS = 5;

/** A series fitted with the theta method. */
export class ThetaFit {
  /** How the season is removed and restored: none (N), subtracted (A), divided by (M). */
  readonly seasonType: 'N' | 'A' | 'M';
  /** For the first rows [season]; empty without a season. */
  readonly seasons: Float64Array;
  /** Simple exponential smoothing of the seasonally adjusted series. */
  readonly level: EtsFit;
  /** Half of the seasonally adjusted series' trend per row. */
  readonly drift: number;

  constructor(values: Float64Array, seasonType: 'N' | 'A' | 'M', seasons: Float64Array) {
    const seasonAt = (t: number) => seasons[t % seasons.length]!;
    const adjusted = values.map((value, t) => {
      if (seasonType === 'N') return value;
      return seasonType === 'A' ? value - seasonAt(t) : value / seasonAt(t);
    });
    this.seasonType = seasonType;
    this.seasons = seasons;
    this.level = adjusted.length < MIN_ROWS ? EtsFit.lastValue(adjusted) : fitEts(adjusted, { model: 'A,N,N' });
    this.drift = line(adjusted, 0).slope / 2;
  }

  /** The rows after the last one [horizon]. @throws ConfigError for a horizon that is not a whole number of at least 1. */
  forecast(horizon: number): Float64Array {
    if (!Number.isSafeInteger(horizon) || horizon < 1) throw notWhole('forecast: horizon', horizon, 1);
    const { seasons, seasonType, drift } = this;
    const { alpha } = this.level.parameters;
    const rows = this.level.fitted.length;
    const behind = (1 - (1 - alpha) ** rows) / alpha; // rows that the level lags behind the drift
    return this.level.forecast(horizon).map((level, k) => {
      const value = level + drift * (k + behind);
      if (seasonType === 'N') return value;
      const seasonal = seasons[(rows + k) % seasons.length]!;
      return seasonType === 'A' ? value + seasonal : value * seasonal;
    });
  }
}

/**
 * Fits a series with the theta method (Assimakopoulos & Nikolopoulos 2000) in the form of Hyndman & Billah (2003): simple
 * exponential smoothing with half of the trend as drift, after classical decomposition removed the season if a test at 90%
 * finds one; R's `forecast::thetaf`. The season is multiplicative; unlike in R, it is additive if a value is 0 or below, or the
 * season comes close to 0.
 * @param values [rows], finite, oldest first, at least one. @param season rows; 1: none. Ignored unless the series has more
 *   than two of them.
 * @throws DataError naming the first row (from 1) that is not finite, or if there are none.
 * @throws ConfigError for a season that is not a whole number of at least 1.
 * @see https://doi.org/10.1016/S0169-2070(01)00143-1
 */
export function fitTheta(values: NumericArray, season = 1): ThetaFit {
  const series = float64s('fitTheta', values, FINITE);
  if (!Number.isSafeInteger(season) || season < 1) throw notWhole('fitTheta: season', season, 1);
  if (series.length === 0) throw new DataError('fitTheta: got no rows, expected at least one.');
  if (!isSeasonal(series, season)) return new ThetaFit(series, 'N', new Float64Array(0));
  if (series.every((value) => value > 0)) {
    const seasons = classicalSeason(series, season, 'M').slice(0, season);
    if (seasons.every((value) => value > LEAST)) return new ThetaFit(series, 'M', seasons);
  }
  return new ThetaFit(series, 'A', classicalSeason(series, season, 'A').slice(0, season));
}

/** Whether the autocorrelation at the season's lag is significant, given those at shorter lags (Bartlett's formula). */
function isSeasonal(series: Float64Array, season: number): boolean {
  const n = series.length;
  if (season < 2 || n <= 2 * season) return false;
  const mean = series.reduce((sum, value) => sum + value, 0) / n;
  const product = (lag: number) => {
    let sum = 0;
    for (let t = lag; t < n; t++) sum += (series[t]! - mean) * (series[t - lag]! - mean);
    return sum;
  };
  const variance = product(0);
  if (variance === 0) return false;
  let squares = 0;
  for (let lag = 1; lag < season; lag++) squares += (product(lag) / variance) ** 2;
  return Math.abs(product(season) / variance) > QUANTILE * Math.sqrt((1 + 2 * squares) / n);
}
