import type { ScalerName } from '../data/scaler.ts';
import type { TransformName } from '../data/transforms.ts';
import type { LossName } from '../engine/losses.ts';
import type { OptimizerOptions } from '../engine/optimizers.ts';
import type { PlanName } from '../engine/plan.ts';
import {
  atLeastZero,
  choice,
  decimalOf,
  integer,
  type Kind,
  list,
  number,
  onOff,
  positiveInteger,
  type Row,
  text,
} from '../kinds.ts';
import { RECURRENT } from '../model/config.ts';
import { MAX_SEED } from '../model/init.ts';

/** Headings of flags in a command's help, and of settings in a form. */
export const GROUPS = ['Data', 'Model', 'Training', 'Evaluation', 'Output', 'Checkpoints', 'Advanced'] as const;
export type Group = (typeof GROUPS)[number];

/** An option of a model or of its training, wherever it appears: in a call, as a flag, in a form, in a report. */
export interface Setting extends Row<unknown> {
  group: Group;
  /** Its label in a form and in a report. */
  label: string;
  /** The command's flag, if it has one. */
  flag?: string;
  /** What it does, for the command's help. */
  help: string;
  /** More on the default, after `usual` in the help. */
  usually?: string;
  /** The flag value that means leaving the option out. */
  off?: number;
}
type Settings = Readonly<Record<string, Setting>>;

/** All columns of the table but the last. @param flag undefined: it has none. */
const inGroup =
  <const G extends Group>(group: G) =>
  <const Flag extends string | undefined, Value, const Usual extends Value>(
    flag: Flag,
    label: string,
    kind: Kind<Value>,
    usual: Usual,
  ) => ({ group, flag, label, kind, usual });
const data = inGroup('Data');
const model = inGroup('Model');
const training = inGroup('Training');
const advanced = inGroup('Advanced');

/** Names or indices of a file's columns. */
export const columnsKind = list(
  ...(['NAME|INDEX,...', (name: string) => name || undefined] as const),
  ...(['a list of column names', 'column names or indices'] as const),
);
const quantiles = list('X,X,...', decimalOf, 'ascending numbers between 0 and 1, such as 0.1,0.5,0.9');
const { inputSize: _, cell, hiddenSize, numLayers, bias, dropout, bidirectional, projSize } = RECURRENT;

/** Names that are their own words; the compiler requires every one. */
const choiceOf = <Name extends string>(names: { readonly [N in Name]: N }) => choice<Name>(names);
const scaler = choiceOf<ScalerName>({ minmax: 'minmax', standard: 'standard', robust: 'robust' });
const plan = choiceOf<PlanName | 'auto'>({
  ...{ auto: 'auto', resident: 'resident', sequence: 'sequence', timestep: 'timestep' },
});
const transform = choice<TransformName>({ none: 'none', difference: 'difference', 'log-return': 'logReturn' });
const optimizer = choice<OptimizerOptions['name']>({ adam: 'Adam', adamw: 'AdamW', sgd: 'SGD', rmsprop: 'RMSprop' });
const loss = choice<Extract<LossName, 'mse' | 'l1' | 'huber'>>(['mse', 'l1', 'huber']);

/** Steps ahead. */
export const horizonKind = integer(1, 10_000);

/** Options of `Forecaster.create` that all its models share. */
export const SHAPE = {
  target: { kind: text('NAME'), group: 'Data', label: 'Target', help: 'Name of the series' },
  idColumn: { kind: text('NAME'), group: 'Data', label: 'Series', help: 'The column that names several series' },
  past: {
    ...data('past', 'Past', columnsKind, []),
    help: 'Further input columns, known up to the last row; may contain text. Use the index of a column with a comma in its name',
  },
  future: {
    ...data('future', 'Future', columnsKind, []),
    help: 'Further input columns that are known ahead, such as a weekday, used up to the row being forecast',
  },
  windowLength: {
    ...model('window', 'Window', positiveInteger, 10),
    help: 'Input rows for each forecast',
  },
  horizon: {
    ...model('horizon', 'Horizon', horizonKind, 1),
    help: 'Steps the model forecasts at once, each with its own output',
  },
  cell: { ...model('cell', 'Cell', cell.kind, cell.usual), help: 'Recurrent cell' },
  hiddenSize: { ...model('hidden', 'Hidden units', hiddenSize.kind, 32), help: 'Hidden units per layer' },
  numLayers: { ...model('layers', 'Layers', numLayers.kind, numLayers.usual), help: 'Recurrent layers' },
  bidirectional: {
    ...model('bidirectional', 'Bidirectional', bidirectional.kind, bidirectional.usual),
    help: 'Also read each window from its end',
  },
  dropout: {
    ...model('dropout', 'Dropout', dropout.kind, dropout.usual),
    help: 'Dropout between layers',
  },
  quantiles: {
    ...model('quantiles', 'Quantiles', quantiles, []),
    help: 'Forecast these quantiles, such as 0.1,0.5,0.9; the one nearest to 0.5 is the forecast',
  },
  scaler: { ...model('scaler', 'Scaler', scaler, 'minmax'), help: 'How columns are scaled' },
  scalePer: {
    ...model('scale-per', 'Scaled per', choice(['series', 'window', 'last']), 'series'),
    help: 'Scale by the training rows of the whole series, by the rows of each window, or relative to its last value',
  },
  transform: {
    ...model('transform', 'Transform', transform, 'none'),
    help: 'Learn differences from row to row, or log returns, instead of the values',
  },
  projSize: {
    ...advanced('projection', 'Projection', projSize.kind, projSize.usual),
    help: 'Size of the hidden-state projection; 0 = none (LSTM only)',
  },
  zeroHead: {
    ...advanced('zero-head', 'Zero head', onOff, false),
    help: 'Start the last layer at 0; with --scale-per last, training starts from the naive forecast',
  },
  bias: { ...advanced(undefined, 'Bias', bias.kind, bias.usual), help: 'Two bias vectors per layer and direction' },
} as const satisfies Settings;

/** Options of `Forecaster.create` that differ among forecasters of the same shape. */
export const FORECASTER = {
  seed: {
    ...training('seed', 'Seed', integer(0, MAX_SEED), 0),
    help: "Seed of PyTorch's initial weights and of shuffling",
  },
  ensemble: {
    ...model('ensemble', 'Ensemble', integer(1, 10_000), 1),
    help: 'Models trained together, with seeds N, N + 1, ...; the forecast is their mean',
  },
} as const satisfies Settings;

/** Options of every `fit`. */
export const CONTROLS = {
  epochs: { ...training('epochs', 'Epochs', positiveInteger, 20), help: 'Passes over the training windows' },
  batchSize: { ...training('batch', 'Batch size', positiveInteger, 1), help: 'Windows per optimizer step' },
  shuffle: {
    ...training('shuffle', 'Shuffle', onOff, false),
    help: 'Visit the windows in a new, seeded order every epoch',
  },
  plan: { ...advanced('plan', 'Plan', plan, 'auto'), help: 'How the steps run on the GPU' },
  sliceMs: {
    ...advanced('slice-ms', 'Slice', number({ above: 0 }), 50),
    help: 'Target duration of one piece of GPU work, in ms',
  },
} as const satisfies Settings;

/** Options of a forecaster's `fit`. */
export const FIT = {
  ...CONTROLS,
  split: {
    ...training('split', 'Training share', number({ above: 0, atMost: 1 }), 0.8),
    help: 'Share of the windows, from the start, to train on; the rest is the test set',
  },
  validation: {
    ...training('validation', 'Validation', number({ atLeast: 0, below: 1 }), 0),
    help: 'Share of the training windows, from their end, held out for --patience and --interval',
    usually: '; with --patience 0.1',
  },
  scalerFit: {
    ...training('scaler-fit', 'Scale fitted on', choice(['train', 'all', 'keep']), 'train'),
    help: 'Rows to fit the scaler on; all leaks the test set into training, as in the tutorial; keep, with --from, reuses it',
  },
  from: {
    ...training(undefined, 'Started from', choice(['initial', 'weights']), 'initial'),
    help: 'The weights to start from',
  },
  global: { ...training(undefined, 'Global', onOff, false), help: 'Train every model on all series' },
} as const satisfies Settings;

/** Parts of a fit's `optimizer`, `loss`, `clip` and `earlyStopping`, which are validated elsewhere; and `lr`, which may be a list. */
export const PARTS = {
  lr: {
    ...training('lr', 'Learning rate', atLeastZero, 0.001),
    help: 'Learning rate',
    usually: '; 0.01 with --optimizer rmsprop',
  },
  'optimizer.name': {
    ...training('optimizer', 'Optimizer', optimizer, 'Adam'),
    help: "torch.optim's optimizer of that name, with its defaults",
  },
  'optimizer.weightDecay': {
    ...training('weight-decay', 'Weight decay', atLeastZero, 0),
    help: "The optimizer's weight decay",
    usually: '; 0.01 with --optimizer adamw',
  },
  'optimizer.momentum': { ...training('momentum', 'Momentum', atLeastZero, 0), help: 'Momentum of sgd and rmsprop' },
  'loss.name': {
    ...training('loss', 'Loss', loss, 'mse'),
    help: 'Loss function',
    usually: '; with --quantiles always the quantile loss',
  },
  'clip.norm': {
    ...training('clip-norm', 'Clip norm', atLeastZero, 0),
    off: 0,
    help: 'Maximum norm of the gradients; 0 = no limit',
  },
  'earlyStopping.patience': {
    ...training('patience', 'Patience', integer(0), 0),
    off: 0,
    help: 'Stop after N epochs without a better validation loss, and keep the best weights; 0 = train all epochs',
  },
} as const satisfies Settings;

/** Every setting of a forecaster and its training, by the path of its option. */
export const SETTINGS = { ...SHAPE, ...FORECASTER, ...FIT, ...PARTS } as const satisfies Settings;
