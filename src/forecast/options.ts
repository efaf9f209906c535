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
 * The model is PyTorch's: its cell, layers, directions and projection, and Linear(features, horizon) on the last state. The
 * options below define its inputs and outputs.
 */
export interface ForecasterOptions extends Omit<RecurrentOptions, 'inputSize' | 'hiddenSize'> {
  /** The caller's device, from `requestDevice` or elsewhere; never destroyed here. */
  device: GPUDevice;
  /** Input rows for a prediction, T. Default 10. */
  windowLength?: number;
  /** Steps predicted at once, each by its own output; later ones are forecast from these. Default 1. */
  horizon?: number;
  /** H. Default 32. */
  hiddenSize?: number;
  /** As in `torch.manual_seed(seed)`: the same seed gives PyTorch's initial weights. Default 0. */
  seed?: number;
  /** Number of models, trained together; member k has the seed `seed + k`. Forecasts are their mean. Default 1. */
  ensemble?: number;
  /** The name of the series, such as its column in a CSV; kept in the model file. Default: none. */
  target?: string;
  /**
   * The column that names the series, if there are several; kept in the model file. Default: none; without a `target` the
   * command then takes their ids for column names.
   */
  idColumn?: string;
  /** Names of columns known up to the last row, used as further inputs. Default none. */
  past?: readonly string[];
  /** Names of columns known ahead, such as a weekday, used up to the row being predicted. Default none. */
  future?: readonly string[];
  /**
   * Quantiles to predict for each row, ascending, between 0 and 1; the one nearest to 0.5 is the forecast. Outputs that cross
   * are sorted, so quantiles never cross. Default none.
   */
  quantiles?: readonly number[];
  /** The scaler of the columns. Default 'minmax', to [-1, 1]. */
  scaler?: ScalerName;
  /**
   * The rows a scaler is fitted on: the training rows of each series (default), or each window by itself. 'last' subtracts the
   * last value of the window from the target and divides by the usual change over a window in the training rows.
   */
  scalePer?: 'series' | 'window' | 'last';
  /**
   * Initialize the last layer to 0 instead of PyTorch's values; with `scalePer: 'last'` this starts at the naive forecast.
   * Default false.
   */
  zeroHead?: boolean;
  /** Learn differences or log returns instead of values; forecasts are converted back. Default 'none'. */
  transform?: TransformName;
}

/** The defaults are the tutorial's: 20 epochs, a batch of 1, no shuffling, Adam. */
export interface FitOptions extends FitControls, RecoveryOptions {
  /**
   * Where to start: from the initial weights of the seed, or from the current weights (loaded, or of the last fit) with a new
   * optimizer and schedule. By default, a new forecaster starts from its initial weights, and a second fit on the same rows
   * trains further; a fit on other rows must specify `from`. The report contains it, too.
   */
  from?: 'initial' | 'weights';
  /**
   * Learning rate, >= 0; or one for each member of the ensemble. Set it here or in the optimizer, not both. Default: torch's
   * for the optimizer, 1e-3, or 1e-2 for RMSprop.
   */
  lr?: number | readonly number[];
  /** Default Adam, with torch's settings. */
  optimizer?: OptimizerOptions;
  /** Default mean squared error; the quantile loss for a forecaster with quantiles. */
  loss?: LossOptions;
  /** Gradient clipping. Default none. */
  clip?: ClipOptions;
  /** Learning rate schedule. Default: constant. */
  schedule?: ScheduleOptions;
  /** Share of the windows, from the start, used for training; 0 < split <= 1. With 1 there is no test set. Default 0.8. */
  split?: number;
  /**
   * Share of the training windows, from their end, held out for validation: for early stopping, schedules that watch the loss,
   * and intervals. 0 <= validation < 1. Default 0; with early stopping 0.1.
   */
  validation?: number;
  /** Stop a model whose validation loss no longer improves, and keep its best epoch's weights. `true` uses the defaults. */
  earlyStopping?: EarlyStoppingOptions | boolean;
  /** Train every model on all series, instead of each on its own. Default false. */
  global?: boolean;
  /**
   * Rows to fit the scaler on: the training rows (default), or all of them, which leaks the future into the scale. 'keep' keeps
   * the scaler that the weights were trained with: the default with `from: 'weights'`, and only valid there.
   */
  scalerFit?: 'train' | 'all' | 'keep';
}

/** Options of a refit on all rows. */
export interface RefitOptions extends ResumeOptions {
  /** Steps ahead for which intervals will be available. Default: the model's horizon. */
  ahead?: number;
}

/** Options of a model file. */
export interface SaveOptions {
  /**
   * Steps ahead for which the loaded model will have intervals; their residuals are measured on the validation set. Default:
   * the model's horizon.
   */
  ahead?: number;
}
