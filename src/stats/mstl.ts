import { FINITE, float64s, listOf, type NumericArray } from '../arrays.ts';
import { ConfigError } from '../errors.ts';
import { checkSeason, type StlOptions, stl } from './stl.ts';

/** A seasonal part of a series. */
interface SeasonalPart {
  /** Rows of a season. */
  readonly season: number;
  /** [rows] */
  readonly values: Float64Array;
  /** The last season [season]; its first value applies to the row after the last one. */
  readonly cycle: Float64Array;
}

/** The season of days that does not include leap days. */
const YEAR = 365;

interface MstlOptions extends Pick<StlOptions, 'robust'> {
  /**
   * For daily series, 1 for each February 29 [rows]: seasons of 365 rows leave it out, so that every date keeps its position,
   * and give it the mean of its neighbors. Default: none.
   */
  leapDays?: NumericArray;
}

/** values = trend + every seasonal part + remainder, each [rows]. */
export interface MultipleDecomposition {
  readonly trend: Float64Array;
  /** Shortest season first. */
  readonly seasonals: readonly SeasonalPart[];
  readonly remainder: Float64Array;
}

/** Number of times that every season is reestimated without the others; a single season needs only one. */
const ROUNDS = 2;

/** Seasonal window of the k-th season, from 0: longer seasons are observed less often, and may change less from one to the next. */
const windowOf = (k: number): number => 11 + 4 * k;

/**
 * Decomposes a series with several seasons (such as a day and a week of hours) into one trend, a seasonal part each and a
 * remainder: `stl` for one season after another, each without the others (Bandara, Hyndman & Bergmeir 2021), with the results
 * of R's `forecast::mstl`.
 * @param values [rows], finite, oldest first, more than two of the longest season. @param seasons rows per season, at least 2.
 * @throws DataError, ConfigError as {@link stl} does.
 * @see https://arxiv.org/abs/2107.13462
 */
export function mstl(
  values: NumericArray,
  seasons: NumericArray,
  { leapDays, ...options }: MstlOptions = {},
): MultipleDecomposition {
  const series = float64s('mstl', values, FINITE);
  if (listOf('mstl: seasons', seasons).length === 0)
    throw new ConfigError('mstl: seasons: got none, expected the rows of at least one season.');
  const lengths = float64s('mstl: seasons', seasons).toSorted();
  const leap = leapDays && float64s('mstl: leapDays', leapDays);
  const kept = leap?.includes(1) ? Array.from(series.keys()).filter((t) => leap[t] !== 1) : undefined;
  const placesOf = (season: number) => (season === YEAR ? kept : undefined);
  for (const season of lengths) checkSeason('mstl', season, (placesOf(season) ?? series).length);
  const parts = Array.from(lengths, (season) => ({
    ...{ season, values: new Float64Array(series.length), cycle: new Float64Array(season) },
  }));
  const rest = series.slice(); // without any seasonal parts
  let trend = rest;
  for (let round = 0; round < (parts.length === 1 ? 1 : ROUNDS); round++)
    for (const [k, part] of parts.entries()) {
      const { season } = part;
      const own = rest.map((value, t) => value + part.values[t]!);
      const places = placesOf(season);
      const some = places ? Float64Array.from(places, (t) => own[t]!) : own;
      const found = stl(some, season, { ...options, seasonalWindow: windowOf(k) });
      part.values.set(spread(found.seasonal, places, own.length));
      part.cycle.set(found.seasonal.subarray(-season));
      for (let t = 0; t < rest.length; t++) rest[t] = own[t]! - part.values[t]!;
      trend = spread(found.trend, places, own.length);
    }
  return { trend, seasonals: parts, remainder: rest.map((value, t) => value - trend[t]!) };
}

/** Puts values of some rows in their places, and fills the others with the mean of their neighbors. */
function spread(values: Float64Array, places: readonly number[] | undefined, rows: number): Float64Array<ArrayBuffer> {
  if (!places) return values.slice();
  let next = 0; // of the values
  return Float64Array.from({ length: rows }, (_, t) => {
    if (places[next] === t) return values[next++]!;
    const [before = values[next]!, after = before] = [values[next - 1], values[next]];
    return (before + after) / 2;
  });
}

/**
 * The seasonal parts of the rows after the last one, summed: every season repeats the last one.
 * @param horizon rows, a whole number of at least 1.
 * @param leapDays as in {@link mstl}, for these rows [horizon]. Default: none. @returns [horizon]
 */
export function seasonsAhead(
  seasonals: readonly SeasonalPart[],
  horizon: number,
  leapDays?: ArrayLike<number>,
): Float64Array {
  const sum = new Float64Array(horizon);
  for (const { season, cycle } of seasonals) {
    let next = 0; // of the cycle
    for (let k = 0; k < horizon; k++)
      if (season === YEAR && leapDays?.[k] === 1)
        sum[k]! += (cycle.at((next % season) - 1)! + cycle[next % season]!) / 2;
      else sum[k]! += cycle[next++ % season]!;
  }
  return sum;
}

/**
 * How much of the detrended series is seasonal, from 0 (none) to 1 (all): max(0, 1 - var(remainder) / var(seasonal + remainder)).
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
