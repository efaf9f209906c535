import type { GuardedDevice } from '../gpu/guarded_device.ts';
import type { Tensor } from '../gpu/tensor.ts';
import type { Loss } from './losses.ts';
import type { Optimizer } from './optimizers.ts';
import type { ModelState } from './state.ts';

/** How much work one dispatch does; see ARCHITECTURE.md. */
export type PlanName = 'resident' | 'sequence' | 'timestep';

/** The source of samples; both kinds are entirely on the GPU. */
export type SampleSource =
  /** A sample is the row of the series where its window starts; the target is the row after the window, or after each step. */
  | {
      kind: 'windows';
      /** [rows, I] */
      series: Tensor;
      /** C: the first columns of the series, which are forecast O / C steps ahead. Default O: one step. */
      targetColumns?: number;
    }
  /** A sample is a separate sequence, with a target for its end, or for each step. */
  | {
      kind: 'samples';
      /** [S, T, I] */
      inputs: Tensor;
      /** [S, 1 or T, K] */
      targets: Tensor;
      /** [S] u32 */
      lengths: Tensor;
    };

/** Gradient clipping before the optimizer: torch.nn.utils.clip_grad_norm_ and clip_grad_value_. */
export interface ClipOptions {
  /** Largest 2-norm of all gradients of a model together, > 0. */
  norm?: number;
  /** Largest absolute value of any gradient, > 0. If combined with `norm`, applied after it. */
  value?: number;
}

/** Options of a plan. */
export interface PlanOptions {
  device: GuardedDevice;
  /** One model or more: a step is a step of each. */
  state: ModelState;
  source: SampleSource;
  windowLength: number;
  batchSize: number;
  /** Maximum number of samples of all models in one pass over the data. */
  maxSamples: number;
  loss: Loss;
  optimizer: Optimizer;
  clip: ClipOptions | undefined;
  /** Seeds of dropout's random numbers, u32, for each model. */
  seeds: readonly number[];
  /** False: no workgroups that wait for each other, even where the device runs them side by side. */
  persistent?: boolean | undefined;
}

/** A run of consecutive optimizer steps, submitted at once. */
export interface Slice {
  /** Step within the order, from 0; step s takes samples from s * batchSize on, if a model has that many. */
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

/** What to do when workgroups that wait for each other gave up, because the device did not run them side by side. */
export interface SideBySide {
  /** [1] u32: not 0 after such a slice and all later ones, whose results are invalid. */
  readonly failed: Tensor;
  /** The device never runs such kernels again: later slices have others, with the same results except for rounding. */
  giveUp(): void;
}

/** The interface between training and the GPU: turns optimizer steps into commands. All plans give the same results. */
export interface TrainingPlan {
  readonly name: PlanName;
  readonly batchSize: number;
  readonly maxStepsPerSlice: number;
  /** [maxStepsPerSlice, models]: the losses of the last slice's steps; unchanged for a model without samples left. */
  readonly losses: Tensor;
  /** If its workgroups may wait for each other. */
  readonly sideBySide?: SideBySide;
  /** Queues the upload of the order in which each model visits its samples: the rows where their windows start. */
  setOrder(orders: readonly Uint32Array[]): void;
  /**
   * Appends a slice's commands as one compute pass, timed if `timestampWrites` is given; returns the number of dispatches.
   * Awaits nothing and allocates nothing.
   */
  encode(encoder: GPUCommandEncoder, slice: Slice, timestampWrites?: GPUComputePassTimestampWrites): number;
  dispose(): void;
}
