import { FINITE, float64s, type NumericArray } from '../arrays.ts';
import { DataError, ShapeError } from '../errors.ts';
import { isFrame, type SeriesFrame } from '../forecast/frame.ts';
import { type Settled, settled } from '../kinds.ts';
import { checkOptions, type OptionNames } from '../options.ts';
import { within } from '../placing.ts';
import { TOGETHER_CONTROLS, type TogetherControls } from '../train/controls.ts';
import { Cut, type CutOptions, type RecipeSeries } from './cut.ts';
import { type Job, trainDirectly } from './direct.ts';
import { radiiOf } from './intervals.ts';
import type { ForecastMethod } from './methods.ts';
import { possibleSeasons, strongSeasons } from './seasons.ts';
import { RECIPE, windowFor } from './settings.ts';

/** A series to forecast, which may say when its rows are. */
export type DatedSeries = NumericArray | (SeriesFrame & { moments?: NumericArray | undefined });

/** What a forecast without settings may be told all the same. */
export interface ForecastOptions extends TogetherControls {
  /** A device of the caller's; never destroyed here. */
  device: GPUDevice;
  /** Rows ahead, 1 to 10,000. Default: one season; 10 without one. */
  horizon?: number;
  /** Rows of each season, each at least 2; [] or [1]: there is none. Default: from the moments, then from the values. */
  seasons?: readonly number[];
  /** Learn logarithms. Default 'auto': where all values are above 0. */
  log?: 'auto' | 'on' | 'off';
  /** Take seasons out by STL before training. Default 'auto': those that stand out. */
  deseasonalize?: 'auto' | 'on' | 'off';
  /** Rows the model reads. Default: a season of 8 to 60 rows; 28 of a longer one, 10 without one. */
  windowLength?: number;
  /** Default 16. */
  hiddenSize?: number;
  /** Optimizer steps of a model. Default 400. */
  steps?: number;
  /** Windows of a step. Default 16. */
  batchSize?: number;
  /** Learning rate at first; it falls to 0 along half a cosine. Default 0.003. */
  lr?: number;
  /** As in `torch.manual_seed(seed)`. Default 0. */
  seed?: number;
  /** Origins before the end that every method is scored from, a horizon apart; fewer where the rows do not allow for them. Default 3. */
  folds?: number;
  /** Share of the rows that the intervals are to hold, between 0 and 1. Default 0.9. */
  level?: number;
  /** Take the trained model also where another method did better. Default false. */
  modelOnly?: boolean;
}

/** The compiler asks for every option. */
const OPTIONS: OptionNames<ForecastOptions> = { ...RECIPE, ...TOGETHER_CONTROLS, device: true };

/** How good a method was from the origins before the end, over all rows up to the horizon. */
export interface MethodScore {
  method: ForecastMethod;
  /** Mean absolute error, in the units of the series. */
  mae: number;
  /** Mean over the folds of the error over the mean absolute seasonal difference of the rows before; null where these do not change. */
  mase: number | null;
}

/** The rows after the end of a series. */
export interface ForecastResult {
  /** Undefined where the series has none. */
  id: string | undefined;
  /** [horizon] each, in the units of the series. */
  predicted: Float64Array;
  low: Float64Array;
  high: Float64Array;
  level: number;
  /** What the forecast is from. */
  method: ForecastMethod;
  /** The best method first. Empty where there are too few rows to score any. */
  scores: MethodScore[];
  /** Origins that methods were scored from. */
  folds: number;
  /** Rows of a season of the series; 1: none. */
  season: number;
  /** Rows of the seasons that were taken out before training. */
  deseasonalized: readonly number[];
  /** Logarithms were learned. */
  log: boolean;
  windowLength: number;
}

/**
 * Forecasts a series without being told how: finds its seasons, takes them out, trains a model, and scores it beside what statistics
 * has, from several origins before the end. The forecast is of the method that was best there.
 * @throws DataError for a series without rows, with holes, or with a value that is not finite. @throws ConfigError for an option
 *   that cannot be.
 */
export function forecast(series: DatedSeries, options: ForecastOptions): Promise<ForecastResult>;
/** A forecast of each of several series, all models trained together. @throws as of one series, naming which. */
export function forecast(series: readonly DatedSeries[], options: ForecastOptions): Promise<ForecastResult[]>;
export async function forecast(
  input: DatedSeries | readonly DatedSeries[],
  options: ForecastOptions,
): Promise<ForecastResult | ForecastResult[]> {
  checkOptions('forecast', options, OPTIONS);
  const settings = settled(RECIPE, options);
  const several = Array.isArray(input) && typeof input[0] === 'object';
  const list = (several ? input : [input]) as readonly DatedSeries[];
  const plans = list.map((one, k) => {
    const plan = () => new Plan(one, settings);
    return several ? within(`series ${k + 1} of ${list.length}`, plan) : plan();
  });
  const jobs = plans.flatMap((plan) => plan.jobs);
  const { device, signal, beforeSlice, onProgress } = options;
  const trained = await trainDirectly(
    device,
    jobs.filter((job) => job !== undefined),
    settings,
    { signal, beforeSlice, onProgress },
  );
  let [place, next] = [0, 0];
  const all = plans.map((plan) => plan.conclude(plan.cuts.map(() => (jobs[place++] ? trained[next++] : undefined))));
  return several ? all : all[0]!;
}

/** Checks that a series can be forecast. @throws as {@link forecast}. */
export function checkSeries(series: DatedSeries, options: Omit<ForecastOptions, 'device'>): void {
  new Plan(series, settled(RECIPE, options));
}

type Settings = Settled<typeof RECIPE>;

/** Farther than this many ranges of a series outside of it nothing is forecast. */
const MOST_RANGES = 10;

/** Windows that a model is trained on at least. */
const LEAST_WINDOWS = 8;

/** Rows that are forecast where there is no season. */
const WITHOUT_SEASON = 10;

/** A series, how it is read, and from where it is forecast: the end first, then the origins before it. */
class Plan {
  readonly cuts: readonly Cut[];
  readonly jobs: readonly (Job | undefined)[];
  readonly #series: RecipeSeries;
  readonly #options: CutOptions;
  readonly #settings: Settings;

  constructor(input: DatedSeries, settings: Settings) {
    const { series, moments } = readSeriesOf(input);
    const { target } = series;
    const rows = target.length;
    const notAbove = settings.log === 'on' ? target.findIndex((value) => value <= 0) : -1;
    if (notAbove >= 0)
      throw new DataError(
        `forecast: row ${notAbove + 1} is ${target[notAbove]}, but a logarithm is of a number above 0. Leave log out, or 'off'.`,
      );
    const possible = settings.seasons?.filter((season) => season > 1) ?? possibleSeasons(target, moments);
    const { horizon = possible[0] ?? WITHOUT_SEASON } = settings;
    const longest = (season: number) => settings.windowLength ?? windowFor(season, horizon, rows);
    const least = Math.max(3 * (possible[0] ?? 1) + 1, longest(possible[0] ?? 1) + horizon + LEAST_WINDOWS - 1);
    const numFolds = Math.max(0, Math.min(settings.folds, Math.floor((rows - least) / horizon)));
    const origins = Array.from({ length: numFolds + 1 }, (_, k) => rows - k * horizon);
    // what all origins share is decided on the rows before the first one
    const first = target.subarray(0, origins.at(-1));
    const seasons = settings.seasons ? possible : possibleSeasons(first, moments?.subarray(0, first.length));
    const [season = 1] = settings.seasons ? seasons : strongSeasons(first, seasons);
    const { log, deseasonalize } = settings;
    this.#settings = settings;
    this.#series = series;
    this.#options = { horizon, season, seasons, log, deseasonalize, windowLength: longest(season) };
    for (const [name, column] of Object.entries(series.future))
      if (column.length < rows + horizon)
        throw new DataError(
          `future.${name}: got ${column.length} rows, ${column.length - rows} of them behind the end of the series, but ${horizon} ` +
            `rows ahead need what is known of as many. Pass ${rows + horizon} rows.`,
          { code: 'future-too-short', details: { column: name, rows: column.length, needed: rows + horizon } },
        );
    this.cuts = origins.map((origin) => new Cut(series, origin, this.#options));
    const isConstant = target.every((value) => value === target[0]);
    this.jobs = this.cuts.map((cut) => (isConstant ? undefined : cut.job(LEAST_WINDOWS)));
    if (settings.modelOnly && !this.jobs[0])
      throw new DataError(
        `forecast: got ${rows} ${isConstant ? 'rows that are all the same' : 'rows'}, of which no model can be trained with a ` +
          `window of ${this.#options.windowLength} and a horizon of ${horizon}. Give more rows, or let other methods forecast.`,
        isConstant ? { code: 'constant', details: { value: target[0]! } } : {},
      );
  }

  /** @param models what the model of each cut forecasts, where one was trained. */
  conclude(models: readonly (Float64Array | undefined)[]): ForecastResult {
    const { horizon, season, windowLength } = this.#options;
    const { target, id } = this.#series;
    const [ahead, ...before] = this.cuts.map((cut, k): Forecasts => cut.forecasts(models[k])) as [
      Forecasts,
      ...Forecasts[],
    ];
    const folds = before.map((forecasts, k): Fold => {
      const { known, scale } = this.cuts[k + 1]!;
      return { forecasts, scale, actual: target.subarray(known.length, known.length + horizon) };
    });
    const methods = [...ahead.keys()].filter((name) => isNear(ahead.get(name)!, target));
    const scores = methods.flatMap((method) => scoreOf(method, folds) ?? []);
    scores.sort((a, b) => (a.mase ?? a.mae) - (b.mase ?? b.mae));
    const method = this.#choose(methods, scores);
    const predicted = ahead.get(method)!;
    const { log, deseasonalized } = this.cuts[0]!;
    return {
      ...{ id, predicted, ...this.#interval(method, predicted, folds), level: this.#settings.level },
      ...{ method, scores, folds: folds.length, season, deseasonalized, log, windowLength },
    };
  }

  /** The best one; without scores what is fitted by likelihood. */
  #choose(methods: readonly ForecastMethod[], scores: readonly MethodScore[]): ForecastMethod {
    if (this.#settings.modelOnly) {
      if (methods.includes('model')) return 'model';
      throw new DataError(
        `forecast: the model's forecast is not finite, or more than ${MOST_RANGES} ranges of the series away from it. Let other ` +
          'methods forecast, or train with a smaller learning rate.',
      );
    }
    return scores[0]?.method ?? (methods.includes('ets') ? 'ets' : 'naive');
  }

  #interval(
    method: ForecastMethod,
    predicted: Float64Array,
    folds: readonly Fold[],
  ): { low: Float64Array; high: Float64Array } {
    const [{ prepared }] = this.cuts as [Cut];
    const errors = folds.flatMap(({ forecasts, actual }) => {
      const own = forecasts.get(method);
      return own ? [{ predicted: prepared.level(own), actual: prepared.level(actual) }] : [];
    });
    const middle = prepared.level(predicted);
    const radii = radiiOf(errors, prepared.values, predicted.length, this.#settings.level);
    return {
      low: prepared.valuesAt(middle.map((value, k) => value - radii[k]!)),
      high: prepared.valuesAt(middle.map((value, k) => value + radii[k]!)),
    };
  }
}

type Forecasts = ReadonlyMap<ForecastMethod, Float64Array>;

/** An origin before the end. */
interface Fold {
  forecasts: Forecasts;
  /** [horizon] */
  actual: Float64Array;
  scale: number;
}

/** Undefined where the method did not forecast from every origin, or there is none. */
function scoreOf(method: ForecastMethod, folds: readonly Fold[]): MethodScore | undefined {
  const all = folds.map(({ forecasts }) => forecasts.get(method));
  if (all.length === 0 || all.includes(undefined)) return undefined;
  const maes = folds.map(({ actual }, k) => meanOf(actual.map((value, t) => Math.abs(value - all[k]![t]!))));
  const hasScales = folds.every(({ scale }) => scale > 0);
  return {
    ...{ method, mae: meanOf(maes) },
    mase: hasScales ? meanOf(maes.map((mae, k) => mae / folds[k]!.scale)) : null,
  };
}

const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** Whether a forecast is within so many ranges of the series. */
function isNear(forecast: Float64Array, series: Float64Array): boolean {
  const least = series.reduce((a, b) => Math.min(a, b));
  const most = series.reduce((a, b) => Math.max(a, b));
  const reach = MOST_RANGES * (most - least);
  return forecast.every((value) => value >= least - reach && value <= most + reach);
}

function readSeriesOf(input: DatedSeries): { series: RecipeSeries; moments: Float64Array | undefined } {
  const frame = (isFrame(input) ? input : { target: input }) as SeriesFrame & { moments?: NumericArray };
  checkOptions('series', frame, { id: true, target: true, past: true, future: true, holes: true, moments: true });
  const target = float64s('series', frame.target, { ...FINITE, copy: true });
  if (target.length === 0) throw new DataError('forecast: got no rows, expected at least one.');
  const hole = frame.holes ? float64s('holes', frame.holes).indexOf(1) : -1;
  if (hole >= 0)
    throw new DataError(
      `forecast: row ${hole + 1} is a hole, a row without a value of its own. Fill such rows: missing and gaps 'interpolate' or ` +
        "'previous' (--missing, --gaps).",
    );
  const columns = (kind: 'past' | 'future') =>
    Object.fromEntries(
      Object.entries(frame[kind] ?? {}).map(([name, column]) => [
        name,
        float64s(`${kind}.${name}`, column, { ...FINITE, copy: true }),
      ]),
    );
  const moments = frame.moments && float64s('moments', frame.moments, FINITE);
  if (moments && moments.length !== target.length)
    throw new ShapeError(`moments: got ${moments.length} rows, expected ${target.length}, as the target has.`);
  return { series: { id: frame.id, target, past: columns('past'), future: columns('future') }, moments };
}
