import { meanStep } from '../data/metrics.ts';
import type { ForecastMethod } from './method_names.ts';

/** Scores of a method from the origins before the end, over all steps up to the horizon. */
export interface MethodScore {
  method: ForecastMethod;
  /** Mean absolute error, in the units of the series. */
  mae: number;
  /** Mean over the folds of the error divided by the mean absolute seasonal difference of the earlier rows; null if these are constant. */
  mase: number | null;
}

/** The actual values after an origin. */
export interface ScoredOrigin {
  /** [horizon] */
  actual: Float64Array;
  /** Mean absolute seasonal difference of the rows before; 0 if they are constant. */
  scale: number;
}

/** Undefined without folds. @param forecasts of each fold [horizon] */
export function scoreOf(
  forecasts: readonly Float64Array[],
  folds: readonly ScoredOrigin[],
): Omit<MethodScore, 'method'> | undefined {
  if (folds.length === 0) return undefined;
  const maes = folds.map(({ actual }, k) => meanOf(actual.map((value, t) => Math.abs(value - forecasts[k]![t]!))));
  const hasScales = folds.every(({ scale }) => scale > 0);
  return { mae: meanOf(maes), mase: hasScales ? meanOf(maes.map((mae, k) => mae / folds[k]!.scale)) : null };
}

/** The error that methods are compared by. */
export const errorOf = ({ mase, mae }: Omit<MethodScore, 'method'>): number => mase ?? mae;

/** Mean absolute seasonal difference of a series [rows], or from row to row if it has no full season. */
export const scaleOf = (values: Float64Array, season: number): number =>
  meanStep(values, values.length > season ? season : 1) ?? 0;

/** The mean of forecasts, step by step [horizon]. */
export const meanForecast = (forecasts: readonly Float64Array[]): Float64Array =>
  forecasts[0]!.map((_, k) => meanOf(forecasts.map((own) => own[k]!)));

const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** Whether a forecast is finite, and at most this many ranges of a series outside it. */
export function isNear(forecast: Float64Array, series: Float64Array, ranges: number): boolean {
  const least = series.reduce((a, b) => Math.min(a, b));
  const most = series.reduce((a, b) => Math.max(a, b));
  const reach = ranges * (most - least);
  return forecast.every((value) => value >= least - reach && value <= most + reach);
}
