import type { Tensor } from '../gpu/tensor.ts';
import type { ModelState } from './state.ts';

/** What stays inside one dispatch; see ARCHITECTURE.md. */
export type PlanName = 'resident' | 'timestep';

/** torch.optim.Adam's settings; `lr` comes with every slice, so that a schedule may change it. */
export interface AdamConfig {
  betas: readonly [number, number];
  eps: number;
}

/** What a plan is built for. The series is on the GPU already; a sample is the row where its window starts. */
export interface PlanOptions {
  device: GPUDevice;
  state: ModelState;
  /** [rows, inputSize] */
  series: Tensor;
  windowLength: number;
  batchSize: number;
  /** Samples in the order of one pass over the data, at most. */
  maxSamples: number;
  adam: AdamConfig;
}

/** A run of consecutive optimizer steps that is submitted as one piece of work. */
export interface Slice {
  /** Step within the order, from 0; step s takes samples s * batchSize and following. */
  firstStep: number;
  numSteps: number;
  /** Optimizer steps taken before this slice, since the moments were zero. */
  stepsTaken: number;
  lr: number;
}

/** The seam between training and the GPU: how optimizer steps become commands. All plans give the same numbers. */
export interface TrainingPlan {
  readonly name: PlanName;
  readonly batchSize: number;
  readonly maxStepsPerSlice: number;
  /** Dispatches that a slice of `numSteps` steps records. */
  dispatchesPerSlice(numSteps: number): number;
  /** [maxStepsPerSlice]: the losses of the last slice's steps. */
  readonly losses: Tensor;
  /** Queues the upload of the order in which samples are visited. */
  setOrder(order: Uint32Array): void;
  /** Appends a slice's commands. Awaits nothing and allocates nothing. */
  encode(encoder: GPUCommandEncoder, slice: Slice): void;
  destroy(): void;
}
