import { type BaselineName, baselineForecast } from '../data/baselines.ts';
import { type ForecastData, type ForecastMetrics, forecastMetrics } from '../data/metrics.ts';
import { memberMean, memberQuantiles, type Quantile } from '../data/quantiles.ts';
import { guessSeason } from '../data/season.ts';
import type { RuleName } from '../data/verdict.ts';
import { ConfigError } from '../errors.ts';
import { check, onOff } from '../kinds.ts';
import { checkPositiveInteger } from '../model/config.ts';
import { checkOptions, notAChoice, type OptionNames } from '../options.ts';
import { shown } from '../shown.ts';
import { forecastOnward } from '../stats/onward.ts';
import { fitSmoothing, newestRows } from '../stats/stl_ets.ts';
import type { Decoded } from './decoded.ts';
import type { FittedSeries } from './fitted.ts';
import type { OneSeries } from './frame.ts';
import type { PooledScores } from './pooled_scores.ts';
import { type ForecastShape, pointQuantile } from './shape.ts';

/** A simple method's forecasts of the same rows. */
interface BaselineScore {
  predicted: Float64Array;
  metrics: ForecastMetrics;
}

/** Forecasts a given number of steps ahead, each from the true values before it, in the units of the series. */
export interface StepEvaluation {
  /** Steps ahead, from 1. */
  step: number;
  /** Row of the series that the first value is for. */
  firstRow: number;
  /** The row of each value, from 0: consecutive, except where windows contain holes. */
  rows: Uint32Array;
  /** For an ensemble, the mean over its members. */
  predicted: Float64Array;
  /** The predictions of each member; one entry for a single model. */
  members: Float64Array[];
  /** The model's quantiles or, if it has none, quantiles over the ensemble's members; otherwise empty. */
  quantiles: Quantile[];
  actual: Float64Array;
  /** The naive forecast: the last known value. */
  naive: Float64Array;
  metrics: ForecastMetrics;
  /**
   * Simple methods; they use all known rows, not only the model's window: 'drift' from the first one on, 'movingAverage' of the
   * last 10 if there are that many, 'seasonalNaive' if there is a season and every row has a full one before it, 'ets' if
   * requested and possible.
   */
  baselines: Readonly<Partial<Record<RuleName, BaselineScore>>>;
  /** The conformal interval, if a level was requested. */
  interval: { level: number; low: Float64Array; high: Float64Array } | undefined;
}

/** The scores of forecasts: one step ahead, for each step in `steps`, and pooled over all steps in `overall`. */
export interface Evaluation extends StepEvaluation {
  steps: StepEvaluation[];
  /** Over every step from each origin: a row counts once for each step at which it was forecast. */
  overall: PooledScores;
  /** Rows per season, given or detected from the rows before the test set; from all rows if every window is tested. */
  season: number | undefined;
}

/** What to evaluate, and how. */
export interface EvaluateOptions {
  /** The set to evaluate: 'test' (default, windows not used in training), 'train', 'validation' or 'all'. */
  part?: 'test' | 'train' | 'validation' | 'all';
  /** A single member, from 0. */
  member?: number;
  /** Which of several series to forecast, by id or by index from 0. Required if there are several. */
  of?: number | string;
  /** Levels of the quantiles over the members, each from 0 to 1. Default [0.1, 0.9]. */
  quantiles?: ArrayLike<number>;
  /**
   * Coverage of the conformal intervals, between 0 and 1; needs a validation set, and applies to the mean over the members.
   * Default: no intervals.
   */
  interval?: number;
  /** Rows per season, for the seasonal naive forecast; 0 means none. Default: detected. */
  season?: number;
  /**
   * Also score exponential smoothing (ETS; with a season of more than 24 rows, after STL): fitted once, on up to 2,000 rows
   * before the scored ones, and updated from there. Left out if there are no rows before them, or if there are holes. Takes up
   * to a second. Default false.
   */
  ets?: boolean;
  /**
   * Another series than the fitted one, scaled in the same way: every window of it is forecast. Also works for a loaded model.
   * Used instead of `part`.
   */
  series?: OneSeries;
  /**
   * Forecast only the last rows of `series`: a whole number, at least the horizon. Default: all that have a window before them.
   * Required for a series whose id is new to the models; its scale is fitted on the rows before these.
   */
  rows?: number;
  /** Stops the call, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** The compiler requires every option. */
const OPTIONS: OptionNames<EvaluateOptions> = {
  ...{ signal: true, ets: true },
  ...{ part: true, member: true, of: true, quantiles: true, interval: true, season: true, series: true, rows: true },
};

/** @throws ConfigError for an option that is invalid, or has no effect given another one. */
export function checkEvaluation(options: EvaluateOptions, shape: ForecastShape): void {
  checkOptions('evaluate', options, OPTIONS);
  const { part, quantiles, season, series, rows, ets = false } = options;
  check('ets', ets, onOff);
  if (part !== undefined && !['test', 'train', 'validation', 'all'].includes(part))
    throw notAChoice('part', part, ['test', 'train', 'validation', 'all']);
  if (part !== undefined && series)
    throw new ConfigError(
      `part: got ${shown(part)} with a series, but only the fitted series is split. Of another one all rows are forecast, or ` +
        'the last ones with { rows }. Leave part out.',
    );
  if (rows !== undefined && !series)
    throw new ConfigError(`rows: got ${shown(rows)} without a series whose last rows they are; also pass { series }.`);
  if (quantiles !== undefined && shape.quantiles.length > 0)
    throw new ConfigError(
      `quantiles: got ${shown(quantiles)}, but the forecaster was created with quantiles ${shown(shape.quantiles)} and ` +
        'predicts those. Leave them out.',
    );
  if (season !== undefined && season !== 0) checkPositiveInteger('season', season);
}

/** @param radii half the widths of the intervals, [steps][samples]; undefined if not requested. */
export function evaluateSamples(
  decoded: Decoded,
  { quantiles = [0.1, 0.9], season: asked, interval: level, ets = false }: EvaluateOptions,
  radii: readonly Float64Array[] | undefined,
): Evaluation {
  const { series, samples, values } = decoded;
  const { shape, frame, trainActual, trainHoles } = series;
  const season = asked === 0 ? undefined : (asked ?? guessSeason(trainActual));
  const points = decoded.point();
  const actuals = decoded.actual();
  const origins = Array.from(samples, (sample) => series.targetRow(sample) - 1);
  const { firstKnown } = series;
  const train = { trainActual, trainHoles, season };
  const q = pointQuantile(shape);
  const smoothed = ets ? smoothForecasts(series, origins, points.length, season) : undefined;
  const steps = points.map((predicted, k): StepEvaluation => {
    const step = k + 1;
    const actual = actuals[k]!;
    const naive = baselineForecast('naive', frame.target, origins, step);
    const members = values.map((member) => member[q]![k]!);
    const radius = radii?.[k];
    const interval = radius === undefined ? undefined : around(predicted, radius);
    const score = (said: Float64Array) => forecastMetrics({ actual, predicted: said, naive, ...train });
    const baselines: Partial<Record<RuleName, BaselineScore>> = {};
    for (const name of BASELINES) {
      if (!isPossible(name, origins[0]! - firstKnown + 1, season)) continue;
      const known = { season, window: AVERAGED_ROWS, firstRow: firstKnown };
      const said = baselineForecast(name, frame.target, origins, step, known);
      baselines[name] = { predicted: said, metrics: score(said) };
    }
    if (smoothed) baselines.ets = { predicted: smoothed[k]!, metrics: score(smoothed[k]!) };
    return {
      step,
      firstRow: origins[0]! + step,
      rows: Uint32Array.from(origins, (origin) => origin + step),
      predicted,
      members,
      quantiles: quantilesOf(shape, values, k, members, quantiles),
      actual,
      naive,
      metrics: forecastMetrics({ actual, predicted, naive, ...train, ...(interval && { interval }) }),
      baselines,
      interval: interval && { level: level!, ...interval },
    };
  });
  return { ...steps[0]!, steps, overall: pooledScores(steps, train), season };
}

/** One score over several steps. @param train the basis of MASE's scale; without it, MASE is left out. */
export function pooledScores(
  steps: readonly StepEvaluation[],
  train: Pick<ForecastData, 'trainActual' | 'trainHoles' | 'season'> = {},
): PooledScores {
  const join = (of: (step: StepEvaluation) => Float64Array) =>
    Float64Array.from(steps.flatMap((step) => Array.from(of(step))));
  const rows = { actual: join(({ actual }) => actual), naive: join(({ naive }) => naive), ...train };
  const interval = steps.every((step) => step.interval) && {
    low: join((step) => step.interval!.low),
    high: join((step) => step.interval!.high),
  };
  const all = Object.keys(steps[0]!.baselines) as RuleName[];
  const names = all.filter((name) => steps.every(({ baselines }) => baselines[name]));
  const ofRule = (name: RuleName) => forecastMetrics({ ...rows, predicted: join((s) => s.baselines[name]!.predicted) });
  return {
    metrics: forecastMetrics({ ...rows, predicted: join(({ predicted }) => predicted), ...(interval && { interval }) }),
    baselines: Object.fromEntries(names.map((name) => [name, ofRule(name)])),
  };
}

const BASELINES: readonly BaselineName[] = ['naive', 'drift', 'movingAverage', 'seasonalNaive'];

/** Window of the moving average: not the model's, so that the score does not depend on the model. */
const AVERAGED_ROWS = 10;

/** Whether a method has the rows it needs. @param numKnown rows up to the first origin. */
function isPossible(name: BaselineName, numKnown: number, season: number | undefined): boolean {
  const needed = { naive: 1, drift: 2, movingAverage: AVERAGED_ROWS, seasonalNaive: season ?? Infinity };
  return numKnown >= needed[name];
}

/**
 * What exponential smoothing forecasts from each origin, [steps][samples]; undefined if the rows before the test set extend
 * past the first origin, there are holes, or a forecast overflows float64.
 */
function smoothForecasts(
  { frame, trainActual, firstKnown }: FittedSeries,
  origins: readonly number[],
  ahead: number,
  season: number | undefined,
): Float64Array[] | undefined {
  const trainEnd = firstKnown + trainActual.length;
  if (trainEnd > origins[0]! + 1 || frame.holes?.includes(1)) return undefined;
  const fitted = newestRows(trainActual, season);
  const first = trainEnd - fitted.length;
  const known = frame.target.subarray(first, origins.at(-1)! + 1);
  const counts = origins.map((origin) => origin + 1 - first);
  const each = forecastOnward(fitSmoothing(fitted, season), known, counts, ahead);
  if (!each.every((forecast) => forecast.every(Number.isFinite))) return undefined;
  return Array.from({ length: ahead }, (_, k) => Float64Array.from(each, (forecast) => forecast[k]!));
}

function quantilesOf(
  { quantiles: own }: ForecastShape,
  values: Decoded['values'],
  step: number,
  members: readonly Float64Array[],
  levels: ArrayLike<number>,
): Quantile[] {
  if (own.length > 0)
    return own.map((level, q) => ({ level, values: memberMean(values.map((member) => member[q]![step]!)) }));
  return members.length > 1 ? memberQuantiles(members, levels) : [];
}

/** The interval of a given radius around a forecast. */
export function around(predicted: Float64Array, radius: ArrayLike<number>): { low: Float64Array; high: Float64Array } {
  return {
    low: predicted.map((value, k) => value - radius[k]!),
    high: predicted.map((value, k) => value + radius[k]!),
  };
}
