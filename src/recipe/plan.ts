import { momentsAhead } from '../data/ahead.ts';
import { DataError } from '../errors.ts';
import type { Settled } from '../kinds.ts';
import { fitEts } from '../stats/ets.ts';
import { Cut, LEAST_WINDOWS, type RecipeSeries } from './cut.ts';
import type { Job } from './direct.ts';
import { radiiOf } from './intervals.ts';
import { classicalForecasts, type ForecastMethod, newestRows } from './methods.ts';
import { errorOf, isNear, type MethodScore, meanForecast, type ScoredOrigin, scaleOf, scoreOf } from './scores.ts';
import { leapDaysOf, possibleSeasons, strongSeasons } from './seasons.ts';
import { checkAhead, type DatedSeries, givenSeries } from './series.ts';
import { type RECIPE, windowFor } from './settings.ts';
import { candidatesOf, recipeOf, type Variant } from './variants.ts';

export type RecipeSettings = Settled<typeof RECIPE>;

/** Farther than this many ranges of a series outside of it nothing is forecast. */
const MOST_RANGES = 10;

/** Rows that are forecast where there is no season. */
const WITHOUT_SEASON = 10;

/** Of several recipes so many are averaged. */
const BEST = 3;

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
  /** Of `auto` what was tried, the best first, by its error; the mean of the best three is the model. Empty without. */
  candidates: { name: string; error: number }[];
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

type Forecasts = ReadonlyMap<ForecastMethod, Float64Array>;

/** A series, how it is read, and from where it is forecast: the end first, then the origins before it. */
export class Plan {
  readonly #settings: RecipeSettings;
  readonly #series: RecipeSeries;
  readonly #season: number;
  readonly #variants: readonly Variant[];
  /** [variants][origins] */
  readonly #cuts: readonly (readonly Cut[])[];
  readonly #folds: readonly ScoredOrigin[];

  /** @throws DataError, ShapeError, ConfigError for a series that cannot be forecast. */
  constructor(input: DatedSeries, settings: RecipeSettings) {
    const { moments, ...columns } = givenSeries(input);
    const { target } = columns;
    const rows = target.length;
    checkLogarithms(target, settings);
    const asked = settings.seasons?.filter((season) => season > 1);
    const possible = asked ?? possibleSeasons(target, moments);
    const { horizon = possible[0] ?? WITHOUT_SEASON } = settings;
    checkAhead(columns, horizon);
    const dates = moments && [...moments, ...(momentsAhead({ dates: undefined, moments }, horizon) ?? [])];
    const series = { ...columns, leapDays: dates && leapDaysOf(Float64Array.from(dates)) };
    const windowOf = (season: number) => settings.windowLength ?? windowFor(season, horizon, rows);
    const [usual = 1] = possible;
    const cycles = asked || moments ? 2 : 3; // to find one in the values takes more
    const least = Math.max(cycles * usual + 1, windowOf(usual) + horizon + LEAST_WINDOWS - 1);
    const numFolds = Math.max(0, Math.min(settings.folds, Math.floor((rows - least) / horizon)));
    const origins = Array.from({ length: numFolds + 1 }, (_, k) => rows - k * horizon);
    // what all origins share is decided on the rows before the first one
    const first = target.subarray(0, origins.at(-1));
    const seasons = asked ?? possibleSeasons(first, moments?.subarray(0, first.length));
    const [season = 1] = asked ?? strongSeasons(first, seasons, series.leapDays);
    const recipe = recipeOf(settings, horizon, windowOf(season));
    this.#settings = settings;
    this.#series = series;
    this.#season = season;
    const traits = { log: first.every((value) => value > 0), isSeasonal: season > 1 };
    const longWindow = windowFor(2 * Math.max(season, WITHOUT_SEASON), horizon, first.length);
    this.#variants = settings.auto ? candidatesOf(recipe, { ...traits, longWindow }) : [recipe];
    this.#cuts = this.#variants.map((variant) => origins.map((origin) => new Cut(series, origin, seasons, variant)));
    this.#folds = origins.slice(1).map((origin) => ({
      ...{ actual: target.subarray(origin, origin + horizon), scale: scaleOf(target.subarray(0, origin), season) },
    }));
    if (settings.modelOnly && !this.jobs[0])
      throw new DataError(
        `forecast: of ${rows} rows no model can be trained with a window of ${recipe.learning.windowLength} and a horizon of ` +
          `${horizon}, or they are all the same. Give more rows, or let other methods forecast.`,
      );
  }

  /** What is to be trained, of each variant and origin; undefined where there are too few rows. */
  get jobs(): (Job | undefined)[] {
    return this.#cuts.flatMap((cuts) => cuts.map((cut) => cut.job));
  }

  /** @param trained what each model forecasts, in the order of {@link jobs}. */
  conclude(trained: readonly (Float64Array | undefined)[]): ForecastResult {
    const [cuts] = this.#cuts as [readonly Cut[]];
    const restored = this.#cuts.map((own, v) =>
      own.map(({ prepared }, k) => {
        const forecast = trained[v * own.length + k];
        return forecast && prepared.restore(forecast);
      }),
    );
    const all = cuts.map((cut, place) => this.#forecasts(cut, this.#modelAt(place, restored)));
    const [ahead, ...before] = all as [Forecasts, ...Forecasts[]];
    const { target, id } = this.#series;
    const methods = [...ahead.keys()].filter(
      (name) =>
        isNear(ahead.get(name)!, target, MOST_RANGES) && before.every((own) => own.get(name)?.every(Number.isFinite)),
    );
    const scores = methods
      .flatMap((method) => {
        const score = scoreOf(
          before.map((own) => own.get(method)!),
          this.#folds,
        );
        return score ? [{ method, ...score }] : [];
      })
      .toSorted((a, b) => errorOf(a) - errorOf(b));
    const method = this.#choose(methods, scores);
    const predicted = ahead.get(method)!;
    const [{ log, deseasonalized }] = cuts as [Cut];
    const { windowLength } = this.#variants[0]!.learning;
    return {
      ...{
        id,
        predicted,
        ...this.#interval(
          predicted,
          before.map((own) => own.get(method)!),
        ),
      },
      ...{ level: this.#settings.level, method, scores, candidates: this.#candidates(restored) },
      ...{ folds: this.#folds.length, season: this.#season, deseasonalized, log, windowLength },
    };
  }

  /** What each method forecasts [horizon]. @param model undefined where none was trained. */
  #forecasts({ known, prepared, deseasonalized }: Cut, model: Float64Array | undefined): Forecasts {
    const { horizon } = this.#variants[0]!.learning;
    const all = new Map<ForecastMethod, Float64Array>(classicalForecasts(known, this.#season, horizon));
    if (deseasonalized.length > 0)
      all.set('stlEts', prepared.restore(fitEts(newestRows(prepared.values)).forecast(horizon)));
    if (model) {
      all.set('model', model);
      all.set('modelAndEts', meanForecast([model, all.get('stlEts') ?? all.get('ets')!]));
    }
    const floor = floorOf(known);
    return new Map(Array.from(all, ([name, own]) => [name, own.map((value) => Math.max(floor, value))]));
  }

  /**
   * What the model forecasts from an origin: of several variants the mean of the best, by what they were off by from the other
   * origins. @param restored [variants][origins]
   */
  #modelAt(place: number, restored: Restored): Float64Array | undefined {
    const able = restored.filter((own) => own[place] !== undefined);
    const ranked = able.toSorted((a, b) => this.#errorOf(a, place) - this.#errorOf(b, place));
    return able.length === 0 ? undefined : meanForecast(ranked.slice(0, BEST).map((own) => own[place]!));
  }

  /** The error of a variant over the folds, but for that of an origin where there are others. */
  #errorOf(own: readonly (Float64Array | undefined)[], but: number): number {
    const places = this.#folds.map((_, k) => k + 1).filter((place) => own[place] !== undefined);
    const others = places.filter((place) => place !== but);
    const some = others.length > 0 ? others : places;
    const score = scoreOf(
      some.map((place) => own[place]!),
      some.map((place) => this.#folds[place - 1]!),
    );
    return score ? errorOf(score) : 0;
  }

  #candidates(restored: Restored): { name: string; error: number }[] {
    if (this.#variants.length === 1 || this.#folds.length === 0) return [];
    const all = this.#variants.map(({ name }, v) => ({ name, error: this.#errorOf(restored[v]!, 0) }));
    return all.toSorted((a, b) => a.error - b.error);
  }

  /** The best one; without scores what is fitted by likelihood. */
  #choose(methods: readonly ForecastMethod[], scores: readonly MethodScore[]): ForecastMethod {
    if (!this.#settings.modelOnly) return scores[0]?.method ?? (methods.includes('ets') ? 'ets' : 'naive');
    if (methods.includes('model')) return 'model';
    throw new DataError(
      `forecast: the model's forecast is not finite, or more than ${MOST_RANGES} ranges of the series away from it. Let other ` +
        'methods forecast, or train with a smaller learning rate.',
    );
  }

  /** @param before what the same method forecast from each fold's origin. */
  #interval(predicted: Float64Array, before: readonly Float64Array[]): { low: Float64Array; high: Float64Array } {
    const { prepared } = this.#cuts[0]![0]!;
    const errors = before.map((forecast, k) => ({
      predicted: prepared.level(forecast),
      actual: prepared.level(this.#folds[k]!.actual),
    }));
    const middle = prepared.level(predicted);
    const radii = radiiOf(errors, prepared.values, predicted.length, this.#settings.level);
    const low = prepared.valuesAt(middle.map((value, k) => value - radii[k]!));
    const high = prepared.valuesAt(middle.map((value, k) => value + radii[k]!));
    const floor = Math.min(0, floorOf(this.#series.target));
    return { low: low.map((value) => Math.max(floor, value)), high };
  }
}

/** Below which nothing is forecast: of a series without a negative value 0, of one above 0 a hundredth of its smallest value. */
function floorOf(values: Float64Array): number {
  const least = values.reduce((a, b) => Math.min(a, b));
  return least < 0 ? -Infinity : least / 100;
}

/** What variants forecast from origins, [variants][origins][horizon]; undefined where no model was trained. */
type Restored = readonly (readonly (Float64Array | undefined)[])[];

function checkLogarithms(target: Float64Array, { log }: RecipeSettings): void {
  const row = log === 'on' ? target.findIndex((value) => value <= 0) : -1;
  if (row >= 0)
    throw new DataError(
      `forecast: row ${row + 1} is ${target[row]}, but a logarithm is of a number above 0. Leave log out, or 'off'.`,
    );
}
