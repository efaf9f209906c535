import type { TransformName } from '../data/transforms.ts';
import type { LossName } from '../engine/losses.ts';
import type { OptimizerOptions } from '../engine/optimizers.ts';
import type { PlanName } from '../engine/plan.ts';
import { ConfigError } from '../errors.ts';
import { type FitOptions, type ForecasterOptions, MODEL_DEFAULTS } from '../forecast/options.ts';
import { fitSettings } from '../forecast/settings.ts';
import type { CellName } from '../model/config.ts';
import { DEFAULTS, defaultOfOptimizers, OPTIMIZERS } from './defaults.ts';
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
const keys = <Key extends string>(words: Readonly<Record<Key, unknown>>) => Object.keys(words) as Key[];

/** The word of the command line for a name of the library. */
const wordOf = <Word extends string, Name>(words: Readonly<Record<Word, Name>>, name: Name): Word =>
  keys(words).find((word) => words[word] === name)!;

/** The compiler asks for every plan there is. */
const PLANS: Readonly<Record<PlanName | 'auto', true>> = { auto: true, resident: true, sequence: true, timestep: true };

const atLeastZero = (value: number) => value >= 0 && value < Infinity;

const { shape, fit } = DEFAULTS;
const [rates, decays] = [defaultOfOptimizers('lr'), defaultOfOptimizers('weightDecay')];

/** What the model is. */
export const modelFlags = {
  cell: choiceFlag(keys(CELLS), 'The recurrence', wordOf<keyof typeof CELLS, CellName>(CELLS, shape.config.cell)),
  hidden: integerFlag({ min: 1 }, 'Hidden units of each layer', shape.config.hiddenSize),
  layers: integerFlag({ min: 1 }, 'Recurrent layers', shape.config.numLayers),
  bidirectional: switchFlag('Read each window from its end, too'),
  projection: integerFlag({ min: 0 }, 'Project states to so many values; 0: do not (LSTM only)', shape.config.projSize),
  dropout: numberFlag(
    'a number from 0 to 1',
    (share) => share >= 0 && share <= 1,
    'Share of outputs that the next layer does not see in training',
    shape.config.dropout,
  ),
};

/** What it reads and says. */
export const shapeFlags = {
  window: integerFlag({ min: 1 }, 'Rows the model reads to forecast the next ones', shape.windowLength),
  horizon: integerFlag({ min: 1 }, 'Rows the model forecasts at once, each by an output of its own', shape.horizon),
  quantiles: listFlag(
    'X,X,...',
    'rising numbers between 0 and 1, such as 0.1,0.5,0.9',
    readNumber,
    'Forecast these quantiles, such as 0.1,0.5,0.9; the one nearest to 0.5 is the forecast',
  ),
  scaler: choiceFlag(['minmax', 'standard', 'robust'], 'How columns are scaled', shape.scaler),
  'scale-per': choiceFlag(
    ['series', 'window'],
    'Scale by the training rows of the whole series, or each window by its own rows',
    shape.scalePer,
  ),
  transform: choiceFlag(
    keys(TRANSFORMS),
    'Learn differences from row to row, or log returns, instead of the values',
    wordOf<keyof typeof TRANSFORMS, TransformName>(TRANSFORMS, shape.transform),
  ),
};

/** How it learns. */
export const learningFlags = {
  lr: numberFlag('a number of at least 0', atLeastZero, `Learning rate${rates.others}`, rates.usual),
  optimizer: choiceFlag(
    keys(OPTIMIZERS),
    "torch.optim's of that name, with its defaults",
    wordOf<keyof typeof OPTIMIZERS, OptimizerOptions['name']>(OPTIMIZERS, fit.optimizer.name),
  ),
  momentum: numberFlag('a number of at least 0', atLeastZero, 'Of sgd and rmsprop', 0),
  'weight-decay': numberFlag('a number of at least 0', atLeastZero, `Of the optimizer${decays.others}`, decays.usual),
  loss: choiceFlag(
    keys(LOSSES),
    `What training makes small (default ${fit.loss.name}; with --quantiles the quantile loss, and no other)`,
  ),
  'clip-norm': numberFlag('a number of at least 0', atLeastZero, 'Largest norm of the gradients; 0: no limit', 0),
};

/** How its training goes. */
export const passFlags = {
  epochs: integerFlag({ min: 1 }, 'Passes over the training windows', fit.epochs),
  batch: integerFlag({ min: 1 }, 'Windows per optimizer step', fit.batchSize),
  validation: numberFlag(
    'a number of at least 0 and below 1',
    (share) => share >= 0 && share < 1,
    'Share of the training windows, from their end, kept from training for --patience and --interval ' +
      `(default ${fit.validation}; with --patience ${fitSettings({ earlyStopping: true }, shape, 1).validation})`,
  ),
  patience: integerFlag(
    { min: 0 },
    'Stop after N epochs without a smaller validation loss, and keep the best weights; 0: train all epochs',
    0,
  ),
  'scaler-fit': choiceFlag(
    ['train', 'all', 'keep'],
    'Rows the scaler sees; all of them leak the future into the scale, as in the tutorial; keep, with --from: as it was',
    fit.scalerFit,
  ),
  seed: integerFlag(
    { min: 0, max: 2 ** 32 - 1 },
    "Seed of PyTorch's initial weights and of the shuffling",
    MODEL_DEFAULTS.seed,
  ),
  shuffle: switchFlag('Visit the windows in a new, seeded order every epoch'),
  plan: choiceFlag(keys(PLANS), 'How the steps run on the GPU', fit.plan),
  'slice-ms': numberFlag(
    'a number above 0',
    (ms) => ms > 0,
    'Target duration of one piece of GPU work, in ms',
    fit.sliceMs,
  ),
};

export function modelOptions(flags: FlagValues<typeof modelFlags>): Omit<ForecasterOptions, 'device'> {
  const { cell, hidden: hiddenSize, layers: numLayers, bidirectional, projection: projSize, dropout } = flags;
  return { cell: cell && CELLS[cell], hiddenSize, numLayers, bidirectional, projSize, dropout };
}

export function shapeOptions(flags: FlagValues<typeof shapeFlags>): Omit<ForecasterOptions, 'device'> {
  const { window: windowLength, horizon, quantiles, scaler, 'scale-per': scalePer } = flags;
  const transform = flags.transform && TRANSFORMS[flags.transform];
  return { windowLength, horizon, quantiles, scaler, scalePer, transform };
}

/** @throws ConfigError for a momentum that the optimizer does not have. */
export function learningOptions(flags: FlagValues<typeof learningFlags>): FitOptions {
  const { lr, optimizer: word, momentum, 'weight-decay': weightDecay, 'clip-norm': norm, loss } = flags;
  const name = word ? OPTIMIZERS[word] : fit.optimizer.name;
  if (momentum !== undefined && (name === 'Adam' || name === 'AdamW'))
    throw new ConfigError(
      `--momentum: got ${momentum}, but ${name.toLowerCase()} has none; leave it out, or give --optimizer sgd or rmsprop.`,
    );
  return {
    lr,
    optimizer: name === 'Adam' || name === 'AdamW' ? { name, weightDecay } : { name, weightDecay, momentum },
    loss: loss && { name: LOSSES[loss] },
    clip: norm ? { norm } : undefined, // 0: no limit
  };
}

export function passOptions(flags: FlagValues<typeof passFlags>): FitOptions {
  const { epochs, batch: batchSize, validation, patience, shuffle, plan } = flags;
  return {
    ...{ epochs, batchSize, shuffle, plan, validation, scalerFit: flags['scaler-fit'], sliceMs: flags['slice-ms'] },
    earlyStopping: patience ? { patience } : undefined, // 0: train all epochs
  };
}
