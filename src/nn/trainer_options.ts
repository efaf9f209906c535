import type { NumericArray, TensorInput } from '../arrays.ts';
import { checkClip } from '../engine/clip.ts';
import { type Loss, type LossOptions, lossOf } from '../engine/losses.ts';
import { type Optimizer, type OptimizerOptions, optimizerOf } from '../engine/optimizers.ts';
import type { ClipOptions } from '../engine/plan.ts';
import { ConfigError } from '../errors.ts';
import {
  checkModelOptions,
  checkPositiveInteger,
  type ModelConfig,
  type ModelOptions,
  modelConfig,
} from '../model/config.ts';
import { checkSeed } from '../model/init.ts';
import { notAChoice, type OptionNames } from '../options.ts';
import {
  type ControlSettings,
  controlSettings,
  type FitControls,
  RESUME_OPTIONS,
  type RecoveryOptions,
  type ResumeOptions,
} from '../train/controls.ts';
import { type EarlyStopping, type EarlyStoppingOptions, earlyStoppingOf } from '../train/early_stopping.ts';
import { createSchedule, type Schedule, type ScheduleOptions } from '../train/schedules.ts';

/** A model, and how it is trained. */
export interface TrainerOptions {
  /** A device of the caller's; never destroyed here. */
  device: GPUDevice;
  /** The recurrent layers, and the linear layer on their last step or on every one. */
  model: Omit<ModelOptions, 'head'> & { head?: 'last' | 'every' };
  /** Default mean squared error. */
  loss?: LossOptions;
  /** Default Adam, with torch's settings. */
  optimizer?: OptimizerOptions;
  /** Limits for the gradients. Default none. */
  clip?: ClipOptions;
  /** How the learning rate changes. Default: not at all. */
  schedule?: ScheduleOptions;
  /** As in `torch.manual_seed(seed)`; also of the order of samples and of dropout. Default 0. */
  seed?: number;
}

/** Sequences with a target for their end, or for each of their steps. */
export interface SampleData {
  /** [S, T, I], finite. */
  inputs: TensorInput;
  /**
   * [S, K] for a head on the last step, [S, T, K] for one on every step. K is outputSize; with a quantile loss outputSize
   * divided by the number of quantiles; finite. With crossEntropy the classes, from 0, without the last axis, and
   * classes also behind the end of a sequence.
   */
  targets: TensorInput;
  /** Steps of each sequence, 1 to T; what lies behind is not read. Default: all T. */
  lengths?: NumericArray;
}

/** How a Trainer's fit goes, from where, and what it is validated with. */
export interface TrainerFitOptions extends FitControls, RecoveryOptions {
  /**
   * From where to train: 'state' (default), from the weights that there are and what optimizer and schedule keep; 'weights',
   * from these weights with a new optimizer and schedule; 'initial', anew from the initial weights of the seed. The report names
   * the start: a new trainer's state is the initial one, and weights that were loaded without an optimizer's are weights.
   */
  from?: 'state' | 'weights' | 'initial';
  /**
   * Samples on the device at once, rounded to whole batches; more stream to it while it trains, and are then shuffled within
   * chunks, and the chunks among themselves. Default: as many as one buffer holds.
   */
  chunkSamples?: number;
  /**
   * Samples that are not trained on: their mean loss is told of every epoch, and schedules that watch the loss watch it. They
   * may have another number of steps. Default none.
   */
  validation?: SampleData;
  /** Stop when the validation loss gets no better, and keep the best epoch's weights. `true`: with the defaults. */
  earlyStopping?: EarlyStoppingOptions | boolean;
}

/** What a fit that goes on from a checkpoint is still told; everything else is in the checkpoint. */
export type TrainerResumeOptions = ResumeOptions & Pick<TrainerFitOptions, 'validation'>;

/** Of each call; the compiler asks for every option. */
export const TRAINER_OPTIONS: OptionNames<TrainerOptions> = {
  ...{ device: true, model: true, loss: true, optimizer: true, clip: true, schedule: true, seed: true },
};
export const TRAINER_RESUME_OPTIONS: OptionNames<TrainerResumeOptions> = { ...RESUME_OPTIONS, validation: true };
export const FIT_OPTIONS: OptionNames<TrainerFitOptions> = {
  ...TRAINER_RESUME_OPTIONS,
  ...{ epochs: true, batchSize: true, shuffle: true, plan: true, chunkSamples: true, earlyStopping: true, from: true },
};

/** A model and how it is trained, checked. */
export interface TrainerParts {
  config: ModelConfig;
  loss: Loss;
  optimizer: Optimizer;
  clip: ClipOptions | undefined;
  schedule: Schedule;
  seed: number;
}

/** A copy of options, whose owner may change them, or have them watched by a proxy. */
export function copied<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(copied) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, copied(own)])) as Value;
}

/** Fills in defaults. @throws ConfigError naming the first option that cannot be. */
export function trainerParts(options: Omit<TrainerOptions, 'device'>): TrainerParts {
  const { model, clip, seed = 0 } = options;
  checkModelOptions('model', model);
  const config = modelConfig(model);
  if (config.head === 'none') throw new ConfigError("head: got 'none', expected 'last' or 'every': it is trained.");
  const loss = lossOf(options.loss ?? { name: 'mse' });
  loss.targetSize(config.outputSize); // throws where the two do not go together
  checkClip(clip);
  const optimizer = optimizerOf(options.optimizer ?? { name: 'Adam' });
  checkSeed(seed);
  return { config, loss, optimizer, clip, schedule: createSchedule(options.schedule), seed };
}

/** How a fit trains, checked and with all defaults filled in: plain JSON. */
export interface TrainerSettings extends ControlSettings {
  from: 'state' | 'weights' | 'initial';
  chunkSamples?: number | undefined;
  earlyStopping?: EarlyStopping | undefined;
}

/** Batches of 32, shuffled, where nothing else is said. @throws ConfigError naming the first option that cannot be. */
export function trainerSettings(
  options: Omit<TrainerFitOptions, 'validation'>,
  hasValidation: boolean,
): TrainerSettings {
  const controls = controlSettings(options, { batchSize: 32, shuffle: true });
  const { from = 'state', chunkSamples } = options;
  if (from !== 'state' && from !== 'weights' && from !== 'initial')
    throw notAChoice('from', from, ['state', 'weights', 'initial']);
  if (chunkSamples !== undefined) checkPositiveInteger('chunkSamples', chunkSamples);
  const earlyStopping = earlyStoppingOf(options.earlyStopping);
  if (earlyStopping && !hasValidation)
    throw new ConfigError('earlyStopping: needs samples to validate on; give validation: { inputs, targets }.');
  return { ...controls, from, chunkSamples, earlyStopping };
}
