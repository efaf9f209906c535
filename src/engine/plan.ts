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
  /** One model or more: a step is a step of each. */
  state: ModelState;
  /** [rows, inputSize] */
  series: Tensor;
  windowLength: number;
  batchSize: number;
  /** Samples of all models in one pass over the data, at most. */
  maxSamples: number;
  adam: AdamConfig;
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
  lr: number;
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
  destroy(): void;
}
