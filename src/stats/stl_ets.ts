import { FINITE, float64s, type NumericArray } from '../arrays.ts';
import { checkOptions, notWhole } from '../options.ts';
import { fitEts, LONGEST_SEASON } from './ets.ts';
import type { EtsFit } from './ets_fit.ts';
import { type MultipleDecomposition, mstl, seasonsAhead } from './mstl.ts';
import { checkSeason } from './stl.ts';

/** A series without its seasons under a model of exponential smoothing. */
export class StlEtsFit {
  readonly decomposition: MultipleDecomposition;
  /** Of the series without its seasons. */
  readonly rest: EtsFit;
  /** What was forecast of each row [rows]. */
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

  /** The rows after the last one [horizon], every season as the last one was. @throws ConfigError as {@link EtsFit.forecast}. */
  forecast(horizon: number): Float64Array {
    const rest = this.rest.forecast(horizon);
    const ahead = seasonsAhead(this.decomposition.seasonals, horizon);
    return rest.map((value, k) => value + ahead[k]!);
  }

  /** Of each row of a forecast [horizon], as if the seasons were certain; undefined as {@link EtsFit.variance} is. */
  variance(horizon: number): Float64Array | undefined {
    return this.rest.variance(horizon);
  }
}

/**
 * A series with seasons of any length: they are taken out by STL, what is left is fitted by `fitEts` without a season, and a
 * forecast carries the last season on (R's `forecast::stlf`; Hyndman & Athanasopoulos 2021, section 5.7).
 * @param values [rows], finite, oldest first. @param season rows, at least 2, of which there are more than two seasons.
 * @throws DataError, ConfigError as {@link mstl} does.
 */
export function fitStlEts(values: NumericArray, season: number, options: { robust?: boolean } = {}): StlEtsFit {
  const series = float64s('fitStlEts', values, FINITE);
  checkOptions('fitStlEts', options, { robust: true });
  checkSeason('fitStlEts', season, series.length);
  return new StlEtsFit(series, mstl(series, [season], options));
}

/**
 * What a statistician would fit unseen: `fitEts`, or `fitStlEts` where the season is longer than 24 rows and the series holds more
 * than two of them.
 * @param season rows; 1: none
 * @throws DataError, ConfigError as {@link fitEts} does.
 */
export function fitSmoothing(values: NumericArray, season = 1): EtsFit | StlEtsFit {
  if (!Number.isSafeInteger(season) || season < 1) throw notWhole('fitSmoothing: season', season, 1);
  if (season <= LONGEST_SEASON) return fitEts(values, { season });
  return values.length > 2 * season ? fitStlEts(values, season) : fitEts(values);
}

/** What is fitted by likelihood reads no more rows than the last of these: older ones hardly matter to it, and take long. */
const MOST_ROWS = 2000;

/** Rows of a series that exponential smoothing is fitted on: the last 2,000, or three seasons where those are more. */
export const newestRows = (values: Float64Array, season = 1): Float64Array =>
  values.subarray(-Math.max(MOST_ROWS, 3 * season));
