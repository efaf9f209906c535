import type { TogetherControls } from './controls.ts';
import type { EarlyStopping } from './early_stopping.ts';
import type { Snapshots } from './position.ts';
import type { Schedule } from './schedules.ts';

/** The samples of one model, and how it trains. */
export interface ModelTraining {
  /** Its samples, in time order: the rows in which their windows start, or the indices of sequences. */
  starts: Uint32Array;
  /** The optimizer's learning rate, before any schedule. */
  lr: number;
  /** The learning rate schedule; each model has its own. */
  schedule: Schedule;
  /** Seed of the order, if shuffled. */
  seed: number;
  /** The last epoch in which the model trains, even if others continue. */
  lastEpoch: number;
}

/** Samples uploaded in chunks, because they do not all fit on the device. For a single model only. */
interface SampleFeed {
  /** Samples per chunk, in whole batches; the last chunk may have fewer. */
  chunkSamples: number;
  /** Queues the upload of a chunk, from 0, replacing the previous one. */
  load(chunk: number): void;
}

export interface TrainOptions extends TogetherControls {
  models: readonly ModelTraining[];
  /** Undefined: all samples are on the device. */
  feed?: SampleFeed | undefined;
  shuffle: boolean;
  /** Target duration of one submit in milliseconds. */
  sliceMs: number;
  /** Mean validation loss of each model that trains. */
  validate?: ((trains: readonly boolean[]) => Promise<number[]>) | undefined;
  earlyStopping?: EarlyStopping | undefined;
  snapshots: Snapshots;
  /** If set, a model whose loss is not finite stops alone, and the others continue; called with its error. */
  isolate?: ((model: number, error: Error) => void) | undefined;
}
