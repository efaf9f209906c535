import type { LossName } from '../engine/losses.ts';
import type { OptimizerOptions } from '../engine/optimizers.ts';
import type { FitOptions, ForecasterOptions } from '../forecast/options.ts';
import type { CellName } from '../model/config.ts';
import { choiceFlag, type FlagValues, integerFlag, numberFlag, switchFlag } from './flags.ts';

/** Words of the command line for torch's. */
const CELLS = { lstm: 'LSTM', gru: 'GRU', rnn: 'RNN_TANH', 'rnn-relu': 'RNN_RELU' } as const satisfies Record<
  string,
  CellName
>;
const LOSSES = { mse: 'mse', l1: 'l1', huber: 'huber' } as const satisfies Record<string, LossName>;
const OPTIMIZERS = ['adam', 'adamw', 'sgd', 'rmsprop'] as const;

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

/** How it learns. */
export const learningFlags = {
  lr: numberFlag(0.001, 'a number of at least 0', atLeastZero, 'Learning rate'),
  optimizer: choiceFlag('adam', OPTIMIZERS, "torch.optim's of that name"),
  momentum: numberFlag(0, 'a number of at least 0', atLeastZero, 'Of sgd and rmsprop'),
  'weight-decay': numberFlag(0, 'a number of at least 0', atLeastZero, 'Of the optimizer'),
  loss: choiceFlag('mse', keys(LOSSES), 'What training makes small'),
  'clip-norm': numberFlag(0, 'a number of at least 0', atLeastZero, 'Largest norm of the gradients; 0: no limit'),
};

export function modelOptions(flags: FlagValues<typeof modelFlags>): Omit<ForecasterOptions, 'device'> {
  const { cell, hidden: hiddenSize, layers: numLayers, bidirectional, projection: projSize, dropout } = flags;
  return { cell: CELLS[cell], hiddenSize, numLayers, bidirectional, projSize, dropout };
}

export function learningOptions(flags: FlagValues<typeof learningFlags>): FitOptions {
  const { lr, momentum, 'weight-decay': weightDecay, 'clip-norm': norm } = flags;
  const optimizers: Record<typeof flags.optimizer, OptimizerOptions> = {
    adam: { name: 'Adam', weightDecay },
    adamw: { name: 'AdamW', weightDecay },
    sgd: { name: 'SGD', weightDecay, momentum },
    rmsprop: { name: 'RMSprop', weightDecay, momentum },
  };
  return {
    lr,
    optimizer: optimizers[flags.optimizer],
    loss: { name: LOSSES[flags.loss] },
    ...(norm > 0 && { clip: { norm } }),
  };
}

/** Flags that are not as they are by default, for people who want the same numbers again. */
export function changedSettings(
  flags: FlagValues<typeof modelFlags> & FlagValues<typeof learningFlags>,
): [string, string][] {
  const named: [string, string | number | boolean, string | number | boolean][] = [
    ['cell', flags.cell, 'lstm'],
    ['bidirectional', flags.bidirectional, false],
    ['projection', flags.projection, 0],
    ['dropout', flags.dropout, 0],
    ['optimizer', flags.optimizer, 'adam'],
    ['momentum', flags.momentum, 0],
    ['weight decay', flags['weight-decay'], 0],
    ['loss', flags.loss, 'mse'],
    ['clip norm', flags['clip-norm'], 0],
  ];
  return named.filter(([, value, usual]) => value !== usual).map(([name, value]) => [name, `${value}`]);
}
