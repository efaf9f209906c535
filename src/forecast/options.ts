import type { ForecastMetrics } from '../data/metrics.ts';
import type { Quantile } from '../data/quantiles.ts';
import type { PlanName } from '../engine/plan.ts';
import type { AdamOptions } from '../train/optimizer.ts';
import type { Progress } from '../train/trainer.ts';

export interface ForecasterOptions {
  /** A device of the caller's, from `requestDevice` or elsewhere; never destroyed here. */
  device: GPUDevice;
  /** Rows the model reads to predict the next one, T. Default 10. */
  windowLength?: number;
  /** H. Default 32. */
  hiddenSize?: number;
  /** L. Default 1. */
  numLayers?: number;
  /** As in `torch.manual_seed(seed)`: the same seed gives PyTorch's initial weights. Default 0. */
  seed?: number;
  /** Models trained side by side; member k has the seed `seed + k`. Forecasts are their mean. Default 1. */
  ensemble?: number;
}

export interface FitOptions extends Omit<AdamOptions, 'lr'> {
  /** Learning rate, >= 0; or one for each member of the ensemble. Default 1e-3. */
  lr?: number | readonly number[];
  /** Passes over the training windows. Default 20. */
  epochs?: number;
  /** Windows per optimizer step. Default 1, as in the tutorial. */
  batchSize?: number;
  /** Share of the windows, from the start, that is trained on; 0 < split < 1. Default 0.8. */
  split?: number;
  /** Rows the scaler sees: the training rows (default), or all of them, which leaks the future into the scale. */
  scalerFit?: 'train' | 'all';
  /** Visit the windows in a new, seeded order every epoch. Default false, as in the tutorial. */
  shuffle?: boolean;
  /** Which plan runs the steps. Default 'auto'. */
  plan?: PlanName | 'auto';
  /** Target duration of one piece of GPU work in milliseconds. Default 50: pages stay live. */
  sliceMs?: number;
  /** Stops training after the slice under way; the fit then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called after every slice. */
  onProgress?: (progress: Progress) => void;
}

/** One-step-ahead forecasts over a range of rows, in the units of the series. */
export interface Evaluation {
  /** Row of the series that the first value stands for. */
  firstRow: number;
  /** Of an ensemble the mean over its members. */
  predicted: Float64Array;
  /** What each member predicted; one entry for a single model. */
  members: Float64Array[];
  /** The spread over the members at the levels asked for; empty for a single model. */
  quantiles: Quantile[];
  actual: Float64Array;
  /** Tomorrow = today. */
  naive: Float64Array;
  metrics: ForecastMetrics;
}

export interface EvaluateOptions {
  /** 'test' (default): the windows training has not seen; 'train'; 'all'. */
  part?: 'test' | 'train' | 'all';
  /** One member alone, from 0. Needed where every member has a series of its own. */
  member?: number;
  /** Levels of the spread over the members, each from 0 to 1. Default [0.1, 0.9]. */
  quantiles?: readonly number[];
}

export interface PredictOptions {
  /** Rows ahead, >= 1. Default 1. */
  horizon?: number;
  /** Where to start from; its last windowLength rows are read. Default: the fitted series. */
  series?: ArrayLike<number>;
}
