import { splitSamples } from '../data/windows.ts';
import { ConfigError, DataError } from '../errors.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import { within } from '../placing.ts';
import { shown } from '../shown.ts';
import { Encoder, fitScalers, type SeriesScalers, skippedRows } from './encoder.ts';
import { frameOf, isFrame, type OneSeries, type SeriesColumns, type SeriesInput, seriesList } from './frame.ts';
import type { ForecastShape } from './shape.ts';

/** How a series is split. */
export interface PartOptions {
  /** Share of the samples, from the start, used for training. */
  split: number;
  /** Share of those, from their end, held out for validation; 0: none. */
  validation: number;
  scalerFit: 'train' | 'all' | 'keep';
  /** For 'keep'. */
  kept?: SeriesScalers | undefined;
  /** Instead of `split`: train on the rows before `trainRows` from `firstRow` on, test on the `testRows` after them. */
  fold?: Fold | undefined;
}

/** A series that was not fitted: all of its windows are tested, or those of its last rows. */
export interface GivenScalers {
  scalers: SeriesScalers;
  /** Rows at its end to forecast. Default: all that have a window before them. */
  rows?: number | undefined;
}

/** One split of a rolling-origin backtest. */
export interface Fold {
  /** Default 0. */
  firstRow?: number;
  trainRows: number;
  testRows: number;
}

/** Samples first .. end - 1; of a series with holes, only those that contain none. */
export interface Range {
  first: number;
  end: number;
}

export type PartName = 'train' | 'validation' | 'test';

/** A series as used in a fit. Sample k is the window that starts in row `startOf(k)`, and the rows to forecast after it. */
export class FittedSeries {
  readonly shape: ForecastShape;
  readonly encoder: Encoder;
  readonly scalers: SeriesScalers;
  readonly parts: Readonly<Record<PartName, Range>>;
  /** Number of samples in all parts and in the gaps between them. */
  readonly numSamples: number;
  /** The first row that may be used, even if no sample includes it. */
  readonly firstKnown: number;
  /** Samples that contain no hole, ascending; undefined: all. */
  readonly #whole: Uint32Array | undefined;
  /** Every window is tested, so no row was used only for training. */
  readonly #testsAll: boolean;
  /** Where its first sample starts. */
  readonly #firstStart: number;
  /** Its first row within the tensor shared by all series. */
  #firstRow = 0;

  /** @throws DataError for a series that is too short, constant or not finite. @throws ConfigError for an invalid split. */
  constructor(input: OneSeries, shape: ForecastShape, cut: PartOptions | GivenScalers) {
    const frame = frameOf(input, shape);
    this.shape = shape;
    const isGiven = 'scalers' in cut;
    const fold = isGiven ? undefined : cut.fold;
    this.firstKnown = fold?.firstRow ?? 0;
    this.#testsAll = isGiven && cut.rows === undefined;
    const first = skippedRows(shape) + this.firstKnown;
    this.#firstStart = first;
    const rows = frame.target.length;
    const { numSamples, parts } = isGiven
      ? givenParts(rows, shape, cut, first)
      : fold
        ? foldParts(rows, shape, cut, first)
        : splitParts(rows, shape, cut, first);
    this.numSamples = numSamples;
    this.parts = parts;
    if (frame.holes) {
      const reach = { before: skippedRows(shape), length: shape.windowLength + shape.horizon };
      this.#whole = wholeSamples(frame.holes, { firstStart: first, numSamples, ...reach });
      this.#checkParts();
    }
    const known = isGiven ? cut.scalers : cut.kept;
    if (known) this.scalers = known;
    else {
      const { scalerFit } = cut as PartOptions;
      if (scalerFit === 'keep') throw new Error('FittedSeries: there are no scalers to keep');
      const trained = first + parts.train.end + shape.windowLength + shape.horizon - 1;
      const end = scalerFit === 'all' ? frame.target.length : trained;
      this.scalers = fitScalers(frame, shape, { first, end });
    }
    this.encoder = new Encoder(frame, shape, this.scalers);
  }

  get frame(): SeriesColumns {
    return this.encoder.frame;
  }

  /** Samples of a part, or of all of them. */
  samples(part: PartName | 'all'): Uint32Array {
    const { first, end } = part === 'all' ? { first: 0, end: this.numSamples } : this.parts[part];
    if (this.#whole) return this.#whole.filter((sample) => sample >= first && sample < end);
    return Uint32Array.from({ length: end - first }, (_, k) => first + k);
  }

  /** What is known before the first row that a sample forecasts; columns known ahead continue past it. */
  known(sample: number): SeriesColumns {
    const { target, past, future, holes } = this.frame;
    const until = (column: Float64Array) => column.subarray(0, this.targetRow(sample));
    return { target: until(target), past: past.map(until), future, holes: holes?.subarray(0, this.targetRow(sample)) };
  }

  /** @throws DataError if holes leave no sample in a part. */
  #checkParts(): void {
    for (const [part, { first, end }] of Object.entries(this.parts))
      if (end > first && this.samples(part as PartName).length === 0)
        throw new DataError(
          `series: each of the ${end - first} windows of the ${part} set contains a missing row. Fill ` +
            "such rows instead (missing and gaps: 'interpolate' or 'previous'), or use a smaller window or horizon.",
        );
  }

  /** The row in which a sample's window starts. */
  startOf(sample: number): number {
    return this.#firstStart + sample;
  }

  /** The first row that a sample forecasts. */
  targetRow(sample: number): number {
    return this.startOf(sample) + this.shape.windowLength;
  }

  /** The rows before the test set, from which a scale of errors may be taken; all rows if every window is tested. */
  get trainActual(): Float64Array {
    return this.frame.target.subarray(this.firstKnown, this.#trainEnd);
  }

  /** Which of those rows are holes. */
  get trainHoles(): Uint8Array | undefined {
    return this.frame.holes?.subarray(this.firstKnown, this.#trainEnd);
  }

  get #trainEnd(): number {
    return this.#testsAll ? this.frame.target.length : this.targetRow(this.parts.test.first);
  }

  /** The row of the shared tensor in which a sample's window starts. */
  tensorRow(sample: number): number {
    const { scalePer } = this.shape;
    return this.#firstRow + (scalePer === 'series' ? this.startOf(sample) : sample * this.#windowRows);
  }

  /** Inputs of the whole series, [rows, I], for the shared tensor from `firstRow` on; window by window if each has its own scale. */
  layOut(firstRow: number): Float32Array<ArrayBuffer> {
    this.#firstRow = firstRow;
    if (this.shape.scalePer === 'series') return this.encoder.rows();
    const size = this.#windowRows * this.shape.config.inputSize;
    const rows = new Float32Array(this.numSamples * size);
    for (let sample = 0; sample < this.numSamples; sample++)
      rows.set(this.encoder.window(this.startOf(sample), this.shape.horizon), sample * size);
    return rows;
  }

  get #windowRows(): number {
    return this.shape.windowLength + this.shape.horizon;
  }
}

/**
 * The series of a fit, and which models are trained on which: all on the only one, each on its own, or with `global` all on all
 * of them.
 * @param scalers of each series, if they are to be kept.
 * @throws ConfigError, DataError naming the series.
 */
export function prepareSeries(
  input: SeriesInput,
  shape: ForecastShape,
  options: Omit<PartOptions, 'kept'> & { global: boolean },
  numModels: number,
  scalers: readonly SeriesScalers[],
): { series: FittedSeries[]; seriesOf: number[][] } {
  const { several, list, places } = seriesList(input);
  const each = several && !options.global;
  checkIds(list.map((one) => (isFrame(one) ? one.id : undefined)));
  if (each && list.length !== numModels)
    throw new ConfigError(
      `fit: got ${list.length} series for ${numModels} models. Give one series, or create the forecaster with ` +
        `ensemble: ${list.length} for one model per series, or fit with global: true to train each model on all of them.`,
    );
  const kept = options.scalerFit === 'keep' ? scalers : undefined;
  if (kept && kept.length !== list.length)
    throw new ConfigError(
      `fit: got ${list.length} series, but the weights were trained with the scales of ${kept.length}. Give ${kept.length}, in the ` +
        "same order, or fit new scales with scalerFit: 'train'.",
    );
  const series = list.map((one, k) =>
    within(places[k], () => new FittedSeries(one, shape, { ...options, kept: kept?.[k] })),
  );
  const all = series.map((_, k) => k);
  return { series, seriesOf: Array.from({ length: numModels }, (_, model) => (each ? [model] : all)) };
}

/** @throws ConfigError if only some series have ids, or two have the same. */
function checkIds(ids: readonly (string | undefined)[]): void {
  const known = ids.filter((id) => id !== undefined);
  if (known.length > 0 && known.length < ids.length)
    throw new ConfigError(`fit: ${known.length} of ${ids.length} series have an id; give all of them an id, or none.`);
  const double = known.find((id, k) => known.indexOf(id) !== k);
  if (double !== undefined) throw new ConfigError(`fit: two series have the id ${shown(double)}; give each its own.`);
}

/** Series on the device, with a copy of their rows on the host. */
export interface LaidOut {
  series: readonly FittedSeries[];
  /** [rows, I] */
  tensor: Tensor;
  rows: Float32Array;
}

/** All series, scaled, one after the other. The caller must destroy the buffer. */
export function uploadSeries(device: GuardedDevice, series: readonly FittedSeries[], I: number): LaidOut {
  const parts: Float32Array[] = [];
  let firstRow = 0;
  for (const one of series) {
    const part = one.layOut(firstRow);
    parts.push(part);
    firstRow += part.length / I;
  }
  const rows = new Float32Array(firstRow * I);
  let at = 0;
  for (const part of parts) {
    rows.set(part, at);
    at += part.length;
  }
  const tensor = createTensor(device, 'series', [firstRow, I]);
  writeTensor(device, tensor, rows);
  return { series, tensor, rows };
}

/** The samples without holes, including the row before a window if differences are learned. @param length rows per sample. */
function wholeSamples(
  holes: Uint8Array,
  size: { firstStart: number; numSamples: number; before: number; length: number },
): Uint32Array {
  const { firstStart, numSamples, before, length } = size;
  const whole: number[] = [];
  let hole = -1; // the last one before the end of a sample
  let row = 0;
  for (let sample = 0; sample < numSamples; sample++) {
    const start = firstStart + sample;
    for (; row < start + length; row++) if (holes[row]) hole = row;
    if (hole < start - before) whole.push(sample);
  }
  return Uint32Array.from(whole);
}

type Parts = Pick<FittedSeries, 'numSamples' | 'parts'>;

function splitParts(
  rows: number,
  { windowLength, horizon }: ForecastShape,
  { split, validation }: PartOptions,
  firstStart: number,
): Parts {
  const ahead = horizon - 1; // a sample is complete only when its last target is known
  const hasTest = split < 1;
  const needed = firstStart + windowLength + (hasTest ? 2 : 1) + ahead;
  if (rows < needed)
    throw new DataError(
      `series: got ${rows} rows, but a window of ${windowLength} ${horizon > 1 ? `and the ${horizon} rows after it need` : 'needs'} ` +
        `at least ${needed}: one sample to train on${hasTest ? ' and one to test on' : ''}. Use more rows or a smaller window.`,
      { code: 'too-short', details: { rows, needed } },
    );
  if (!hasTest) {
    const numSamples = rows - firstStart - ahead - windowLength;
    const test = { first: numSamples, end: numSamples };
    return { numSamples, parts: { ...withValidation(numSamples, validation, ahead), test } };
  }
  const { numSamples, numTrain } = splitSamples({ rows: rows - firstStart - ahead, windowLength, split });
  const trained = withValidation(numTrain - ahead, validation, ahead);
  return { numSamples, parts: { ...trained, test: { first: numTrain, end: numSamples } } };
}

function foldParts(rows: number, shape: ForecastShape, { validation, fold }: PartOptions, firstStart: number): Parts {
  const { windowLength: T, horizon } = shape;
  const { trainRows, testRows } = fold!;
  const end = trainRows + testRows;
  if (!(Number.isInteger(trainRows) && Number.isInteger(testRows) && testRows >= horizon && end <= rows))
    throw new DataError(
      `fold: got ${trainRows} rows to train on and ${testRows} to test on, expected whole numbers: at least ${horizon} to test ` +
        `on, and together at most the ${rows} rows of the series.`,
    );
  const firstTest = trainRows - T - firstStart;
  const numSamples = end - T - firstStart - (horizon - 1);
  return {
    numSamples,
    parts: {
      ...withValidation(firstTest - (horizon - 1), validation, horizon - 1),
      test: { first: firstTest, end: numSamples },
    },
  };
}

function givenParts(
  rows: number,
  { windowLength, horizon }: ForecastShape,
  { rows: testRows }: GivenScalers,
  firstStart: number,
): Parts {
  const numSamples = rows - firstStart - windowLength - (horizon - 1);
  if (numSamples < 1)
    throw new DataError(
      `series: got ${rows} rows, but a window of ${windowLength} and the ${horizon} rows after it need at least ` +
        `${firstStart + windowLength + horizon}. Use more rows.`,
      { code: 'too-short', details: { rows, needed: firstStart + windowLength + horizon } },
    );
  const most = numSamples + horizon - 1;
  const asked = testRows ?? most;
  if (!(Number.isInteger(asked) && asked >= horizon && asked <= most))
    throw new ConfigError(
      `rows: got ${asked}, expected a whole number from ${horizon} to ${most}, the rows that have a window before them.`,
      { code: 'not-whole-number', details: { argument: 'rows', got: shown(asked), min: horizon, max: most } },
    );
  const none = { first: 0, end: 0 };
  const test = { first: most - asked, end: numSamples };
  return { numSamples, parts: { train: none, validation: none, test } };
}

/** Splits validation samples off the end of the training samples. @param gap samples in between, which overlap both. */
function withValidation(numTrain: number, share: number, gap: number): { train: Range; validation: Range } {
  const numValidation = share > 0 ? Math.max(1, Math.round(share * numTrain)) : 0;
  const end = numValidation > 0 ? numTrain - numValidation - gap : numTrain;
  if (end < 1)
    throw new ConfigError(
      `series: after ${numValidation} samples for validation and a gap of ${gap}, ${Math.max(0, end)} are left to train on, ` +
        'expected at least 1. Use more rows, a smaller validation share, window or horizon.',
      { code: 'nothing-to-train-on', details: { samples: numTrain } },
    );
  return { train: { first: 0, end }, validation: { first: numTrain - numValidation, end: numTrain } };
}
