// What the page and its worker say to each other. Everything heavy is in the worker; the page draws.
import type { CellName, EpochReport, FitReport, ForecastMetrics, PlanName, Progress } from '../src/index.ts';
import type { DeviceInfo } from './device/device_card.ts';
import type { Inside } from './inside/inspect.ts';

/** Series that come with the page. */
export type BundledName = 'sp500' | 'births';

/** How to read a file. The file itself crosses as a Blob, so its bytes are not copied. */
export interface SeriesRequest {
  name: string;
  file: Blob;
  /** From 0. Undefined: the reader's default. */
  column: number | undefined;
  missing: 'error' | 'drop' | 'interpolate';
  /** Last rows to use. Undefined: all. */
  rows: number | undefined;
}

/** A series as the page shows it; see `Series` in the library. */
export interface SeriesReply {
  /** [rows] */
  values: Float64Array;
  /** [rows] */
  dates: string[] | undefined;
  column: string;
  columnIndex: number;
  note: string;
  columns: { name: string; kind: 'number' | 'date' | 'text' }[];
  /** The first rows of the file, as they stand there. */
  preview: string;
}

export interface TrainSettings {
  cell: CellName;
  numLayers: number;
  windowLength: number;
  hiddenSize: number;
  seed: number;
  /** Models side by side. */
  ensemble: number;
  plan: PlanName | 'auto';
  shuffle: boolean;
  /** Rows to forecast behind the last one. */
  horizon: number;
  epochs: number;
  batchSize: number;
  lr: number;
  /** Share of the windows that is trained on, 0 to 1. */
  split: number;
  scalerFit: 'train' | 'all';
}

/** A training from its first epoch on: what is kept of it beside the checkpoint. */
export interface StartedRun {
  request: SeriesRequest;
  /** Undefined: a file of the visitor's. */
  bundled: BundledName | undefined;
  settings: TrainSettings;
}

/** A training that the browser kept. */
export interface KeptRun extends StartedRun {
  /** Where it goes on, from 1; behind the last one: it is finished. */
  epoch: number;
}

/** One-step-ahead forecasts of the test part, with their scores and those of the naive forecast. */
export interface Forecast {
  /** Row of the first prediction, from 0. */
  firstRow: number;
  /** [test rows] */
  predicted: Float64Array;
  model: ForecastMetrics;
  /** Epochs done, and the mean squared error of the test part in the units of the loss. */
  epoch: number;
  testLoss: number;
  /** The naive forecast, and the seasonal one where the series has a season. */
  guesses: Guess[];
  /** [test rows] each, of an ensemble: 10 % of its members lie below `low`, 10 % above `high`. */
  band: { low: Float64Array; high: Float64Array } | undefined;
  /** [rows ahead] */
  future: Float64Array;
}

/** What a rule without a model says about the test part. */
export interface Guess {
  /** Rows it looks back. 1: tomorrow = today. */
  season: number;
  /** [test rows] */
  values: Float64Array;
  metrics: ForecastMetrics;
}

export type ToWorker =
  | { type: 'find-device' }
  | { type: 'read'; id: number; request: SeriesRequest }
  | { type: 'train'; values: Float64Array; run: StartedRun }
  | { type: 'find-kept' }
  | { type: 'go-on'; values: Float64Array }
  | { type: 'forget' }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'stop' }
  | { type: 'save' }
  | { type: 'inspect'; row: number };

export type FromWorker =
  | { type: 'device'; device: DeviceInfo }
  | { type: 'no-device'; message: string }
  | { type: 'device-lost'; message: string }
  | { type: 'series'; id: number; series: SeriesReply }
  | { type: 'unreadable'; id: number; message: string }
  | { type: 'progress'; progress: Progress }
  | { type: 'epoch'; epoch: EpochReport }
  | { type: 'forecast'; forecast: Forecast }
  | { type: 'trained'; report: FitReport }
  | { type: 'stopped' }
  | { type: 'kept'; run: KeptRun }
  | { type: 'not-kept'; message: string }
  | { type: 'unseen'; message: string }
  | { type: 'inside'; row: number; inside: Inside; window: Float32Array }
  | { type: 'model'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'failed'; message: string };
