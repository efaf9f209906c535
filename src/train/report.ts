/** Losses of one pass over the training samples. */
export interface EpochLoss {
  /** Mean of the batches' losses, weighted by their samples. */
  loss: number;
  /** Loss of the epoch's last batch: the one the tutorial prints. */
  lastLoss: number;
  /** Mean loss over the validation samples after the epoch; undefined if there are none. */
  validationLoss?: number;
}

/** The results of one epoch for one model; for a model that has stopped, those of its last epoch. */
export interface ModelEpoch extends EpochLoss {
  /** Learning rate of the epoch's last step. */
  lr: number;
  /** It stopped early, in this epoch or an earlier one. */
  stopped: boolean;
}

/** The results of one epoch; losses are means over the models. */
export interface EpochReport extends EpochLoss {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Optimizer steps in this epoch, for each model. */
  steps: number;
  stepsPerSecond: number;
  seconds: number;
  /** For each model: one, or the members of an ensemble. */
  models: ModelEpoch[];
}

/** Progress of a training, after every slice. */
export interface Progress {
  epoch: number;
  epochs: number;
  /** Steps completed in this epoch, out of `steps`. */
  step: number;
  steps: number;
  /** Loss of the last completed step, mean over the models. */
  loss: number;
}

/** Counts for measurements: how much work was submitted, and in how many pieces. Steps count once for all models. */
export interface TrainCounts {
  /** Completed epochs. */
  epochs: number;
  steps: number;
  submits: number;
  dispatches: number;
}

/**
 * Where a fit started: from the initial weights of its seed; from loaded or trained weights, with a new optimizer and schedule;
 * from these weights with the state of optimizer and schedule, too; or from a checkpoint.
 */
export type FitStart = 'initial' | 'weights' | 'state' | 'checkpoint';

/** The report of a whole fit. */
export interface FitReport {
  from: FitStart;
  /** All of its epochs, including those before the checkpoint it was resumed from. */
  epochs: EpochReport[];
  /** The plan that ran. */
  plan: string;
  /** Why 'auto' did not choose the resident plan, in words. */
  whyNotResident?: string;
  /**
   * Optimizer steps, GPU submits and dispatches in this run; without those before a checkpoint, but including those lost with a
   * device.
   */
  steps: number;
  submits: number;
  dispatches: number;
  /** Duration of this run, including everything it waited for. */
  seconds: number;
}
