import { FINITE, float64s, type NumericArray } from '../arrays.ts';
import { checkOptions, notWhole } from '../options.ts';
import { fitEts, LONGEST_SEASON } from './ets.ts';
import type { EtsFit } from './ets_fit.ts';
import { type MultipleDecomposition, mstl, seasonsAhead } from './mstl.ts';
import { checkSeason } from './stl.ts';

/** An exponential smoothing model of a seasonally adjusted series. */
export class StlEtsFit {
  readonly decomposition: MultipleDecomposition;
  /** The model of the seasonally adjusted series. */
  readonly rest: EtsFit;
  /** One-step-ahead forecasts of each row [rows]. */
  readonly fitted: Float64Array;
  /** [rows] */
  readonly residuals: Float64Array;

  constructor(values: Float64Array, decomposition: MultipleDecomposition) {
    const { seasonals } = decomposition;
    const seasonalAt = (t: number) => seasonals.reduce((sum, part) => sum + part.values[t]!, 0);
    this.decomposition = decomposition;
    this.rest = fitEts(values.map((value, t) => value - seasonalAt(t)));
    this.fitted = this.rest.fitted.map((value, t) => value + seasonalAt(t));
    this.residuals = values.map((value, t) => value - this.fitted[t]!);
  }

  /** The rows after the last one [horizon]; every season repeats the last one. @throws ConfigError as {@link EtsFit.forecast}. */
  forecast(horizon: number): Float64Array {
    const rest = this.rest.forecast(horizon);
    const ahead = seasonsAhead(this.decomposition.seasonals, horizon);
    return rest.map((value, k) => value + ahead[k]!);
  }

  /** Variance at each step of a forecast [horizon], as if the seasons were certain; undefined like {@link EtsFit.variance}. */
  variance(horizon: number): Float64Array | undefined {
    return this.rest.variance(horizon);
  }
}

/**
 * Fits a series with seasons of any length: STL removes them, `fitEts` fits the rest without a season, and forecasts repeat the
 * last season (R's `forecast::stlf`; Hyndman & Athanasopoulos 2021, section 5.7).
 * @param values [rows], finite, oldest first. @param season rows, at least 2; more than two seasons are needed.
 * @throws DataError, ConfigError as {@link mstl} does.
 */
export function fitStlEts(values: NumericArray, season: number, options: { robust?: boolean } = {}): StlEtsFit {
  const series = float64s('fitStlEts', values, FINITE);
  checkOptions('fitStlEts', options, { robust: true });
  checkSeason('fitStlEts', season, series.length);
  return new StlEtsFit(series, mstl(series, [season], options));
}

/**
 * The default choice of a statistician: `fitEts`, or `fitStlEts` if the season is longer than 24 rows and there are more than
 * two of them.
 * @param season rows; 1: none
 * @throws DataError, ConfigError as {@link fitEts} does.
 */
export function fitSmoothing(values: NumericArray, season = 1): EtsFit | StlEtsFit {
  if (!Number.isSafeInteger(season) || season < 1) throw notWhole('fitSmoothing: season', season, 1);
  if (season <= LONGEST_SEASON) return fitEts(values, { season });
  return values.length > 2 * season ? fitStlEts(values, season) : fitEts(values);
}

/** Maximum number of rows for fits by likelihood: older ones hardly matter, and take long. */
const MOST_ROWS = 2000;

/** The rows of a series to which exponential smoothing is fitted: the last 2,000, or three seasons if that is more. */
export const newestRows = (values: Float64Array, season = 1): Float64Array =>
  values.subarray(-Math.max(MOST_ROWS, 3 * season));
