import type { Quantile } from '../data/quantiles.ts';
import { ConfigError, DataError } from '../errors.ts';
import type { OptionNames } from '../options.ts';
import { Encoder, type SeriesScalers, skippedRows } from './encoder.ts';
import type { OneSeries, SeriesColumns } from './frame.ts';
import { type ForecastModels, outputSize } from './models.ts';
import { type ForecastShape, pointQuantile } from './shape.ts';

/** How far to forecast, and from where. */
export interface PredictOptions {
  /** Steps ahead, 1 to 10,000. Default: the model's horizon. */
  horizon?: number;
  /**
   * The series to forecast; its last windowLength rows are used (one more if differences are learned). Default: the fitted
   * series. A series with an id is scaled like the fitted one with that id; if the id is new and the models were trained on
   * several series, it is scaled by its own rows.
   */
  series?: OneSeries;
  /**
   * Which of several series to forecast, or whose scale to use for a new one without an id: an id, or an index from 0. Required
   * if there are several.
   */
  of?: number | string;
  /** Stops the call, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** The compiler requires every option. */
export const PREDICT_OPTIONS: OptionNames<PredictOptions> = { horizon: true, series: true, of: true, signal: true };

/** Options of a forecast with intervals. */
export interface IntervalOptions extends PredictOptions {
  /** Coverage of the intervals, between 0 and 1. Default 0.9. */
  level?: number;
}

/** Forecasts with conformal intervals; [horizon] each, in the units of the series. */
export interface IntervalForecast {
  predicted: Float64Array;
  low: Float64Array;
  high: Float64Array;
  level: number;
}

/** Options of forecasts of several series. */
export interface PredictEachOptions {
  /** Steps ahead, 1 to 10,000. Default: the model's horizon. */
  horizon?: number;
  /** The series to forecast: in any order if they have ids, otherwise all, in the fitted order. Default: the fitted series. */
  series?: readonly OneSeries[];
  /** Coverage of intervals, between 0 and 1. Default: no intervals. */
  level?: number;
  /** Stops the call, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** The compiler requires every option. */
export const EACH_OPTIONS: OptionNames<PredictEachOptions> = { horizon: true, series: true, level: true, signal: true };

/** The forecast of one of several series; [horizon] each, in its units. */
export interface SeriesForecast {
  /** Undefined if the series has none. */
  id: string | undefined;
  /** If models were trained on all series, their mean. */
  predicted: Float64Array;
  /** The quantiles the forecaster was created with. */
  quantiles: Quantile[];
  /** If a level was requested. */
  interval: Omit<IntervalForecast, 'predicted'> | undefined;
}

/** Where a forecast starts: the end of a series, with its scalers. */
export interface Origin {
  frame: SeriesColumns;
  scalers: SeriesScalers;
}

/** The end of a series for one model: the known rows, and the model's forecasts after them. */
class Outlook {
  readonly #shape: ForecastShape;
  readonly #scalers: SeriesScalers;
  /** For the rows that a window needs. */
  #encoder: Encoder;
  /** The value before the next forecasts. */
  #last: number;
  /** The forecasts so far, for each quantile, at least one. */
  readonly #forecasts: number[][];

  /**
   * @param rows steps ahead.
   * @throws DataError if there are fewer rows than a window needs, or a future column ends too early.
   * @throws ConfigError for more steps than the model's horizon, if future values of past columns would be needed.
   */
  constructor(frame: SeriesColumns, shape: ForecastShape, scalers: SeriesScalers, rows: number) {
    const { windowLength: T, horizon, past, future } = shape;
    const count = T + skippedRows(shape);
    const numRows = frame.target.length;
    const first = numRows - count;
    if (first < 0)
      throw new DataError(`predict: got ${numRows} rows, but the model needs the last ${count}. Pass more rows.`, {
        code: 'too-short',
        details: { rows: numRows, needed: count },
      });
    if (past.length > 0 && rows > horizon)
      throw new ConfigError(
        `predict: ${rows} steps ahead, but the model predicts ${horizon} at once, and the columns ${past.join(', ')} are ` +
          `unknown after the last row. Create the model with horizon: ${rows}.`,
      );
    const hole = frame.holes?.lastIndexOf(1) ?? -1;
    if (hole >= first)
      throw new DataError(
        `predict: row ${hole + 1} of ${numRows} is missing, and the model needs the last ${count}. ` +
          "Fill such rows instead: missing and gaps 'interpolate' or 'previous' (--missing, --gaps).",
      );
    const ahead = Math.ceil(rows / horizon) * horizon;
    const needed = numRows + ahead;
    for (const [k, column] of frame.future.entries())
      if (column.length < needed)
        throw new DataError(
          `future.${future[k]}: got ${column.length} rows, ${column.length - numRows} of them after the end of the series, but ` +
            `forecasting ${rows} rows needs ${ahead}` +
            `${ahead > rows ? `, since the model forecasts ${horizon} rows at once` : ''}. Pass ${needed} rows.`,
          { code: 'future-too-short', details: { column: future[k]!, rows: column.length, needed } },
        );
    this.#shape = shape;
    this.#scalers = scalers;
    const end = (column: Float64Array) => column.subarray(first, needed);
    this.#encoder = new Encoder(
      { target: end(frame.target), past: frame.past.map(end), future: frame.future.map(end), holes: undefined },
      shape,
      scalers,
    );
    this.#last = this.#encoder.lastValue(skippedRows(shape));
    this.#forecasts = Array.from({ length: Math.max(1, shape.quantiles.length) }, () => []);
  }

  /** The window before the next rows, and after it blocks of rows with columns known ahead: [T + blocks * horizon, I]. */
  rows(blocks: number): Float32Array<ArrayBuffer> {
    return this.#encoder.windowAndAhead(skippedRows(this.#shape), blocks * this.#shape.horizon);
  }

  /**
   * Adds the model's outputs as the next rows, block by block.
   * @throws DataError for a non-finite forecast from which others were made.
   */
  add(outputs: Float32Array): void {
    const size = outputSize(this.#shape);
    for (let at = 0; at < outputs.length; at += size) {
      if (!Number.isFinite(this.#last))
        throw new DataError(
          `predict: after ${this.#forecasts[0]!.length} steps the forecast is ${this.#last}, and nothing can be forecast from ` +
            'that. Request fewer steps, or train with a smaller learning rate.',
        );
      const block = outputs.subarray(at, at + size);
      const decoded = this.#encoder.decode(skippedRows(this.#shape), block, this.#last);
      for (const [q, values] of decoded.entries()) this.#forecasts[q]!.push(...values);
      this.#last = decoded[pointQuantile(this.#shape)]!.at(-1)!;
    }
  }

  /** Moves the last block's forecasts into the window. */
  moveOn(): void {
    const { target, past, future } = this.#encoder.frame;
    const { horizon } = this.#shape;
    const forecast = this.#forecasts[pointQuantile(this.#shape)]!.slice(-horizon);
    const moved = Float64Array.from([...target, ...forecast].slice(horizon));
    const known = future.map((column) => column.subarray(horizon));
    this.#encoder = new Encoder({ target: moved, past, future: known, holes: undefined }, this.#shape, this.#scalers);
  }

  /** @returns for each quantile, at least one, the first `rows` forecasts. */
  forecasts(rows: number): Float64Array[] {
    return this.#forecasts.map((values) => Float64Array.from(values.slice(0, rows)));
  }
}

/** @throws what a forecast from this origin would, see {@link Outlook}. */
export const checkOrigin = ({ frame, scalers }: Origin, shape: ForecastShape, rows: number): void =>
  void new Outlook(frame, shape, scalers, rows);

/**
 * Forecasts the rows after origins with every model, in blocks of `horizon` rows.
 * @param origins for each model, the same number each. @param rows steps ahead.
 * @param isolate called with a model whose forecasts are not finite, which is then left out. Default: throws.
 * @returns [models][origins][quantiles, at least one][rows] @throws DataError and ConfigError as an {@link Outlook}.
 */
export async function lookAhead(
  models: ForecastModels,
  origins: readonly (readonly Origin[])[],
  rows: number,
  signal?: AbortSignal,
  isolate?: (model: number, error: Error) => void,
): Promise<Float64Array[][][]> {
  const { shape } = models;
  const outlooks = origins.map((own) => own.map(({ frame, scalers }) => new Outlook(frame, shape, scalers, rows)));
  const failed = new Set<number>();
  const each = (work: (outlook: Outlook, model: number, k: number) => void) => {
    for (const [model, own] of outlooks.entries())
      try {
        if (!failed.has(model)) for (const [k, outlook] of own.entries()) work(outlook, model, k);
      } catch (error) {
        if (!isolate) throw error;
        failed.add(model);
        isolate(model, error as Error);
      }
  };
  const blocks = Math.ceil(rows / shape.horizon);
  // a window with its own scale is scaled on the host, so only one block at a time
  const atOnce = shape.scalePer === 'series' ? blocks : 1;
  for (let block = 0; block < blocks; block += atOnce) {
    signal?.throwIfAborted();
    if (block > 0) each((outlook) => outlook.moveOn());
    const inputs = outlooks.map((own) => own.map((outlook) => outlook.rows(atOnce)));
    const outputs = await models.outputsAhead(inputs, atOnce, signal);
    each((outlook, model, k) => outlook.add(outputs[model]![k]!));
  }
  return outlooks.map((own) => own.map((outlook) => outlook.forecasts(rows)));
}
