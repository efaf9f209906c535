import { ConfigError } from '../errors.ts';
import { checkOptions, notAChoice, notWhole, type OptionNames } from '../options.ts';
import { shown } from '../shown.ts';

/** A recurrence, as torch.nn's modules name their `mode`. */
export type CellName = 'LSTM' | 'GRU' | 'RNN_TANH' | 'RNN_RELU';

/** What the shapes of a cell's parameters follow from. Its kernels are in src/engine/cells.ts. */
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
  /** H, units of a layer and direction. */
  hiddenSize: number;
  /** L. Default 1. */
  numLayers?: number;
  /** Two bias vectors a layer and direction, both trained. Default true. */
  bias?: boolean;
  /** Share of a layer's outputs that the next layer does not see in training; 0 to 1. Default 0. */
  dropout?: number;
  /** A second recurrence from the last step to the first; outputs side by side. Default false. */
  bidirectional?: boolean;
  /** P > 0: states are projected to P values before they are fed back (Sak et al. 2014). LSTM only. Default 0. */
  projSize?: number;
}

/** Where the linear layer reads: the last step, every step, or there is none. */
type HeadName = 'last' | 'every' | 'none';

/** A recurrence of any kind followed by Linear(outputFeatures, outputSize). */
export interface ModelOptions extends RecurrentOptions {
  /** O. Default 1. */
  outputSize?: number;
  /** Default 'last'. */
  head?: HeadName;
}

/** Of a recurrence: what `Forecaster`, `LSTM` and `Trainer` have in common. */
export const RECURRENT_OPTIONS: OptionNames<RecurrentOptions> = {
  ...{ cell: true, inputSize: true, hiddenSize: true, numLayers: true, bias: true, dropout: true },
  ...{ bidirectional: true, projSize: true },
};

/** @throws ConfigError naming an option that a model does not have. */
export const checkModelOptions = (where: string, options: ModelOptions): void =>
  checkOptions(where, options, { ...RECURRENT_OPTIONS, outputSize: true, head: true });

export type RecurrentConfig = Required<RecurrentOptions>;
/** A model with every choice made. */
export type ModelConfig = Required<ModelOptions>;

/** D: 2 for a bidirectional model. */
export const numDirections = ({ bidirectional }: Pick<ModelConfig, 'bidirectional'>): number => (bidirectional ? 2 : 1);

/** Values of a state h of one direction: P, or H without a projection. */
export const stateSize = ({ projSize, hiddenSize }: Pick<ModelConfig, 'projSize' | 'hiddenSize'>): number =>
  projSize || hiddenSize;

/** Values of a layer's output at one step: D * (P or H). */
export const outputFeatures = (config: RecurrentConfig): number => numDirections(config) * stateSize(config);

/** Fills in torch's defaults. @throws ConfigError naming the first option that cannot be. */
function recurrentConfig(options: RecurrentOptions): RecurrentConfig {
  const { cell = 'LSTM', inputSize, hiddenSize, numLayers = 1, dropout = 0, projSize = 0 } = options;
  const { bias = true, bidirectional = false } = options;
  if (!Object.keys(CELLS).includes(cell)) throw notAChoice('cell', cell, Object.keys(CELLS));
  for (const [name, value] of Object.entries({ inputSize, hiddenSize, numLayers })) checkPositiveInteger(name, value);
  checkBoolean('bias', bias);
  checkBoolean('bidirectional', bidirectional);
  if (!(typeof dropout === 'number' && dropout >= 0 && dropout <= 1))
    throw new ConfigError(
      `dropout: got ${shown(dropout)}, expected a share from 0 to 1: of the outputs between two layers.`,
      { code: 'out-of-range', details: { argument: 'dropout', got: shown(dropout), atLeast: 0, atMost: 1 } },
    );
  if (!Number.isInteger(projSize) || projSize < 0)
    throw new ConfigError(`projSize: got ${shown(projSize)}, expected a whole number, 0 for no projection.`);
  if (projSize > 0 && cell !== 'LSTM')
    throw new ConfigError(
      `projSize: got ${projSize} for cell ${cell}, but only an LSTM has a projection; leave it out.`,
    );
  if (projSize >= hiddenSize)
    throw new ConfigError(
      `projSize: got ${projSize}, expected less than hiddenSize, which is ${hiddenSize}: it is there to make states smaller.`,
    );
  return { cell, inputSize, hiddenSize, numLayers, bias, dropout, bidirectional, projSize };
}

/** Fills in defaults. @throws ConfigError naming the first option that cannot be. */
export function modelConfig(options: ModelOptions): ModelConfig {
  const recurrent = recurrentConfig(options);
  const { head = 'last' } = options;
  const { outputSize = head === 'none' ? outputFeatures(recurrent) : 1 } = options;
  if (head !== 'last' && head !== 'every' && head !== 'none') throw notAChoice('head', head, ['last', 'every', 'none']);
  checkPositiveInteger('outputSize', outputSize);
  if (head === 'none' && outputSize !== outputFeatures(recurrent))
    throw new ConfigError(
      `outputSize: got ${outputSize} with head 'none', whose output is the recurrence's own ${outputFeatures(recurrent)} values; ` +
        'leave it out.',
    );
  return { ...recurrent, head, outputSize };
}

/** What is legal but probably not meant, in words. */
export function configWarnings({ dropout, numLayers }: RecurrentConfig): string[] {
  if (dropout === 0 || numLayers > 1) return [];
  return [
    `dropout: got ${dropout} with numLayers 1, where it does nothing: it acts between layers. Use numLayers of 2 or more.`,
  ];
}

/** @throws ConfigError */
export function checkPositiveInteger(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw notWhole(name, value, 1);
}

/** @throws ConfigError */
export function checkAtLeastZero(name: string, value: number): void {
  if (!(typeof value === 'number' && value >= 0 && value < Infinity))
    throw new ConfigError(`${name}: got ${shown(value)}, expected a finite number of at least 0.`, {
      code: 'out-of-range',
      details: { argument: name, got: shown(value), atLeast: 0 },
    });
}

/** @throws ConfigError */
export function checkBoolean(name: string, value: boolean): void {
  if (typeof value !== 'boolean') throw notAChoice(name, value, [true, false]);
}

/** @throws ConfigError unless `min < value < max`. */
export function checkBetween(name: string, value: number, min: number, max: number): void {
  if (!(typeof value === 'number' && value > min && value < max))
    throw new ConfigError(`${name}: got ${shown(value)}, expected a number above ${min} and below ${max}.`, {
      code: 'out-of-range',
      details: { argument: name, got: shown(value), above: min, ...(max < Infinity && { below: max }) },
    });
}
