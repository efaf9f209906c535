import { FINITE, float64s, listOf, type NumericArray } from '../arrays.ts';
import { ConfigError } from '../errors.ts';
import { checkSeason, type StlOptions, stl } from './stl.ts';

/** A seasonal part of a series. */
interface SeasonalPart {
  /** Rows of a season. */
  readonly season: number;
  /** [rows] */
  readonly values: Float64Array;
}

/** values = trend + every seasonal part + remainder, each [rows]. */
export interface MultipleDecomposition {
  readonly trend: Float64Array;
  /** Shortest season first. */
  readonly seasonals: readonly SeasonalPart[];
  readonly remainder: Float64Array;
}

/** Times that every season is estimated anew from what the others leave; one season takes one. */
const ROUNDS = 2;

/** Seasonal window of the k-th season from 0: a longer season is there less often, and may change less from one to the next. */
const windowOf = (k: number): number => 11 + 4 * k;

/**
 * A series with several seasons (a day and a week of hours) as one trend, a seasonal part each and a remainder: `stl` one season
 * after the other, each on what the others leave (Bandara, Hyndman & Bergmeir 2021), with the numbers of R's `forecast::mstl`.
 * @param values [rows], finite, oldest first, more than two of the longest season. @param seasons rows of each, at least 2.
 * @throws DataError, ConfigError as {@link stl} does.
 * @see https://arxiv.org/abs/2107.13462
 */
export function mstl(
  values: NumericArray,
  seasons: NumericArray,
  options: Pick<StlOptions, 'robust'> = {},
): MultipleDecomposition {
  const series = float64s('mstl', values, FINITE);
  if (listOf('mstl: seasons', seasons).length === 0)
    throw new ConfigError('mstl: seasons: got none, expected the rows of at least one season.');
  const lengths = float64s('mstl: seasons', seasons).toSorted();
  for (const season of lengths) checkSeason('mstl', season, series.length);
  const parts = Array.from(lengths, (season) => ({ season, values: new Float64Array(series.length) }));
  const rest = series.slice(); // without all seasonal parts
  let trend = rest;
  for (let round = 0; round < (parts.length === 1 ? 1 : ROUNDS); round++)
    for (const [k, part] of parts.entries()) {
      const own = rest.map((value, t) => value + part.values[t]!);
      const { seasonal, trend: found } = stl(own, part.season, { ...options, seasonalWindow: windowOf(k) });
      part.values.set(seasonal);
      for (let t = 0; t < rest.length; t++) rest[t] = own[t]! - seasonal[t]!;
      trend = found as Float64Array<ArrayBuffer>;
    }
  return { trend, seasonals: parts, remainder: rest.map((value, t) => value - trend[t]!) };
}

/**
 * The seasonal parts of the rows after the last one, added up: every season as the last one was.
 * @param horizon rows, a whole number of at least 1. @returns [horizon]
 */
export const seasonsAhead = (seasonals: readonly SeasonalPart[], horizon: number): Float64Array =>
  Float64Array.from({ length: horizon }, (_, k) =>
    seasonals.reduce((sum, { season, values }) => sum + values[values.length - season + (k % season)]!, 0),
  );

/**
 * How much of what the trend leaves is a season, from 0 (none) to 1 (all): max(0, 1 - var(remainder) / var(seasonal + remainder)).
 * @param remainder [rows] @param seasonal [rows]
 * @see Hyndman & Athanasopoulos 2021, Forecasting: principles and practice, section 4.3
 */
export function seasonalStrength(remainder: NumericArray, seasonal: NumericArray): number {
  const rest = float64s('seasonalStrength: remainder', remainder, FINITE);
  const shape = float64s('seasonalStrength: seasonal', seasonal, FINITE);
  const whole = variance(rest.map((value, t) => value + shape[t]!));
  return whole > 0 ? Math.max(0, 1 - variance(rest) / whole) : 0;
}

function variance(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
