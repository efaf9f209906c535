/** Losses of one pass over the training samples. */
export interface EpochLoss {
  /** Mean of the batches' losses, weighted by their samples. */
  loss: number;
  /** Loss of the epoch's last batch: what the tutorial prints. */
  lastLoss: number;
  /** Mean loss over the validation samples after the epoch; undefined where there are none. */
  validationLoss?: number;
}

/** What one pass over its samples gave one model; of one that trains no more, its last pass. */
export interface ModelEpoch extends EpochLoss {
  /** Learning rate of the epoch's last step. */
  lr: number;
  /** It stopped early: this epoch was its last, or an earlier one. */
  stopped: boolean;
}

/** What one pass over the training samples gave; losses are means over the models. */
export interface EpochReport extends EpochLoss {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Optimizer steps of this epoch, of each model. */
  steps: number;
  stepsPerSecond: number;
  seconds: number;
  /** Of each model: one, or the members of an ensemble. */
  models: ModelEpoch[];
}

/** Where training is, after every slice. */
export interface Progress {
  epoch: number;
  epochs: number;
  /** Steps done in this epoch, of `steps`. */
  step: number;
  steps: number;
  /** Loss of the last step done, mean over the models. */
  loss: number;
}

/** Counts that measurements compare: how much work was submitted, and in how many pieces. Steps are those of each model. */
export interface TrainCounts {
  /** Epochs that were finished. */
  epochs: number;
  steps: number;
  submits: number;
  dispatches: number;
}

/**
 * Where a fit started: from the initial weights of its seed; from the weights that were loaded or trained before, with a new
 * optimizer and schedule; with all that those kept, too; or from a checkpoint.
 */
export type FitStart = 'initial' | 'weights' | 'state' | 'checkpoint';

/** What a whole fit gave. */
export interface FitReport {
  from: FitStart;
  /** All of its epochs; where it went on from a checkpoint, those before it, too. */
  epochs: EpochReport[];
  /** The plan that ran. */
  plan: string;
  /** Why 'auto' did not take the resident plan, in words. */
  whyNotResident?: string;
  /**
   * Optimizer steps of this run, and the GPU submits and dispatches they took; not those before a checkpoint, but those that a
   * lost device took with it, too.
   */
  steps: number;
  submits: number;
  dispatches: number;
  /** Of this run, with all that it waited for. */
  seconds: number;
}
