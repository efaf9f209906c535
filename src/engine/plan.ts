import type { GuardedDevice } from '../gpu/guarded_device.ts';
import type { Tensor } from '../gpu/tensor.ts';
import type { Loss } from './losses.ts';
import type { Optimizer } from './optimizers.ts';
import type { ModelState } from './state.ts';

/** What stays inside one dispatch; see ARCHITECTURE.md. */
export type PlanName = 'resident' | 'sequence' | 'timestep';

/** Where samples come from; both lie on the GPU as a whole. */
export type SampleSource =
  /** A sample is the row of the series where its window starts; the target is what follows the window, or each step. */
  | {
      kind: 'windows';
      /** [rows, I] */
      series: Tensor;
      /** C: the first columns of the series, which are forecast O / C rows ahead. Default O: one row. */
      targetColumns?: number;
    }
  /** A sample is a sequence of its own, with a target for its end, or for each step. */
  | {
      kind: 'samples';
      /** [S, T, I] */
      inputs: Tensor;
      /** [S, 1 or T, K] */
      targets: Tensor;
      /** [S] u32 */
      lengths: Tensor;
    };

/** Limits for gradients before the optimizer sees them: torch.nn.utils.clip_grad_norm_ and clip_grad_value_. */
export interface ClipOptions {
  /** Largest 2-norm of all gradients of a model together, > 0. */
  norm?: number;
  /** Largest absolute value of any gradient, > 0. With `norm`: after it. */
  value?: number;
}

/** What a plan is built for. */
export interface PlanOptions {
  device: GuardedDevice;
  /** One model or more: a step is a step of each. */
  state: ModelState;
  source: SampleSource;
  windowLength: number;
  batchSize: number;
  /** Samples of all models in one pass over the data, at most. */
  maxSamples: number;
  loss: Loss;
  optimizer: Optimizer;
  clip: ClipOptions | undefined;
  /** Of dropout's random numbers, u32, of each model. */
  seeds: readonly number[];
}

/** A run of consecutive optimizer steps that is submitted as one piece of work. */
export interface Slice {
  /** Step within the order, from 0; step s takes samples s * batchSize and following, where a model has so many. */
  firstStep: number;
  numSteps: number;
  models: readonly ModelSlice[];
}

export interface ModelSlice {
  /** Optimizer steps this model took before the slice, since its moments were zero. */
  stepsTaken: number;
  /** Learning rate of a step, by the number of steps taken before it. */
  lr: (stepsTaken: number) => number;
}

/** The seam between training and the GPU: how optimizer steps become commands. All plans give the same numbers. */
export interface TrainingPlan {
  readonly name: PlanName;
  readonly batchSize: number;
  readonly maxStepsPerSlice: number;
  /** [maxStepsPerSlice, models]: the losses of the last slice's steps; as it was for a model without samples left. */
  readonly losses: Tensor;
  /** Queues the upload of the order in which each model visits its samples: the rows where their windows start. */
  setOrder(orders: readonly Uint32Array[]): void;
  /**
   * Appends a slice's commands as one compute pass, timed where `timestampWrites` says so; returns how many dispatches they
   * are. Awaits nothing and allocates nothing.
   */
  encode(encoder: GPUCommandEncoder, slice: Slice, timestampWrites?: GPUComputePassTimestampWrites): number;
  dispose(): void;
}
