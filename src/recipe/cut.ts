import { columnsFrom, type Job, type KnownColumns } from './direct.ts';
import { classicalForecasts, type ForecastMethod } from './methods.ts';
import { Prepared } from './prepare.ts';
import { strongSeasons } from './seasons.ts';

/** A series as a forecast reads it. */
export interface RecipeSeries extends KnownColumns {
  id: string | undefined;
}

/** How a series is read. */
export interface CutOptions {
  /** Rows ahead. */
  horizon: number;
  /** Rows of a season, for the methods that know one; 1: none. */
  season: number;
  /** Rows of the seasons that may be taken out. */
  seasons: readonly number[];
  log: 'auto' | 'on' | 'off';
  deseasonalize: 'auto' | 'on' | 'off';
  windowLength: number;
}

/** A series up to an origin: nothing behind it is looked at, but what is known ahead. */
export class Cut {
  /** [rows] */
  readonly known: Float64Array;
  /** Logarithms are learned. */
  readonly log: boolean;
  /** Rows of the seasons that were taken out. */
  readonly deseasonalized: readonly number[];
  readonly prepared: Prepared;
  readonly #series: RecipeSeries;
  readonly #options: CutOptions;

  /** @param rows before the origin. */
  constructor(series: RecipeSeries, rows: number, options: CutOptions) {
    this.#series = series;
    this.#options = options;
    this.known = series.target.subarray(0, rows);
    const { log, seasons, deseasonalize } = options;
    this.log = log === 'auto' ? this.known.every((value) => value > 0) : log === 'on';
    const level = this.log ? this.known.map(Math.log) : this.known;
    const whole = deseasonalize === 'off' ? [] : seasons.filter((season) => rows > 2 * season);
    this.deseasonalized = deseasonalize === 'auto' ? strongSeasons(level, whole) : whole;
    this.prepared = new Prepared(this.known, { log: this.log, seasons: this.deseasonalized });
  }

  /** What a model is trained on; undefined where there are fewer windows than it needs. */
  job(leastWindows: number): Job | undefined {
    const { windowLength, horizon } = this.#options;
    const rows = this.known.length;
    if (rows < windowLength + horizon + leastWindows - 1) return undefined;
    const past = columnsFrom(this.#series.past, 0, rows);
    const future = columnsFrom(this.#series.future, 0, rows + horizon);
    const frame = { target: this.prepared.values, past, future };
    return { frame, windowLength, horizon };
  }

  /** What each method forecasts [horizon]. @param ofModel as it learned, where one was trained. Nothing that is not finite. */
  forecasts(ofModel: Float64Array | undefined): Map<ForecastMethod, Float64Array> {
    const { season, horizon } = this.#options;
    const all = new Map<ForecastMethod, Float64Array>(classicalForecasts(this.known, season, horizon));
    if (ofModel) all.set('model', this.prepared.restore(ofModel));
    for (const [name, values] of all) if (!values.every(Number.isFinite)) all.delete(name);
    return all;
  }

  /** Mean absolute seasonal difference, or from row to row where there is no whole season; 0 where nothing changes. */
  get scale(): number {
    const rows = this.known.length;
    const { season } = this.#options;
    const lag = rows > season ? season : 1;
    let sum = 0;
    for (let t = lag; t < rows; t++) sum += Math.abs(this.known[t]! - this.known[t - lag]!);
    return rows > lag ? sum / (rows - lag) : 0;
  }
}
