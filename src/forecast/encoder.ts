import { float32s } from '../arrays.ts';
import { rearranged } from '../data/quantiles.ts';
import { createScaler, type Scaler, scalerFromJSON } from '../data/scaler.ts';
import { applyTransform, invertTransform, transformLag } from '../data/transforms.ts';
import type { SeriesColumns } from './frame.ts';
import { type ForecastShape, numQuantiles, rowsAhead } from './shape.ts';

/** The scalers of a series' columns. */
export interface SeriesScalers {
  target: Scaler;
  past: readonly Scaler[];
  future: readonly Scaler[];
}

/**
 * Fits the scalers of a series on some of its rows, without holes. A constant target is rejected, since there is nothing to
 * learn; a constant covariate is kept.
 * @throws DataError
 */
export function fitScalers(
  frame: SeriesColumns,
  shape: ForecastShape,
  rows: { first: number; end: number },
): SeriesScalers {
  const constant = 'keep';
  const { holes } = frame;
  const lag = skippedRows(shape);
  const some = (values: Float64Array, back: number) => {
    const own = values.subarray(rows.first, rows.end);
    return holes ? own.filter((_, k) => !holes[rows.first + k] && !holes[rows.first + k - back]) : own;
  };
  const fit = (values: Float64Array) => createScaler(shape.scaler).fit(some(values, 0), { constant });
  const steps = some(applyTransform(shape.transform, frame.target), lag);
  const seen = shape.scalePer === 'last' ? changesOver(steps, shape.horizon) : steps;
  return {
    target: createScaler(shape.scaler).fit(seen, shape.scalePer === 'series' ? undefined : { constant }),
    past: frame.past.map(fit),
    future: frame.future.map(fit),
  };
}

/** The changes of a series over `rows` rows, or fewer if it is shorter. */
function changesOver(values: Float64Array, rows: number): Float64Array {
  const lag = Math.max(1, Math.min(rows, values.length - 2));
  return values.subarray(lag).map((value, t) => value - values[t]!);
}

/** Converts a series to the units of the model, and its outputs back. */
export class Encoder {
  readonly frame: SeriesColumns;
  readonly #shape: ForecastShape;
  readonly #scalers: SeriesScalers;
  /** [rows]: the target's values or, with a transform, their differences. */
  readonly #steps: Float64Array;
  /** [rows] each, scaled over the whole series; a window's own scale, if it has one, replaces those of target and past. */
  readonly #target: Float32Array;
  readonly #past: readonly Float32Array[];
  readonly #future: readonly Float32Array[];

  /** @throws DataError if a value is not finite, has no logarithm when one is needed, or is beyond float32 once scaled. */
  constructor(frame: SeriesColumns, shape: ForecastShape, scalers: SeriesScalers) {
    this.frame = frame;
    this.#shape = shape;
    this.#scalers = scalers;
    this.#steps = applyTransform(shape.transform, frame.target);
    const scaled = (name: string, scaler: Scaler, column: Float64Array) =>
      float32s(`${name} (scaled)`, scaler.transform(column));
    this.#target = scaled('series', scalers.target, this.#steps);
    this.#past = frame.past.map((column, k) => scaled(`past.${shape.past[k]}`, scalers.past[k]!, column));
    this.#future = frame.future.map((column, k) => scaled(`future.${shape.future[k]}`, scalers.future[k]!, column));
  }

  /** The whole series as rows of inputs, [rows, I]; the target's column first. */
  rows(): Float32Array<ArrayBuffer> {
    const { inputSize: I } = this.#shape.config;
    const rows = new Float32Array(this.frame.target.length * I);
    for (let row = 0; row < this.frame.target.length; row++) this.#writeRow(rows, row * I, row);
    return rows;
  }

  /**
   * A single window and the `targets` rows after it, which contain only the target: [T + targets, I], scaled as `scalePer`
   * specifies.
   * @param start its first row.
   */
  window(start: number, targets = 0): Float32Array<ArrayBuffer> {
    const { config, windowLength: T } = this.#shape;
    const I = config.inputSize;
    const rows = new Float32Array((T + targets) * I);
    for (let t = 0; t < T; t++) this.#writeRow(rows, t * I, start + t);
    for (let t = T; t < T + targets; t++) rows[t * I] = this.#target[start + t]!;
    if (this.#shape.scalePer === 'series') return rows;
    const scaled = this.#scalerOf(start).transform(this.#steps.subarray(start, start + T + targets));
    for (const [t, value] of float32s('series (scaled by its window)', scaled).entries()) rows[t * I] = value;
    if (this.#shape.scalePer === 'last') return rows;
    for (const [k, column] of this.frame.past.entries()) {
      const own = column.subarray(start, start + T);
      const values = createScaler(this.#shape.scaler).fit(own, { constant: 'keep' }).transform(own);
      for (const [t, value] of values.entries()) rows[t * I + 1 + k] = value;
    }
    return rows;
  }

  /** A single window and the `count` rows after it, which contain only columns known ahead: [T + count, I]. */
  windowAndAhead(start: number, count: number): Float32Array<ArrayBuffer> {
    const { config, windowLength: T } = this.#shape;
    const I = config.inputSize;
    const rows = new Float32Array((T + count) * I);
    rows.set(this.window(start));
    for (let t = T; t < T + count; t++) this.#writeFuture(rows, t * I, start + t);
    return rows;
  }

  /**
   * Decodes a model's outputs for a window; crossing quantiles are sorted.
   * @param start the window's first row. @param outputs [horizon, quantiles]. @param last the value before the first forecast.
   * @returns for each quantile, at least one, [horizon] in the units of the series, ascending from quantile to quantile.
   */
  decode(start: number, outputs: Float32Array, last = this.lastValue(start)): Float64Array[] {
    const { horizon, transform } = this.#shape;
    const Q = numQuantiles(this.#shape);
    const scaler = this.#scalerOf(start);
    const sorted = rearranged(outputs, Q);
    return Array.from({ length: Q }, (_, q) => {
      const scaled = Float64Array.from({ length: horizon }, (_, step) => sorted[step * Q + q]!);
      return invertTransform(transform, scaler.inverseTransform(scaled), last);
    });
  }

  /** The last value of a window. */
  lastValue(start: number): number {
    return this.frame.target[start + this.#shape.windowLength - 1]!;
  }

  #scalerOf(start: number): Scaler {
    const { scaler, scalePer, windowLength: T } = this.#shape;
    if (scalePer === 'series') return this.#scalers.target;
    if (scalePer === 'last')
      return scalerFromJSON({ ...this.#scalers.target.toJSON(), center: this.#steps[start + T - 1]! });
    return createScaler(scaler).fit(this.#steps.subarray(start, start + T), { constant: 'keep' });
  }

  #writeRow(rows: Float32Array, at: number, row: number): void {
    rows[at] = this.#target[row]!;
    for (const [k, column] of this.#past.entries()) rows[at + 1 + k] = column[row]!;
    this.#writeFuture(rows, at, row);
  }

  #writeFuture(rows: Float32Array, at: number, row: number): void {
    const { horizon, future } = this.#shape;
    let place = at + 1 + this.#past.length;
    for (const [k, column] of this.#future.entries())
      for (let step = 0; step < rowsAhead(future[k]!, horizon); step++) rows[place++] = column[row + 1 + step] ?? 0; // no sample reads beyond
  }
}

/** Rows at the start of a series that are in no window. */
export const skippedRows = ({ transform }: ForecastShape): number => transformLag(transform);
