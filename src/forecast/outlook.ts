import type { Quantile } from '../data/quantiles.ts';
import { ConfigError, DataError } from '../errors.ts';
import type { OptionNames } from '../options.ts';
import { Encoder, type SeriesScalers, skippedRows } from './encoder.ts';
import type { OneSeries, SeriesColumns } from './frame.ts';
import { type ForecastModels, outputSize } from './models.ts';
import { type ForecastShape, pointQuantile } from './shape.ts';

/** How far a forecast goes, and from where. */
export interface PredictOptions {
  /** Rows ahead, 1 to 10,000. Default: what the model predicts at once. */
  horizon?: number;
  /**
   * Where to start from; its last windowLength rows are read (one more where steps are learned). Default: the fitted series. One
   * with an id is scaled as the fitted one of that id; of models that learn several one with an id that none has is scaled by its
   * own rows.
   */
  series?: OneSeries;
  /**
   * Of several series the one, by its id or from 0, that is forecast, or whose scale a new one without an id has. Needed where
   * there are several.
   */
  of?: number | string;
  /** Stops it; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** The compiler asks for every option. */
export const PREDICT_OPTIONS: OptionNames<PredictOptions> = { horizon: true, series: true, of: true, signal: true };

/** As of a forecast, and how wide its intervals are. */
export interface IntervalOptions extends PredictOptions {
  /** Share of the rows that the intervals are to hold, between 0 and 1. Default 0.9. */
  level?: number;
}

/** Forecasts with conformal intervals; [horizon] each, in the units of the series. */
export interface IntervalForecast {
  predicted: Float64Array;
  low: Float64Array;
  high: Float64Array;
  level: number;
}

/** How far every one of several series is forecast. */
export interface PredictEachOptions {
  /** Rows ahead, 1 to 10,000. Default: what the model predicts at once. */
  horizon?: number;
  /** What to forecast, in any order where they have ids, else all in the order that was fitted. Default: the fitted series. */
  series?: readonly OneSeries[];
  /** Share of the rows that intervals are to hold, between 0 and 1. Default: no intervals. */
  level?: number;
  /** Stops it; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** The compiler asks for every option. */
export const EACH_OPTIONS: OptionNames<PredictEachOptions> = { horizon: true, series: true, level: true, signal: true };

/** The forecast of one of several series; [horizon] each, in its units. */
export interface SeriesForecast {
  /** Undefined where the series has none. */
  id: string | undefined;
  /** Of models that learn all series the mean over them. */
  predicted: Float64Array;
  /** Those that the forecaster was created with. */
  quantiles: Quantile[];
  /** Where a level was asked for. */
  interval: Omit<IntervalForecast, 'predicted'> | undefined;
}

/** From where a model forecasts: the rows behind the end of a series, and how that is scaled. */
export interface Origin {
  frame: SeriesColumns;
  scalers: SeriesScalers;
}

/** The end of a series as one model sees it: what is known, and behind it what the model forecast. */
class Outlook {
  readonly #shape: ForecastShape;
  readonly #scalers: SeriesScalers;
  /** Of the rows that a window needs. */
  #encoder: Encoder;
  /** The value before the next forecasts. */
  #last: number;
  /** Forecasts of each quantile, at least one. */
  readonly #forecasts: number[][];

  /**
   * @param rows ahead.
   * @throws DataError when there are fewer rows than a window has, or a future column ends too early.
   * @throws ConfigError for more rows than the model predicts at once, where past columns would have to be known.
   */
  constructor(frame: SeriesColumns, shape: ForecastShape, scalers: SeriesScalers, rows: number) {
    const { windowLength: T, horizon, past, future } = shape;
    const count = T + skippedRows(shape);
    const numRows = frame.target.length;
    const first = numRows - count;
    if (first < 0)
      throw new DataError(`predict: got ${numRows} rows, but the model reads the last ${count}. Pass more rows.`, {
        code: 'too-short',
        details: { rows: numRows, needed: count },
      });
    if (past.length > 0 && rows > horizon)
      throw new ConfigError(
        `predict: ${rows} rows ahead, but nobody knows the columns ${past.join(', ')} after the last row. The model predicts ` +
          `${horizon} at once: create it with horizon: ${rows}.`,
      );
    const hole = frame.holes?.lastIndexOf(1) ?? -1;
    if (hole >= first)
      throw new DataError(
        `predict: row ${hole + 1} of ${numRows} is a hole, a row without a value of its own, and the model reads the last ${count}. ` +
          "Fill such rows instead: missing and gaps 'interpolate' or 'previous' (--missing, --gaps).",
      );
    const ahead = Math.ceil(rows / horizon) * horizon;
    const needed = numRows + ahead;
    for (const [k, column] of frame.future.entries())
      if (column.length < needed)
        throw new DataError(
          `future.${future[k]}: got ${column.length} rows, ${column.length - numRows} of them behind the end of the series, but ` +
            `${rows} rows ahead need what is known of ${ahead}` +
            `${ahead > rows ? `: the model forecasts ${horizon} rows at once` : ''}. Pass ${needed} rows.`,
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

  /** The window before the next rows, and so many blocks of rows behind it with what is known ahead: [T + blocks * horizon, I]. */
  rows(blocks: number): Float32Array<ArrayBuffer> {
    return this.#encoder.windowAndAhead(skippedRows(this.#shape), blocks * this.#shape.horizon);
  }

  /**
   * Takes the model's outputs as the next rows, block by block.
   * @throws DataError for a forecast that is not finite, where others were made from it.
   */
  add(outputs: Float32Array): void {
    const size = outputSize(this.#shape);
    for (let at = 0; at < outputs.length; at += size) {
      if (!Number.isFinite(this.#last))
        throw new DataError(
          `predict: ${this.#forecasts[0]!.length} rows ahead the forecast is ${this.#last}, and nothing can be forecast from it. ` +
            'Ask for fewer rows, or train with a smaller learning rate.',
        );
      const block = outputs.subarray(at, at + size);
      const decoded = this.#encoder.decode(skippedRows(this.#shape), block, this.#last);
      for (const [q, values] of decoded.entries()) this.#forecasts[q]!.push(...values);
      this.#last = decoded[pointQuantile(this.#shape)]!.at(-1)!;
    }
  }

  /** Makes the last block's forecasts rows that the window has. */
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

/** @throws what a forecast from there would, see {@link Outlook}. */
export const checkOrigin = ({ frame, scalers }: Origin, shape: ForecastShape, rows: number): void =>
  void new Outlook(frame, shape, scalers, rows);

/**
 * Forecasts the rows behind origins with every model, block after block of what it predicts at once.
 * @param origins of each model, as many of each. @param rows ahead.
 * @param isolate called with a model whose forecasts are not finite, which then counts no more. Default: throws.
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
  // a window that is scaled by itself is scaled here
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
