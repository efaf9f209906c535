import type { ForecastMetrics } from '../data/metrics.ts';
import type { Quantile } from '../data/quantiles.ts';
import type { LossOptions } from '../engine/losses.ts';
import type { OptimizerOptions } from '../engine/optimizers.ts';
import type { ClipOptions } from '../engine/plan.ts';
import type { RecurrentOptions } from '../model/config.ts';
import type { FitControls } from '../train/fit.ts';
import type { ScheduleOptions } from '../train/schedules.ts';

/** The model is PyTorch's: its cell, layers, directions and projection, and Linear(features, 1) on the last state. */
export interface ForecasterOptions extends Omit<RecurrentOptions, 'inputSize' | 'hiddenSize'> {
  /** A device of the caller's, from `requestDevice` or elsewhere; never destroyed here. */
  device: GPUDevice;
  /** Rows the model reads to predict the next one, T. Default 10. */
  windowLength?: number;
  /** H. Default 32. */
  hiddenSize?: number;
  /** As in `torch.manual_seed(seed)`: the same seed gives PyTorch's initial weights. Default 0. */
  seed?: number;
  /** Models trained side by side; member k has the seed `seed + k`. Forecasts are their mean. Default 1. */
  ensemble?: number;
}

/** Defaults of the tutorial: 20 epochs, a batch of 1, no shuffling, Adam. */
export interface FitOptions extends FitControls {
  /** Learning rate, >= 0; or one for each member of the ensemble. Default: the optimizer's, for Adam 1e-3. */
  lr?: number | readonly number[];
  /** Default Adam, with torch's settings. */
  optimizer?: OptimizerOptions;
  /** Default mean squared error. */
  loss?: LossOptions;
  /** Limits for the gradients. Default none. */
  clip?: ClipOptions;
  /** How the learning rate changes while training. Default: not at all. */
  schedule?: ScheduleOptions;
  /** Share of the windows, from the start, that is trained on; 0 < split < 1. Default 0.8. */
  split?: number;
  /** Rows the scaler sees: the training rows (default), or all of them, which leaks the future into the scale. */
  scalerFit?: 'train' | 'all';
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

/** What {@link Forecaster.evaluate} forecasts. */
export interface EvaluateOptions {
  /** 'test' (default): the windows training has not seen; 'train'; 'all'. */
  part?: 'test' | 'train' | 'all';
  /** One member alone, from 0. Needed where every member has a series of its own. */
  member?: number;
  /** Levels of the spread over the members, each from 0 to 1. Default [0.1, 0.9]. */
  quantiles?: readonly number[];
}

/** How far {@link Forecaster.predict} looks ahead, and from where. */
export interface PredictOptions {
  /** Rows ahead, >= 1. Default 1. */
  horizon?: number;
  /** Where to start from; its last windowLength rows are read. Default: the fitted series. */
  series?: ArrayLike<number>;
}
