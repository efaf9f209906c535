import type { ScalerName } from '../data/scaler.ts';
import type { TransformName } from '../data/transforms.ts';
import type { LossOptions } from '../engine/losses.ts';
import type { OptimizerOptions } from '../engine/optimizers.ts';
import type { ClipOptions } from '../engine/plan.ts';
import type { RecurrentOptions } from '../model/config.ts';
import type { FitControls, RecoveryOptions, ResumeOptions } from '../train/controls.ts';
import type { EarlyStoppingOptions } from '../train/early_stopping.ts';
import type { ScheduleOptions } from '../train/schedules.ts';

/**
 * The model is PyTorch's: its cell, layers, directions and projection, and Linear(features, horizon) on the last state; what
 * it reads and says is told here.
 */
export interface ForecasterOptions extends Omit<RecurrentOptions, 'inputSize' | 'hiddenSize'> {
  /** A device of the caller's, from `requestDevice` or elsewhere; never destroyed here. */
  device: GPUDevice;
  /** Rows the model reads to predict the next ones, T. Default 10. */
  windowLength?: number;
  /** Rows that the model predicts at once, each by an output of its own; further ones follow from these. Default 1. */
  horizon?: number;
  /** H. Default 32. */
  hiddenSize?: number;
  /** As in `torch.manual_seed(seed)`: the same seed gives PyTorch's initial weights. Default 0. */
  seed?: number;
  /** Models trained side by side; member k has the seed `seed + k`. Forecasts are their mean. Default 1. */
  ensemble?: number;
  /** What the series is called, such as its column in a CSV: kept in the model's file for who reads it. Default: not told. */
  target?: string;
  /**
   * Which column names the series, of several: kept in the model's file for who reads it. Default: not told; without a `target`
   * the command then takes their ids for the names of columns.
   */
  idColumn?: string;
  /** Names of columns that are known up to the last row, read beside the series. Default none. */
  past?: readonly string[];
  /** Names of columns that are known ahead, such as a weekday: read up to the row that is predicted. Default none. */
  future?: readonly string[];
  /**
   * Quantiles that the model predicts of each row, rising, between 0 and 1; the one nearest to 0.5 is the forecast. Outputs that
   * cross are sorted, so that forecasts never do. Default none.
   */
  quantiles?: readonly number[];
  /** How columns are scaled. Default 'minmax', to [-1, 1]. */
  scaler?: ScalerName;
  /**
   * Over what a scaler is fitted: the training rows of each series (default), or every window by itself. 'last': the target
   * less the last value of its window, over the usual change of the training rows across a window.
   */
  scalePer?: 'series' | 'window' | 'last';
  /** The last layer starts at 0 instead of PyTorch's values; with `scalePer: 'last'` that is the naive forecast. Default false. */
  zeroHead?: boolean;
  /** What is learned instead of the values: their differences, or log returns. Forecasts are values again. Default 'none'. */
  transform?: TransformName;
}

/** Defaults of the tutorial: 20 epochs, a batch of 1, no shuffling, Adam. */
export interface FitOptions extends FitControls, RecoveryOptions {
  /**
   * From where to train: from the initial weights of the seed, or from the weights that there are, loaded or of the last fit,
   * with a new optimizer and schedule. Default: from what is there, as a Trainer's fit. So a new forecaster starts from the
   * initial weights, and a second fit on the same rows goes on; a fit on other rows has to say which. The report names it, too.
   */
  from?: 'initial' | 'weights';
  /**
   * Learning rate, >= 0; or one for each member of the ensemble. Here, or in the optimizer. Default: torch's for the optimizer,
   * 1e-3, of RMSprop 1e-2.
   */
  lr?: number | readonly number[];
  /** Default Adam, with torch's settings. */
  optimizer?: OptimizerOptions;
  /** Default mean squared error; the quantile loss of a forecaster with quantiles. */
  loss?: LossOptions;
  /** Limits for the gradients. Default none. */
  clip?: ClipOptions;
  /** How the learning rate changes while training. Default: not at all. */
  schedule?: ScheduleOptions;
  /** Share of the windows, from the start, that is trained on; 0 < split <= 1. With 1 there is no test part. Default 0.8. */
  split?: number;
  /**
   * Share of the training windows, from their end, that is kept from training: for early stopping, schedules that watch the
   * loss, and intervals. 0 <= validation < 1. Default 0; with early stopping 0.1.
   */
  validation?: number;
  /** Stop a model whose validation loss gets no better, and keep its best epoch's weights. `true`: with the defaults. */
  earlyStopping?: EarlyStoppingOptions | boolean;
  /** Every model learns all series, instead of each its own. Default false. */
  global?: boolean;
  /**
   * Rows the scaler sees: the training rows (default), or all of them, which leaks the future into the scale. 'keep': none, it
   * stays the one that the weights were trained with; the default with `from: 'weights'`, and possible only there.
   */
  scalerFit?: 'train' | 'all' | 'keep';
}

/** How a fit is repeated on all rows. */
export interface RefitOptions extends ResumeOptions {
  /** Rows ahead that intervals can be asked for. Default: those that the model predicts at once. */
  ahead?: number;
}

/** What a model file keeps beside the model. */
export interface SaveOptions {
  /**
   * Rows ahead that intervals of the loaded model can be asked for: what it was off by that many rows ahead is measured on the
   * validation part. Default: those that it predicts at once.
   */
  ahead?: number;
}
