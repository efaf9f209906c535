import type { TogetherControls } from './controls.ts';
import type { EarlyStopping } from './early_stopping.ts';
import type { Snapshots } from './position.ts';
import type { Schedule } from './schedules.ts';

/** What one model trains on, and how. */
export interface ModelTraining {
  /** Its samples, in time order: the rows of the series in which their windows start, or the numbers of sequences. */
  starts: Uint32Array;
  /** The optimizer's learning rate, before any schedule. */
  lr: number;
  /** How the learning rate changes; one of its own for each model. */
  schedule: Schedule;
  /** Of the order, where it is shuffled. */
  seed: number;
  /** Behind it the model trains no more, whatever others do. */
  lastEpoch: number;
}

/** Samples that come to the device in chunks, because all of them are too many for it at once. Of a single model. */
interface SampleFeed {
  /** Of every chunk but the last, which may have fewer; whole batches. */
  chunkSamples: number;
  /** Queues the upload of a chunk, from 0, over the one before it. */
  load(chunk: number): void;
}

export interface TrainOptions extends TogetherControls {
  models: readonly ModelTraining[];
  /** Undefined: all samples are on the device. */
  feed?: SampleFeed | undefined;
  shuffle: boolean;
  /** Target duration of one submit in milliseconds. */
  sliceMs: number;
  /** Mean loss over its validation samples, of each model that trains. */
  validate?: ((trains: readonly boolean[]) => Promise<number[]>) | undefined;
  earlyStopping?: EarlyStopping | undefined;
  snapshots: Snapshots;
  /** A model with a loss that is not finite stops by itself, and the others go on; told what went wrong. */
  isolate?: ((model: number, error: Error) => void) | undefined;
}
