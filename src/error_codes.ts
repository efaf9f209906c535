/** Details of a code whose words need none. */
type NoDetails = Readonly<Record<string, never>>;

/** Details of a code that stands for many things. */
type AnyDetails = Readonly<Record<string, unknown>>;

/** A column of a file, as messages list them. */
export interface ListedColumn {
  name: string;
  /** From 0. */
  index: number;
}

/**
 * Every code that an error of this library has, and its `details`: plain data, whatever the message is made of, for whoever
 * words it anew. `got` is the value as messages show it, cut off where it is long. The first code of each class is what its
 * errors have where no other one is meant; codes are not taken away or given another meaning without a new major version.
 */
export interface ErrorDetails {
  // ConfigError
  /** An argument or an option that cannot be. */
  option: AnyDetails;
  'unknown-option': { where: string; option: string; known: readonly string[] };
  /** `max` only where there is one. */
  'not-whole-number': { argument: string; got: string; min: number; max?: number };
  /** Bounds that are there: `above` and `below` are not allowed themselves. */
  'out-of-range': { argument: string; got: string; above?: number; atLeast?: number; below?: number; atMost?: number };
  'not-a-choice': { argument: string; got: string; choices: readonly (string | boolean)[] };
  /** A plan that does not support the model. */
  'plan-unfit': { plan: string; reason: string };
  /** A split or a validation share that leaves none of the samples to train on. */
  'nothing-to-train-on': { samples: number };
  /** No model has learned the series of this id. */
  'unknown-series': { id: string };

  // StateError
  /** A call at a time at which it cannot be. */
  state: AnyDetails;
  /** Its object was disposed. */
  disposed: { method: string };
  'already-training': { method: string };
  /** It needs a fit, or a model that was trained, before it. */
  'not-trained': { method: string };
  /** There is no training of a checkpoint to go on with. */
  'nothing-to-resume': NoDetails;

  // ShapeError
  /** Numbers that do not fill their shape, or another shape than is needed. */
  shape: AnyDetails;

  // DataError
  /** Data that cannot be used. */
  data: AnyDetails;
  'csv-empty': NoDetails;
  /** A header with no rows below it. */
  'csv-no-rows': NoDetails;
  'csv-not-text': { is: 'archive' | 'workbook' | 'gzip' | 'parquet' | 'pdf' | 'page' | 'other encoding' };
  /** `row` as in the file, from 1, here and below. */
  'csv-open-quote': { row: number };
  'csv-row-length': { row: number; got: number; expected: number; delimiter: string };
  'csv-no-numbers': { columns: readonly ListedColumn[] };
  /** `option`: which one asks for the column. */
  'csv-no-column': { option: string; got: string | number; columns: readonly ListedColumn[] };
  'csv-not-numbers': { option: string; column: string; kind: 'date' | 'text'; columns: readonly ListedColumn[] };
  /** Several columns could be the one to forecast. */
  'csv-which-column': { columns: readonly ListedColumn[] };
  /** A cell that is no date, or one that cannot be where it is. */
  'csv-bad-date': { row: number; column: string; got: string };
  /** A cell that is missing, or no number. */
  'csv-hole': { row: number; column: string; got: string; decimal: '.' | ',' };
  /** No row has a number in each of the columns. */
  'csv-no-whole-row': { columns: readonly string[] };
  /** An id column that names several series, where one is read. */
  'csv-many-series': { column: string; series: number };
  /** A value that is no number, not finite, or beyond float32. `index` from 0. */
  'bad-value': { argument: string; index: number; got: string; expected: string };
  'too-short': { rows: number; needed: number };
  /** A column that is known ahead, but not as far as is forecast. */
  'future-too-short': { column: string; rows: number; needed: number };
  /** Values that are all the same, which no scaler can scale. */
  constant: { value: number };
  /** A file that was damaged, cut short, or put together wrongly. */
  'file-damaged': NoDetails;
  'file-of-another-kind': NoDetails;
  'file-without-checksum': NoDetails;
  'file-of-another-version': { got: string; expected: string };
  /** A file that is not there, or cannot be read. */
  'file-unreadable': { path: string; reason: string };
  /** A training goes on with other values than it began with. */
  'other-series': NoDetails;
  /** The browser keeps nothing for this page. */
  'storage-refused': { store: string };
  /** In bytes of this site. */
  'storage-full': { store: string; used: number; quota: number };
  'storage-failed': { store: string };

  // DeviceError
  /** What a device cannot do. */
  device: AnyDetails;
  'no-webgpu': NoDetails;
  'no-adapter': NoDetails;
  'beyond-limit': { limit: string; asked: number; offered: number };
  /** A tensor that is larger than a buffer of the device may be. */
  'too-large': { tensor: string; bytes: number; limit: number };
  /** Its driver ended a loop before its end, and says nothing of it. */
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

/** What went wrong, for programs: the same in every version and language. */
export type ErrorCode = keyof ErrorDetails;

type Coded<Code extends ErrorCode> = NoDetails extends ErrorDetails[Code]
  ? { code: Code; details?: ErrorDetails[Code] }
  : { code: Code; details: ErrorDetails[Code] };

/** What an error has beside its message. Without a code it has its class's own, and no details. */
export type ErrorAbout = (
  | { [Code in ErrorCode]: Coded<Code> }[ErrorCode]
  | { code?: undefined; details?: undefined }
) & {
  /** What was thrown first, where this error puts it into other words. */
  cause?: unknown;
};
