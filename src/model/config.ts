import { ConfigError } from '../errors.ts';
import { atLeastZero, check, choice, integer, number, onOff, positiveInteger, type Row, settled } from '../kinds.ts';
import { checkOptions, notAChoice } from '../options.ts';

/** A recurrent cell, named like the `mode` of torch.nn's modules. */
export type CellName = 'LSTM' | 'GRU' | 'RNN_TANH' | 'RNN_RELU';

/** Determines the shapes of a cell's parameters. Its kernels are in src/engine/cells.ts. */
export const CELLS: Readonly<Record<CellName, { gates: number; hasCellState: boolean; module: string }>> = {
  LSTM: { gates: 4, hasCellState: true, module: 'lstm' },
  GRU: { gates: 3, hasCellState: false, module: 'gru' },
  RNN_TANH: { gates: 1, hasCellState: false, module: 'rnn' },
  RNN_RELU: { gates: 1, hasCellState: false, module: 'rnn' },
};

/** The arguments of torch.nn.LSTM, GRU and RNN that shape the recurrence, with their defaults. */
export interface RecurrentOptions {
  /** Default 'LSTM'. */
  cell?: CellName;
  /** I, columns of the input. */
  inputSize: number;
  /** H, units per layer and direction. */
  hiddenSize: number;
  /** L. Default 1. */
  numLayers?: number;
  /** Two bias vectors per layer and direction, both trained. Default true. */
  bias?: boolean;
  /** Dropout between layers, 0 to 1. Default 0. */
  dropout?: number;
  /** Add a second recurrence from the last step to the first, and concatenate outputs. Default false. */
  bidirectional?: boolean;
  /** If P > 0, project states to P values before feeding them back (Sak et al. 2014). LSTM only. Default 0. */
  projSize?: number;
}

/** The steps to which the linear layer applies: the last one, every one, or none. */
type HeadName = 'last' | 'every' | 'none';

/** A recurrence of any kind followed by Linear(outputFeatures, outputSize). */
export interface ModelOptions extends RecurrentOptions {
  /** O. Default 1. */
  outputSize?: number;
  /** Default 'last'. */
  head?: HeadName;
}

/** @throws ConfigError naming an unknown option. */
export const checkModelOptions = (where: string, options: ModelOptions): void =>
  checkOptions(where, options, { ...RECURRENT, outputSize: true, head: true });

export type RecurrentConfig = Required<RecurrentOptions>;
/** A model with all defaults filled in. */
export type ModelConfig = Required<ModelOptions>;

/** D: 2 for a bidirectional model. */
export const numDirections = ({ bidirectional }: Pick<ModelConfig, 'bidirectional'>): number => (bidirectional ? 2 : 1);

/** Size of a state h of one direction: P, or H without a projection. */
export const stateSize = ({ projSize, hiddenSize }: Pick<ModelConfig, 'projSize' | 'hiddenSize'>): number =>
  projSize || hiddenSize;

/** Size of a layer's output at one step: D * (P or H). */
export const outputFeatures = (config: RecurrentConfig): number => numDirections(config) * stateSize(config);

/** With this many units, a recurrent matrix takes 16 GiB, more than today's devices allow in a buffer. */
const units = integer(1, 65_536);
/** Bounds tables with rows for each layer, which are built before a model is rejected for its size. */
const layers = integer(1, 100);

/** Options of a recurrence, shared by `Forecaster`, `LSTM` and `Trainer`. Defaults are torch's. */
export const RECURRENT = {
  cell: { kind: choice({ lstm: 'LSTM', gru: 'GRU', rnn: 'RNN_TANH', 'rnn-relu': 'RNN_RELU' }), usual: 'LSTM' },
  inputSize: { kind: positiveInteger, required: true },
  hiddenSize: { kind: units, required: true },
  numLayers: { kind: layers, usual: 1 },
  bias: { kind: onOff, usual: true },
  dropout: { kind: number({ atLeast: 0, atMost: 1 }), usual: 0 },
  bidirectional: { kind: onOff, usual: false },
  projSize: { kind: integer(0), usual: 0 },
} as const satisfies { readonly [Name in keyof Required<RecurrentOptions>]: Row<RecurrentOptions[Name]> };

/** Fills in defaults. @throws ConfigError naming the first invalid option. */
function recurrentConfig(options: RecurrentOptions): RecurrentConfig {
  const config = settled(RECURRENT, options);
  const { cell, hiddenSize, projSize } = config;
  if (projSize > 0 && cell !== 'LSTM')
    throw new ConfigError(
      `projSize: got ${projSize} for cell ${cell}, but only an LSTM has a projection; leave it out.`,
    );
  if (projSize >= hiddenSize)
    throw new ConfigError(
      `projSize: got ${projSize}, expected less than hiddenSize, which is ${hiddenSize}, since it should make states smaller.`,
    );
  return config;
}

/** Fills in defaults. @throws ConfigError naming the first invalid option. */
export function modelConfig(options: ModelOptions): ModelConfig {
  const recurrent = recurrentConfig(options);
  const { head = 'last' } = options;
  const { outputSize = head === 'none' ? outputFeatures(recurrent) : 1 } = options;
  if (head !== 'last' && head !== 'every' && head !== 'none') throw notAChoice('head', head, ['last', 'every', 'none']);
  checkPositiveInteger('outputSize', outputSize);
  if (head === 'none' && outputSize !== outputFeatures(recurrent))
    throw new ConfigError(
      `outputSize: got ${outputSize} with head 'none', which outputs the recurrence's ${outputFeatures(recurrent)} values; ` +
        'leave it out.',
    );
  return { ...recurrent, head, outputSize };
}

/** Settings that are valid but probably a mistake, in words. */
export function configWarnings({ dropout, numLayers }: RecurrentConfig): string[] {
  if (dropout === 0 || numLayers > 1) return [];
  return [
    `dropout: got ${dropout} with numLayers 1, where it has no effect, because it applies between layers. Use numLayers of 2 or more.`,
  ];
}

/** @throws ConfigError */
export const checkPositiveInteger = (name: string, value: number): void => check(name, value, positiveInteger);

/** @throws ConfigError */
export const checkAtLeastZero = (name: string, value: number): void => check(name, value, atLeastZero);

/** @throws ConfigError */
export const checkBoolean = (name: string, value: boolean): void => check(name, value, onOff);

/** @throws ConfigError unless `min < value < max`. */
export const checkBetween = (name: string, value: number, min: number, max: number): void =>
  check(name, value, number({ above: min, ...(max < Infinity && { below: max }) }));
