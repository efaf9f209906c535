import { baselineForecast } from '../data/baselines.ts';
import { fitEts } from '../stats/ets.ts';
import { fitSmoothing, newestRows } from '../stats/stl_ets.ts';
import { fitTheta } from '../stats/theta.ts';
import type { Cut } from './cut.ts';
import type { ClassicalMethod, ForecastMethod } from './method_names.ts';
import { meanForecast } from './scores.ts';

/** With a longer season, theta would need too many seasonal indices. */
const LONGEST_SEASON = 24;

/** Rows of a moving average without a season. */
const AVERAGED = 10;

/**
 * Forecasts of methods without a network for the rows after the last one, each [horizon].
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

/** The forecast of each method for the rows after an origin, each [horizon]. @param model undefined if none was trained. */
export function methodForecasts(
  { known, prepared, deseasonalized }: Pick<Cut, 'known' | 'prepared' | 'deseasonalized'>,
  season: number,
  horizon: number,
  model: Float64Array | undefined,
): Map<ForecastMethod, Float64Array> {
  const all = new Map<ForecastMethod, Float64Array>(classicalForecasts(known, season, horizon));
  if (deseasonalized.length > 0)
    all.set('stlEts', prepared.restore(fitEts(newestRows(prepared.values)).forecast(horizon)));
  if (model) {
    all.set('model', model);
    all.set('modelAndEts', meanForecast([model, all.get('stlEts') ?? all.get('ets')!]));
  }
  const floor = floorOf(known);
  return new Map(Array.from(all, ([name, own]) => [name, own.map((value) => Math.max(floor, value))]));
}

/** The lower limit of forecasts: 0 for a series without negative values, a hundredth of the smallest value for a positive one. */
export function floorOf(values: Float64Array): number {
  const least = values.reduce((a, b) => Math.min(a, b));
  return least < 0 ? -Infinity : least / 100;
}
