import { outliersOf, withoutOutliers } from '../stats/outliers.ts';
import { columnsFrom, type Job, type KnownColumns, type Learning } from './direct.ts';
import { Prepared } from './prepare.ts';
import { strongSeasons } from './seasons.ts';
import type { Variant } from './variants.ts';

/** A series as a forecast reads it. */
export interface RecipeSeries extends KnownColumns {
  id: string | undefined;
  /** 1 for each 29 February of a series of days, [rows + horizon]; undefined where there is none. */
  leapDays: Uint8Array | undefined;
  outliers: 'replace' | 'keep';
}

/** The first rows of a series, with outliers replaced, for every method. */
export const rowsBefore = (
  { target, outliers }: Pick<RecipeSeries, 'target' | 'outliers'>,
  rows: number,
): Float64Array => (outliers === 'keep' ? target.subarray(0, rows) : withoutOutliers(target.subarray(0, rows)));

/** Indices of the rows whose values {@link rowsBefore} replaces in the whole series. */
export const replacedRows = ({ target, outliers }: Pick<RecipeSeries, 'target' | 'outliers'>): number[] =>
  outliers === 'keep' ? [] : outliersOf(target);

/** Fewest windows that a model is trained on. */
export const LEAST_WINDOWS = 8;

/** What is removed from a series. */
export interface Decided {
  log: boolean;
  /** Rows of the seasons. */
  deseasonalized: readonly number[];
}

/** A series up to an origin, as a model learns it: nothing after the origin is used, except columns known ahead. */
export class Cut implements Decided {
  /** [rows] */
  readonly known: Float64Array;
  /** Logarithms are learned. */
  readonly log: boolean;
  /** Rows of the seasons that were removed. */
  readonly deseasonalized: readonly number[];
  readonly prepared: Prepared;
  readonly #series: RecipeSeries;
  readonly #variant: Variant;

  /** @param rows before the origin. @param seasons rows of those that may be removed. */
  constructor(series: RecipeSeries, rows: number, seasons: readonly number[], variant: Variant) {
    this.#series = series;
    this.#variant = variant;
    this.known = rowsBefore(series, rows);
    const { log, deseasonalize, learning } = variant;
    this.log = log === 'auto' ? this.known.every((value) => value > 0) : log === 'on';
    const level = this.log ? this.known.map(Math.log) : this.known;
    const leapDays = series.leapDays?.subarray(0, rows + learning.horizon);
    const whole = deseasonalize === 'off' ? [] : seasons.filter((season) => rows > 2 * season);
    this.deseasonalized = deseasonalize === 'auto' ? strongSeasons(level, whole, leapDays) : whole;
    this.prepared = new Prepared(this.known, { log: this.log, seasons: this.deseasonalized, leapDays });
  }

  /** The training of a model; undefined if there are too few windows, or the series is constant. */
  get job(): Job | undefined {
    const { learning } = this.#variant;
    if (!isTrainable(this.known, learning)) return undefined;
    const rows = this.known.length;
    const { horizon } = learning;
    const past = columnsFrom(this.#series.past, 0, rows);
    const future = columnsFrom(this.#series.future, 0, rows + horizon);
    return { frame: { target: this.prepared.values, past, future }, learning };
  }
}

/** Whether a series has enough windows to train a model, and is not constant. */
export const isTrainable = (
  values: Float64Array,
  { windowLength, horizon }: Pick<Learning, 'windowLength' | 'horizon'>,
): boolean =>
  values.length >= windowLength + horizon + LEAST_WINDOWS - 1 && values.some((value) => value !== values[0]);
