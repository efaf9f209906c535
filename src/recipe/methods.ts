import { baselineForecast } from '../data/baselines.ts';
import { fitSmoothing } from '../stats/stl_ets.ts';
import { fitTheta } from '../stats/theta.ts';

/** Methods of statistics that read nothing but the series. */
type ClassicalMethod = 'ets' | 'theta' | 'seasonalNaive' | 'naive' | 'drift' | 'movingAverage';

/**
 * What a series can be forecast with: the trained model, methods of statistics ('stlEts' on what the model learns, too), or the
 * mean of the model and exponential smoothing.
 */
export type ForecastMethod = 'model' | 'modelAndEts' | 'stlEts' | ClassicalMethod;

/** What is fitted by likelihood reads no more rows than the last of these: older ones hardly matter to it, and take long. */
const MOST_ROWS = 2000;

/** Rows of a series that exponential smoothing is fitted on. */
export const newestRows = (values: Float64Array, season = 1): Float64Array =>
  values.subarray(-Math.max(MOST_ROWS, 3 * season));

/** Of a longer season theta would need an index for each row of it. */
const LONGEST_SEASON = 24;

/** Rows of a moving average where there is no season. */
const AVERAGED = 10;

/**
 * What methods without a network forecast of the rows behind the last one, each [horizon].
 * @param values [rows], at least one. @param season rows; 1: none
 * @see Hyndman & Athanasopoulos 2021, sections 5.2 and 8
 */
export function classicalForecasts(
  values: Float64Array,
  season: number,
  horizon: number,
): Map<ClassicalMethod, Float64Array> {
  const rows = values.length;
  const simple = (name: 'naive' | 'drift' | 'movingAverage' | 'seasonalNaive', options: object = {}) =>
    Float64Array.from({ length: horizon }, (_, k) => baselineForecast(name, values, [rows - 1], k + 1, options)[0]!);
  const hasSeason = season > 1 && rows >= season;
  const window = Math.min(rows, hasSeason ? season : AVERAGED);
  const recent = newestRows(values, season);
  return new Map<ClassicalMethod, Float64Array>([
    ['ets', fitSmoothing(recent, season).forecast(horizon)],
    ['theta', fitTheta(recent, season > LONGEST_SEASON ? 1 : season).forecast(horizon)],
    ...(hasSeason ? [['seasonalNaive', simple('seasonalNaive', { season })] as const] : []),
    ['naive', simple('naive')],
    ...(rows > 1 ? [['drift', simple('drift')] as const] : []),
    ['movingAverage', simple('movingAverage', { window })],
  ]);
}
