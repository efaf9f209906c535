import type { NumericArray, TensorInput } from '../arrays.ts';
import { checkClip } from '../engine/clip.ts';
import { type Loss, type LossOptions, lossOf } from '../engine/losses.ts';
import { type Optimizer, type OptimizerOptions, optimizerOf } from '../engine/optimizers.ts';
import type { ClipOptions } from '../engine/plan.ts';
import { ConfigError } from '../errors.ts';
import { choice, positiveInteger, type Settled, settled } from '../kinds.ts';
import { checkModelOptions, type ModelConfig, type ModelOptions, modelConfig } from '../model/config.ts';
import { checkSeed } from '../model/init.ts';
import type { OptionNames } from '../options.ts';
import { type FitControls, RESUME_OPTIONS, type RecoveryOptions, type ResumeOptions } from '../train/controls.ts';
import { type EarlyStopping, type EarlyStoppingOptions, earlyStoppingOf } from '../train/early_stopping.ts';
import { createSchedule, type Schedule, type ScheduleOptions } from '../train/schedules.ts';
import { CONTROLS } from '../train/settings.ts';

/** A model, and how it is trained. */
export interface TrainerOptions {
  /** The caller's device; never destroyed here. */
  device: GPUDevice;
  /** The recurrent layers, and the linear layer on their last step or on every one. */
  model: Omit<ModelOptions, 'head'> & { head?: 'last' | 'every' };
  /** Default mean squared error. */
  loss?: LossOptions;
  /** Default Adam, with torch's settings. */
  optimizer?: OptimizerOptions;
  /** Gradient clipping. Default none. */
  clip?: ClipOptions;
  /** Learning rate schedule. Default: constant. */
  schedule?: ScheduleOptions;
  /** As in `torch.manual_seed(seed)`; also seeds the order of samples and dropout. Default 0. */
  seed?: number;
}

/** Sequences with a target for their end, or for each of their steps. */
export interface SampleData {
  /** [S, T, I], finite. */
  inputs: TensorInput;
  /**
   * [S, K] for a head on the last step, [S, T, K] for one on every step; finite. K is outputSize, or with a quantile loss
   * outputSize divided by the number of quantiles. With crossEntropy, classes from 0 without the last axis; padding must also
   * hold valid classes.
   */
  targets: TensorInput;
  /** Length of each sequence, 1 to T; values after that are ignored. Default: T. */
  lengths?: NumericArray;
}

/** Options of a Trainer's fit: how to train, from where, and on what to validate. */
export interface TrainerFitOptions extends FitControls, RecoveryOptions {
  /**
   * Where to start: 'state' (default), from the current weights and the state of optimizer and schedule; 'weights', from the
   * current weights with a new optimizer and schedule; 'initial', from the initial weights of the seed. The report contains the
   * start: for a new trainer 'state' is 'initial', and after loading weights alone it is 'weights'.
   */
  from?: 'state' | 'weights' | 'initial';
  /**
   * Samples on the device at once, rounded to whole batches. The rest is streamed to it during training, and shuffled within
   * chunks, as are the chunks themselves. Default: as many as fit in one buffer.
   */
  chunkSamples?: number;
  /**
   * Validation samples: their mean loss is reported after every epoch, and used by schedules that watch the loss. Their number
   * of steps may differ. Default: none.
   */
  validation?: SampleData;
  /** Stop when the validation loss no longer improves, and keep the best epoch's weights. `true` uses the defaults. */
  earlyStopping?: EarlyStoppingOptions | boolean;
}

/** Options when resuming from a checkpoint; everything else is in the checkpoint. */
export type TrainerResumeOptions = ResumeOptions & Pick<TrainerFitOptions, 'validation'>;

/** Options of each call; the compiler requires every option. */
export const TRAINER_OPTIONS: OptionNames<TrainerOptions> = {
  ...{ device: true, model: true, loss: true, optimizer: true, clip: true, schedule: true, seed: true },
};
export const TRAINER_RESUME_OPTIONS: OptionNames<TrainerResumeOptions> = { ...RESUME_OPTIONS, validation: true };

/** A model and how to train it, validated. */
export interface TrainerParts {
  config: ModelConfig;
  loss: Loss;
  optimizer: Optimizer;
  clip: ClipOptions | undefined;
  schedule: Schedule;
  seed: number;
}

/** A deep copy of options, since the caller may change them, or pass reactive proxies. */
export function copied<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(copied) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, copied(own)])) as Value;
}

/** Fills in defaults. @throws ConfigError naming the first invalid option. */
export function trainerParts(options: Omit<TrainerOptions, 'device'>): TrainerParts {
  const { model, clip, seed = 0 } = options;
  checkModelOptions('model', model);
  const config = modelConfig(model);
  if (config.head === 'none')
    throw new ConfigError("head: got 'none', expected 'last' or 'every', since a Trainer needs outputs.");
  const loss = lossOf(options.loss ?? { name: 'mse' });
  loss.targetSize(config.outputSize); // throws if the two are incompatible
  checkClip(clip);
  const optimizer = optimizerOf(options.optimizer ?? { name: 'Adam' });
  checkSeed(seed);
  return { config, loss, optimizer, clip, schedule: createSchedule(options.schedule), seed };
}

/** Like a forecaster's fit, except for `from`, and with shuffled batches of 32. */
const FIT = {
  ...CONTROLS,
  batchSize: { ...CONTROLS.batchSize, usual: 32 },
  shuffle: { ...CONTROLS.shuffle, usual: true },
  from: { kind: choice(['state', 'weights', 'initial']), usual: 'state' },
  chunkSamples: { kind: positiveInteger },
} as const;

export const FIT_OPTIONS: OptionNames<TrainerFitOptions> = { ...FIT, ...TRAINER_RESUME_OPTIONS, earlyStopping: true };

/** The settings of a fit, validated and with all defaults filled in: plain JSON. */
export interface TrainerSettings extends Settled<typeof FIT> {
  earlyStopping?: EarlyStopping | undefined;
}

/** @throws ConfigError naming the first invalid option. */
export function trainerSettings(
  options: Omit<TrainerFitOptions, 'validation'>,
  hasValidation: boolean,
): TrainerSettings {
  const earlyStopping = earlyStoppingOf(options.earlyStopping);
  if (earlyStopping && !hasValidation)
    throw new ConfigError('earlyStopping: needs validation samples; pass validation: { inputs, targets }.');
  return { ...settled(FIT, options), earlyStopping };
}
