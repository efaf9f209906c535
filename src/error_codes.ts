/** Details of a code whose message has no values. */
type NoDetails = Readonly<Record<string, never>>;

/** Details of a code that covers many cases. */
type AnyDetails = Readonly<Record<string, unknown>>;

/** A column of a file, as listed in messages. */
export interface ListedColumn {
  name: string;
  /** From 0. */
  index: number;
}

/**
 * Every error code of this library, with its `details`: plain data, every value in the message, for programs that write their
 * own messages. `got` is the value as shown in messages, truncated if long. The first code of each class is its default. No
 * code is removed or changes its meaning within a major version.
 */
export interface ErrorDetails {
  // ConfigError
  /** An invalid argument or option. */
  option: AnyDetails;
  'unknown-option': { where: string; option: string; known: readonly string[] };
  /** `max` only if there is one. */
  'not-whole-number': { argument: string; got: string; min: number; max?: number };
  /** Only the bounds that apply; `above` and `below` exclude the bound itself. */
  'out-of-range': { argument: string; got: string; above?: number; atLeast?: number; below?: number; atMost?: number };
  'not-a-choice': { argument: string; got: string; choices: readonly (string | boolean)[] };
  /** A plan that does not support the model. */
  'plan-unfit': { plan: string; reason: string };
  /** A split or a validation share that leaves no samples to train on. */
  'nothing-to-train-on': { samples: number };
  /** No model was trained on the series with this id. */
  'unknown-series': { id: string };

  // StateError
  /** A call at the wrong time. */
  state: AnyDetails;
  /** The object was disposed. */
  disposed: { method: string };
  'already-training': { method: string };
  /** The call needs a fit or a trained model first. */
  'not-trained': { method: string };
  /** There is no training from a checkpoint to resume. */
  'nothing-to-resume': NoDetails;

  // ShapeError
  /** The number of values does not match the shape, or the shape is not the required one. */
  shape: AnyDetails;

  // DataError
  /** Data that cannot be used. */
  data: AnyDetails;
  'csv-empty': NoDetails;
  /** A header with no rows below it. */
  'csv-no-rows': NoDetails;
  'csv-not-text': {
    is: 'archive' | 'workbook' | 'gzip' | 'parquet' | 'arrow' | 'pdf' | 'page' | 'json' | 'model' | 'other encoding';
  };
  /** `row` in the file, from 1, here and below. */
  'csv-open-quote': { row: number };
  'csv-row-length': { row: number; got: number; expected: number; delimiter: string };
  'csv-no-numbers': { columns: readonly ListedColumn[] };
  /** `option`: the option that named the column. */
  'csv-no-column': { option: string; got: string | number; columns: readonly ListedColumn[] };
  'csv-not-numbers': { option: string; column: string; kind: 'date' | 'text'; columns: readonly ListedColumn[] };
  /** Several columns could be the one to forecast. */
  'csv-which-column': { columns: readonly ListedColumn[] };
  /** A text column with more values than can become columns. */
  'csv-many-values': { option: string; column: string; values: number; most: number };
  /** A cell that is not a date, or a date that cannot be in that place. */
  'csv-bad-date': { row: number; column: string; got: string };
  /** A cell that is missing or not a number. */
  'csv-hole': { row: number; column: string; got: string; decimal: '.' | ',' };
  /** No row has a number in each of the columns. */
  'csv-no-whole-row': { columns: readonly string[] };
  /** An id column that names several series where only one is read. */
  'csv-many-series': { column: string; series: number };
  /** A value that is not a number, not finite, or beyond float32. `index` from 0. */
  'bad-value': { argument: string; index: number; got: string; expected: string };
  'too-short': { rows: number; needed: number };
  /** A column known ahead that ends before the last step of the forecast. */
  'future-too-short': { column: string; rows: number; needed: number };
  /** Values that are all the same, so no scaler can scale them. */
  constant: { value: number };
  /** A file that is damaged, truncated, or malformed. */
  'file-damaged': NoDetails;
  'file-of-another-kind': NoDetails;
  'file-without-checksum': NoDetails;
  'file-of-another-version': { got: string; expected: string };
  /** A file that is missing or cannot be read. */
  'file-unreadable': { path: string; reason: string };
  /** A training is resumed with data other than it started with. */
  'other-series': NoDetails;
  /** The browser gives this page no storage. */
  'storage-refused': { store: string };
  /** Bytes used by this site, and its quota. */
  'storage-full': { store: string; used: number; quota: number };
  'storage-failed': { store: string };

  // DeviceError
  /** Something the device cannot do. */
  device: AnyDetails;
  'no-webgpu': NoDetails;
  'no-adapter': NoDetails;
  'beyond-limit': { limit: string; asked: number; offered: number };
  /** A tensor larger than the device's largest buffer. */
  'too-large': { tensor: string; bytes: number; limit: number };
  /** The driver ended a loop early without reporting it. */
  'loops-cut-short': { expected: number; rounds: number };
  // CommandError
  'command-refused': { type: 'validation' | 'internal' };
  'out-of-memory': { type: 'out-of-memory' };
  // DeviceLostError
  'device-lost': { reason: string };

  // WorkerError
  worker: AnyDetails;
  // ShaderError
  shader: AnyDetails;
  // TrainingError
  'training-not-finite': { epoch: number; step: number; tensor: string; model: number };
}

/** What went wrong, for programs: the same in every minor version and language. */
export type ErrorCode = keyof ErrorDetails;

type Coded<Code extends ErrorCode> = NoDetails extends ErrorDetails[Code]
  ? { code: Code; details?: ErrorDetails[Code] }
  : { code: Code; details: ErrorDetails[Code] };

/** What an error has besides its message. Without a code it has its class's default code and no details. */
export type ErrorAbout = (
  | { [Code in ErrorCode]: Coded<Code> }[ErrorCode]
  | { code?: undefined; details?: undefined }
) & {
  /** The original error, if this one rewords it. */
  cause?: unknown;
};
