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
import { type ForecastShape, pointQuantile } from './shape.ts';

/** What a rule without a model says about the same rows. */
interface BaselineScore {
  predicted: Float64Array;
  metrics: ForecastMetrics;
}

/** Forecasts of rows a number of steps ahead, each from the true values before, in the units of the series. */
export interface StepEvaluation {
  /** Rows ahead, from 1. */
  step: number;
  /** Row of the series that the first value stands for. */
  firstRow: number;
  /** The row of each value, from 0: they follow one another but for rows whose windows touch holes. */
  rows: Uint32Array;
  /** Of an ensemble the mean over its members. */
  predicted: Float64Array;
  /** What each member predicted; one entry for a single model. */
  members: Float64Array[];
  /** The quantiles that the model predicts, else the spread over the members at the levels asked for; empty for a single model. */
  quantiles: Quantile[];
  actual: Float64Array;
  /** The last value known: one step ahead, tomorrow = today. */
  naive: Float64Array;
  metrics: ForecastMetrics;
  /**
   * Of rows that are known, whatever the model reads of them: 'drift' from the first one on, 'movingAverage' of the last 10
   * where there are so many, 'seasonalNaive' where there is a season and a whole one before each row, 'ets' where it was asked
   * for and possible.
   */
  baselines: Readonly<Partial<Record<RuleName, BaselineScore>>>;
  /** The conformal interval, where a level was asked for. */
  interval: { level: number; low: Float64Array; high: Float64Array } | undefined;
}

/** How good forecasts were, and those of rules without a model on the same rows. */
export interface PooledScores {
  metrics: ForecastMetrics;
  baselines: Readonly<Partial<Record<RuleName, ForecastMetrics>>>;
}

/** How good forecasts were; one step ahead, in `steps` of each step, and in `overall` of all of them together. */
export interface Evaluation extends StepEvaluation {
  steps: StepEvaluation[];
  /** Over every step from each origin: a row counts once for each step at which it is forecast. */
  overall: PooledScores;
  /** Rows of a season, given or guessed from the rows before the test part; from all rows where every window is tested. */
  season: number | undefined;
}

/** What is evaluated, and how. */
export interface EvaluateOptions {
  /** 'test' (default): the windows training has not seen; 'train'; 'validation'; 'all'. */
  part?: 'test' | 'train' | 'validation' | 'all';
  /** One member alone, from 0. */
  member?: number;
  /** Of several series the one, by its id or from 0, that is forecast. Needed there. */
  of?: number | string;
  /** Levels of the spread over the members, each from 0 to 1. Default [0.1, 0.9]. */
  quantiles?: ArrayLike<number>;
  /**
   * Share of the rows that conformal intervals are to hold, between 0 and 1; needs a validation part, and goes with the mean
   * over the members. Default: no intervals.
   */
  interval?: number;
  /** Rows of a season, for the seasonal naive forecast; 0: there is none. Default: guessed. */
  season?: number;
  /**
   * Score exponential smoothing, too (ETS; of a season of more than 24 rows on what STL leaves): fitted once on the rows before
   * those that are scored, the last 2,000 of them, and run on from there. Left out where there are no rows before, or some are
   * holes. Takes up to a second. Default false.
   */
  ets?: boolean;
  /**
   * Another series than the fitted one, scaled as that was: every window of it is forecast, also by a model that was loaded.
   * Instead of `part`.
   */
  series?: OneSeries;
  /**
   * Of that series, forecast the last rows only: a whole number, at least the horizon. Default: all with a window before them.
   * Needed for one with an id that no model has learned, whose scale is fitted on the rows before.
   */
  rows?: number;
  /** Stops it; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** The compiler asks for every option. */
const OPTIONS: OptionNames<EvaluateOptions> = {
  ...{ signal: true, ets: true },
  ...{ part: true, member: true, of: true, quantiles: true, interval: true, season: true, series: true, rows: true },
};

/** @throws ConfigError for an option that cannot be, or that another one leaves without effect. */
export function checkEvaluation(options: EvaluateOptions, shape: ForecastShape): void {
  checkOptions('evaluate', options, OPTIONS);
  const { part, quantiles, season, series, rows, ets = false } = options;
  check('ets', ets, onOff);
  if (part !== undefined && !['test', 'train', 'validation', 'all'].includes(part))
    throw notAChoice('part', part, ['test', 'train', 'validation', 'all']);
  if (part !== undefined && series)
    throw new ConfigError(
      `part: got ${shown(part)} beside a series, which has no parts: of another series all rows are forecast, or the last ` +
        'ones with { rows }. Leave part out.',
    );
  if (rows !== undefined && !series)
    throw new ConfigError(
      `rows: got ${shown(rows)} without a series, but they are its last rows; pass { series }, too.`,
    );
  if (quantiles !== undefined && shape.quantiles.length > 0)
    throw new ConfigError(
      `quantiles: got ${shown(quantiles)}, but the forecaster was created with quantiles ${shown(shape.quantiles)} and says ` +
        'those. Leave them out.',
    );
  if (season !== undefined && season !== 0) checkPositiveInteger('season', season);
}

/** @param radii half the widths of intervals, [steps][samples]; undefined: none were asked for. */
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

/** The scores of a step, without its rows. */
export const scoresOf = ({ metrics, baselines }: StepEvaluation): PooledScores => ({
  metrics,
  baselines: Object.fromEntries(Object.entries(baselines).map(([name, score]) => [name, score.metrics])),
});

/** One score over several steps. @param train the scale of MASE; without it there is none. */
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

/** Of the moving average: not the model's window, so that rules score the same whatever the model reads. */
const AVERAGED_ROWS = 10;

/** Whether a rule has the rows that it needs. @param numKnown rows up to the first origin. */
function isPossible(name: BaselineName, numKnown: number, season: number | undefined): boolean {
  const needed = { naive: 1, drift: 2, movingAverage: AVERAGED_ROWS, seasonalNaive: season ?? Infinity };
  return numKnown >= needed[name];
}

/**
 * What exponential smoothing forecasts from each origin, [steps][samples]; undefined where the rows before the test set reach
 * behind the first one, rows are holes, or a forecast leaves the range of float64.
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

/** An interval: a forecast, and what it may be off. */
export function around(predicted: Float64Array, radius: ArrayLike<number>): { low: Float64Array; high: Float64Array } {
  return {
    low: predicted.map((value, k) => value - radius[k]!),
    high: predicted.map((value, k) => value + radius[k]!),
  };
}
