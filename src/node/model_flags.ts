import type { TransformName } from '../data/transforms.ts';
import type { LossName } from '../engine/losses.ts';
import type { OptimizerOptions } from '../engine/optimizers.ts';
import type { PlanName } from '../engine/plan.ts';
import { ConfigError } from '../errors.ts';
import type { FitOptions, ForecasterOptions } from '../forecast/options.ts';
import type { CellName } from '../model/config.ts';
import { choiceFlag, type FlagValues, integerFlag, listFlag, numberFlag, readNumber, switchFlag } from './flags.ts';

/** Words of the command line for torch's. */
export const CELLS = { lstm: 'LSTM', gru: 'GRU', rnn: 'RNN_TANH', 'rnn-relu': 'RNN_RELU' } as const satisfies Record<
  string,
  CellName
>;
const LOSSES = { mse: 'mse', l1: 'l1', huber: 'huber' } as const satisfies Record<string, LossName>;
const TRANSFORMS = { none: 'none', difference: 'difference', 'log-return': 'logReturn' } as const satisfies Record<
  string,
  TransformName
>;
const OPTIMIZERS = ['adam', 'adamw', 'sgd', 'rmsprop'] as const;

/** The compiler asks for every plan there is. */
const PLANS: Readonly<Record<PlanName | 'auto', true>> = { auto: true, resident: true, sequence: true, timestep: true };

const keys = <Key extends string>(words: Readonly<Record<Key, unknown>>) => Object.keys(words) as Key[];
const atLeastZero = (value: number) => value >= 0 && value < Infinity;

/** What the model is. */
export const modelFlags = {
  cell: choiceFlag('lstm', keys(CELLS), 'The recurrence'),
  hidden: integerFlag(32, { min: 1 }, 'Hidden units of each layer'),
  layers: integerFlag(1, { min: 1 }, 'Recurrent layers'),
  bidirectional: switchFlag('Read each window from its end, too'),
  projection: integerFlag(0, { min: 0 }, 'Project states to so many values; 0: do not (LSTM only)'),
  dropout: numberFlag(
    0,
    'a number from 0 to 1',
    (share) => share >= 0 && share <= 1,
    'Share of outputs that the next layer does not see in training',
  ),
};

/** What it reads and says. */
export const shapeFlags = {
  window: integerFlag(10, { min: 1 }, 'Rows the model reads to forecast the next ones'),
  horizon: integerFlag(1, { min: 1 }, 'Rows the model forecasts at once, each by an output of its own'),
  quantiles: listFlag(
    'X,X,...',
    'rising numbers between 0 and 1, such as 0.1,0.5,0.9',
    readNumber,
    'Forecast these quantiles, such as 0.1,0.5,0.9; the one nearest to 0.5 is the forecast',
  ),
  scaler: choiceFlag('minmax', ['minmax', 'standard', 'robust'], 'How columns are scaled'),
  'scale-per': choiceFlag(
    'series',
    ['series', 'window'],
    'Scale by the training rows of the whole series, or each window by its own rows',
  ),
  transform: choiceFlag(
    'none',
    keys(TRANSFORMS),
    'Learn differences from row to row, or log returns, instead of the values',
  ),
};

/** How it learns. */
export const learningFlags = {
  lr: numberFlag(0.001, 'a number of at least 0', atLeastZero, 'Learning rate'),
  optimizer: choiceFlag('adam', OPTIMIZERS, "torch.optim's of that name"),
  momentum: numberFlag(0, 'a number of at least 0', atLeastZero, 'Of sgd and rmsprop'),
  'weight-decay': numberFlag(0, 'a number of at least 0', atLeastZero, 'Of the optimizer'),
  loss: choiceFlag(
    undefined,
    keys(LOSSES),
    'What training makes small (default mse; with --quantiles the quantile loss, and no other)',
  ),
  'clip-norm': numberFlag(0, 'a number of at least 0', atLeastZero, 'Largest norm of the gradients; 0: no limit'),
};

/** How its training goes. */
export const passFlags = {
  epochs: integerFlag(20, { min: 1 }, 'Passes over the training windows'),
  batch: integerFlag(1, { min: 1 }, 'Windows per optimizer step'),
  validation: numberFlag(
    undefined,
    'a number of at least 0 and below 1',
    (share) => share >= 0 && share < 1,
    'Share of the training windows, from their end, kept from training for --patience and --interval (default 0; with --patience 0.1)',
  ),
  patience: integerFlag(
    0,
    { min: 0 },
    'Stop after N epochs without a smaller validation loss, and keep the best weights; 0: train all epochs',
  ),
  'scaler-fit': choiceFlag<'train' | 'all'>(
    'train',
    ['train', 'all'],
    'Rows the scaler sees; all of them leak the future into the scale, as in the tutorial',
  ),
  seed: integerFlag(0, { min: 0, max: 2 ** 32 - 1 }, "Seed of PyTorch's initial weights and of the shuffling"),
  shuffle: switchFlag('Visit the windows in a new, seeded order every epoch'),
  plan: choiceFlag('auto', keys(PLANS), 'How the steps run on the GPU'),
  'slice-ms': numberFlag(50, 'a number above 0', (ms) => ms > 0, 'Target duration of one piece of GPU work, in ms'),
};

export function modelOptions(flags: FlagValues<typeof modelFlags>): Omit<ForecasterOptions, 'device'> {
  const { cell, hidden: hiddenSize, layers: numLayers, bidirectional, projection: projSize, dropout } = flags;
  return { cell: CELLS[cell], hiddenSize, numLayers, bidirectional, projSize, dropout };
}

export function shapeOptions(flags: FlagValues<typeof shapeFlags>): Omit<ForecasterOptions, 'device'> {
  const { window: windowLength, horizon, quantiles, scaler, 'scale-per': scalePer } = flags;
  return { windowLength, horizon, quantiles, scaler, scalePer, transform: TRANSFORMS[flags.transform] };
}

/** @throws ConfigError for a momentum that the optimizer does not have. */
export function learningOptions(flags: FlagValues<typeof learningFlags>): FitOptions {
  const { lr, optimizer, momentum, 'weight-decay': weightDecay, 'clip-norm': norm, loss } = flags;
  if (momentum > 0 && (optimizer === 'adam' || optimizer === 'adamw'))
    throw new ConfigError(
      `--momentum: got ${momentum}, but ${optimizer} has none; leave it out, or give --optimizer sgd or rmsprop.`,
    );
  const optimizers: Record<typeof optimizer, OptimizerOptions> = {
    adam: { name: 'Adam', weightDecay },
    adamw: { name: 'AdamW', weightDecay },
    sgd: { name: 'SGD', weightDecay, momentum },
    rmsprop: { name: 'RMSprop', weightDecay, momentum },
  };
  return {
    lr,
    optimizer: optimizers[optimizer],
    ...(loss && { loss: { name: LOSSES[loss] } }),
    ...(norm > 0 && { clip: { norm } }),
  };
}

export function passOptions(flags: FlagValues<typeof passFlags>): FitOptions {
  const { epochs, batch: batchSize, validation, patience, shuffle, plan } = flags;
  return {
    ...{ epochs, batchSize, shuffle, plan, scalerFit: flags['scaler-fit'], sliceMs: flags['slice-ms'] },
    ...(validation !== undefined && { validation }),
    ...(patience > 0 && { earlyStopping: { patience } }),
  };
}
