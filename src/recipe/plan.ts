import { momentsAhead } from '../data/ahead.ts';
import { DataError } from '../errors.ts';
import type { Settled } from '../kinds.ts';
import { Cut, isTrainable, LEAST_WINDOWS, type RecipeSeries, replacedRows, rowsBefore } from './cut.ts';
import type { Job, Trained } from './direct.ts';
import { intervalOf, radiusOf } from './intervals.ts';
import type { ForecastMethod } from './method_names.ts';
import { methodForecasts } from './methods.ts';
import { recipeFile } from './recipe_file.ts';
import { errorOf, isNear, type MethodScore, meanForecast, type ScoredOrigin, scaleOf, scoreOf } from './scores.ts';
import { leapDaysAhead, possibleSeasons, strongSeasons } from './seasons.ts';
import { checkAhead, checkLogarithms, type DatedSeries, givenSeries } from './series.ts';
import { MOST_AHEAD, type RECIPE, windowFor } from './settings.ts';
import { candidatesOf, recipeOf, type Variant } from './variants.ts';

export type RecipeSettings = Settled<typeof RECIPE>;

/** A forecast farther outside the series than this many of its ranges is rejected. */
const MOST_RANGES = 10;

/** Steps that are forecast without a season. */
const WITHOUT_SEASON = 10;

/**
 * Methods for a series that is mostly 0. The others start from its last value: they forecast 0, which is seldom wrong, but is not the
 * mean that a user needs.
 */
const OF_SPARSE: readonly ForecastMethod[] = ['ets', 'theta', 'movingAverage'];

/** How many of several recipes are averaged. */
const BEST = 3;

/** The rows after the end of a series. */
export interface ForecastResult {
  /** Undefined if the series has none. */
  id: string | undefined;
  /** [horizon] each, in the units of the series. */
  predicted: Float64Array;
  low: Float64Array;
  high: Float64Array;
  level: number;
  /** The dates of the forecast in ms since 1970 [horizon]; undefined if the series has none, or irregular ones. */
  moments: Float64Array | undefined;
  /** The method of the forecast. */
  method: ForecastMethod;
  /** Best method first. Empty if there are too few rows to score any. */
  scores: MethodScore[];
  /** The recipes that `auto` tried, best first, with their errors; the mean of the best three is the model. Empty without `auto`. */
  candidates: { name: string; error: number }[];
  /** Origins that methods were scored from. */
  folds: number;
  /** Rows per season of the series; 1: none. */
  season: number;
  /** Rows of the seasons that were removed before training. */
  deseasonalized: readonly number[];
  /** Whether logarithms were learned. */
  log: boolean;
  windowLength: number;
  /** Indices of the rows whose values are outliers, and were replaced by the mean of their neighbors. */
  outliers: readonly number[];
  /** A file for forecasts without training: `forecast(series, { device, model })`. */
  model: Uint8Array<ArrayBuffer>;
}

type Forecasts = ReadonlyMap<ForecastMethod, Float64Array>;

/** A series, its variants, and the origins of its forecasts: the end first, then those before it. */
export class Plan {
  readonly #settings: RecipeSettings;
  readonly #series: RecipeSeries;
  readonly #moments: Float64Array | undefined;
  readonly #season: number;
  readonly #variants: readonly Variant[];
  readonly #seasons: readonly number[];
  readonly #origins: readonly number[];
  /** See {@link #cuts}. */
  #made: readonly (readonly Cut[])[] | undefined;
  readonly #folds: readonly ScoredOrigin[];

  /** @throws DataError, ShapeError, ConfigError for a series that cannot be forecast. */
  constructor(input: DatedSeries, settings: RecipeSettings) {
    const { moments, ...columns } = givenSeries(input);
    const { outliers } = settings;
    const rows = columns.target.length;
    const target = rowsBefore({ ...columns, outliers }, rows);
    checkLogarithms(target, settings.log === 'on');
    const asked = settings.seasons && [...new Set(settings.seasons)].filter((rows) => rows > 1).sort((a, b) => a - b);
    const possible = asked ? { seasons: asked, least: 2 } : possibleSeasons(target, moments);
    const [usual = 1] = possible.seasons;
    const { horizon = usual > 1 ? Math.min(usual, MOST_AHEAD) : WITHOUT_SEASON } = settings;
    checkAhead(columns, horizon);
    const ahead = momentsAhead({ moments }, horizon);
    const series = { ...columns, outliers, leapDays: leapDaysAhead(moments, ahead) };
    const windowOf = (season: number) => settings.windowLength ?? windowFor(season, horizon, rows);
    const least = Math.max(possible.least * usual + 1, windowOf(usual) + horizon + LEAST_WINDOWS - 1);
    const numFolds = Math.max(0, Math.min(settings.folds, Math.floor((rows - least) / horizon)));
    const origins = Array.from({ length: numFolds + 1 }, (_, k) => rows - k * horizon);
    // decisions that all origins share use only the rows before the first one
    const first = rowsBefore(series, origins.at(-1)!);
    const seasons = asked ?? possibleSeasons(first, moments?.subarray(0, first.length)).seasons;
    const [season = 1] = asked ?? strongSeasons(first, seasons, series.leapDays);
    const hasColumns = Object.keys({ ...series.past, ...series.future }).length > 0;
    const recipe = recipeOf(settings, horizon, windowOf(season), hasColumns);
    this.#settings = settings;
    this.#series = series;
    this.#moments = ahead;
    this.#season = season;
    const traits = { log: first.every((value) => value > 0), isSeasonal: season > 1 };
    const longWindow = windowFor(2 * Math.max(season, WITHOUT_SEASON), horizon, first.length);
    this.#variants = settings.auto ? candidatesOf(recipe, { ...traits, longWindow }) : [recipe];
    this.#seasons = seasons;
    this.#origins = origins;
    this.#folds = origins.slice(1).map((origin) => ({
      actual: rowsBefore(series, origin + horizon).subarray(origin),
      scale: scaleOf(rowsBefore(series, origin), season),
    }));
    if (settings.modelOnly && !isTrainable(target, recipe.learning))
      throw new DataError(
        `forecast: ${rows} rows are too few to train a model with a window of ${recipe.learning.windowLength} and a horizon of ` +
          `${horizon}, or they are all equal. Give more rows or a smaller horizon, or allow other methods (leave out ` +
          '--model-only, modelOnly).',
      );
  }

  /** [variants][origins], created on first use: removing seasons from a long series is slow, and a check does not need it. */
  get #cuts(): readonly (readonly Cut[])[] {
    this.#made ??= this.#variants.map((variant) =>
      this.#origins.map((origin) => new Cut(this.#series, origin, this.#seasons, variant)),
    );
    return this.#made;
  }

  /** The trainings of each variant and origin; undefined where there are too few rows. */
  get jobs(): (Job | undefined)[] {
    return this.#cuts.flatMap((cuts) => cuts.map((cut) => cut.job));
  }

  /** @param trained the models, in the order of {@link jobs}. */
  conclude(trained: readonly (Trained | undefined)[]): ForecastResult {
    const [cuts] = this.#cuts as [readonly Cut[]];
    const [end] = cuts as [Cut];
    const { level } = this.#settings;
    const modelOf = (v: number, place: number) => trained[v * cuts.length + place];
    const restored = this.#cuts.map((own, v) =>
      own.map(({ prepared }, place) => {
        const model = modelOf(v, place);
        return model && prepared.restore(model.forecast);
      }),
    );
    const { horizon, windowLength } = this.#variants[0]!.learning;
    const best = cuts.map((_, place) => this.#bestAt(place, restored));
    const [ahead, ...before] = cuts.map((cut, place): Forecasts => {
      const own = best[place]!.map((v) => restored[v]![place]!);
      return methodForecasts(cut, this.#season, horizon, own.length > 0 ? meanForecast(own) : undefined);
    }) as [Forecasts, ...Forecasts[]];
    const { id, outliers } = this.#series;
    const target = end.known;
    const isSparse = !this.#settings.modelOnly && target.filter((value) => value === 0).length > target.length / 2;
    const isUsable = (name: ForecastMethod) =>
      (!isSparse || OF_SPARSE.includes(name)) &&
      isNear(ahead.get(name)!, target, MOST_RANGES) &&
      before.every((own) => own.get(name)?.every(Number.isFinite));
    const methods = [...ahead.keys()].filter(isUsable);
    const beforeOf = (name: ForecastMethod) => before.map((own) => own.get(name)!);
    const scores = methods
      .flatMap((method) => ({ method, ...scoreOf(beforeOf(method), this.#folds) }))
      .filter((score): score is MethodScore => score.mae !== undefined)
      .toSorted((a, b) => errorOf(a) - errorOf(b));
    const method = this.#choose(methods, scores);
    const predicted = ahead.get(method)!;
    const errors = beforeOf(method).map((forecast, k) => ({
      predicted: end.prepared.level(forecast),
      actual: end.prepared.level(this.#folds[k]!.actual),
    }));
    const radius = radiusOf(errors, end.prepared.values, horizon, level);
    const measured = { method, scores, candidates: this.#candidates(restored), folds: this.#folds.length, level };
    const decided = ({ log, deseasonalized }: Cut) => ({ log, deseasonalized });
    const read = { season: this.#season, windowLength, ...decided(end) };
    const models = best[0]!.map((v) => ({ ...decided(this.#cuts[v]![0]!), ...modelOf(v, 0)! }));
    return {
      ...{ id, predicted, ...intervalOf(predicted, end, radius, level), ...measured, ...read },
      moments: this.#moments,
      outliers: replacedRows(this.#series),
      model: recipeFile({ ...measured, ...read, outliers, horizon, radius, models }),
    };
  }

  /**
   * The variants whose mean is the model from an origin: those with the smallest errors from the other origins, or the first ones
   * if there are no others.
   * @param restored [variants][origins]
   */
  #bestAt(place: number, restored: Restored): number[] {
    const able = [...restored.keys()].filter((v) => restored[v]![place] !== undefined);
    const errors = restored.map((own) => this.#errorOf(own, place));
    return able.toSorted((a, b) => errors[a]! - errors[b]!).slice(0, BEST);
  }

  /** The error of a variant over the folds other than `but`: the fold that scores it must not choose it. 0 without other folds. */
  #errorOf(own: readonly (Float64Array | undefined)[], but: number): number {
    const others = this.#folds.map((_, k) => k + 1).filter((place) => place !== but && own[place] !== undefined);
    const score = scoreOf(
      others.map((place) => own[place]!),
      others.map((place) => this.#folds[place - 1]!),
    );
    return score ? errorOf(score) : 0;
  }

  #candidates(restored: Restored): { name: string; error: number }[] {
    if (this.#variants.length === 1 || this.#folds.length === 0) return [];
    const all = this.#variants.map(({ name }, v) => ({ name, error: this.#errorOf(restored[v]!, 0) }));
    return all.toSorted((a, b) => a.error - b.error);
  }

  /** The best method; without scores, the one that is fitted by likelihood. */
  #choose(methods: readonly ForecastMethod[], scores: readonly MethodScore[]): ForecastMethod {
    if (!this.#settings.modelOnly) return scores[0]?.method ?? (methods.includes('ets') ? 'ets' : 'naive');
    if (methods.includes('model')) return 'model';
    throw new DataError(
      `forecast: the model's forecast is not finite, or more than ${MOST_RANGES} times the range of the series away from it. Allow ` +
        'other methods (leave out --model-only, modelOnly), or train with a smaller learning rate.',
    );
  }
}

/** Forecasts of variants from origins, [variants][origins][horizon]; undefined where no model was trained. */
type Restored = readonly (readonly (Float64Array | undefined)[])[];
