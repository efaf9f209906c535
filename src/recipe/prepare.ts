import { type MultipleDecomposition, mstl, seasonsAhead } from '../stats/mstl.ts';

/** What is removed from a series before a model learns the rest. */
export interface Preparation {
  /** Natural logarithms are learned instead of the values; all values are above 0. */
  log: boolean;
  /** Rows of the seasons that STL removes, with more than two of each in the series; none: the series as it is. */
  seasons: readonly number[];
  /** 1 for each 29 February of a daily series, [rows and steps ahead]; undefined if there is none. */
  leapDays?: Uint8Array | undefined;
}

/** A series as a model learns it, and the inverse. */
export class Prepared {
  /** [rows], without the seasons. */
  readonly values: Float64Array;
  /** Whether they are logarithms. */
  readonly log: boolean;
  readonly #seasonals: MultipleDecomposition['seasonals'];
  readonly #leapAhead: Uint8Array | undefined;

  /** @param values [rows], finite; only these rows are used. */
  constructor(values: Float64Array, { log, seasons, leapDays }: Preparation) {
    this.log = log;
    const level = this.level(values);
    const leap = leapDays?.subarray(0, values.length);
    this.#leapAhead = leapDays?.subarray(values.length);
    this.#seasonals = seasons.length > 0 ? mstl(level, seasons, { ...(leap && { leapDays: leap }) }).seasonals : [];
    this.values = level.map((value, t) => this.#seasonals.reduce((rest, part) => rest - part.values[t]!, value));
  }

  /** Logarithms of values, or the values themselves. */
  level(values: Float64Array): Float64Array {
    return this.log ? values.map(Math.log) : values;
  }

  /** The inverse of {@link level}. */
  valuesAt(level: Float64Array): Float64Array {
    return this.log ? level.map(Math.exp) : level;
  }

  /** A forecast of the rows after the last one [horizon], in the units of the series. */
  restore(forecast: Float64Array): Float64Array {
    if (this.#seasonals.length === 0) return this.valuesAt(forecast);
    const ahead = seasonsAhead(this.#seasonals, forecast.length, this.#leapAhead);
    return this.valuesAt(forecast.map((value, k) => value + ahead[k]!));
  }
}
