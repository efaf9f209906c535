import type { TensorInput, TensorValue } from '../arrays.ts';
import { ShapeError } from '../errors.ts';
import { CELLS, type ModelConfig, numDirections, outputFeatures, stateSize } from './config.ts';

/** Name and shape of a parameter, as in PyTorch's state dict. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

export type { TensorValue };

/** Parameters under PyTorch's names, in PyTorch's order. */
export type StateDict = ReadonlyMap<string, TensorValue>;

/** A {@link StateDict} as callers may pass it, with numbers in any kind of array. */
export type StateDictInput = ReadonlyMap<string, TensorInput>;

/** A layer and direction, from 0. */
export interface LayerPlace {
  layer: number;
  /** 0 forward, 1 reverse. */
  direction: number;
}

/**
 * The prefix of recurrent parameters: `lstm.`, `gru.` or `rnn.` if there is a head, as in a module with `self.lstm =
 * nn.LSTM(...)` and `self.fc = nn.Linear(...)`; none in a module without a head.
 */
const recurrentPrefix = ({ cell, head }: ModelConfig): string => (head === 'none' ? '' : `${CELLS[cell].module}.`);

/** The name of a recurrent parameter: `parameterName(config, 'weight_ih', { layer: 0, direction: 1 })`. */
export const parameterName = (config: ModelConfig, role: string, { layer, direction }: LayerPlace): string =>
  `${recurrentPrefix(config)}${role}_l${layer}${direction === 1 ? '_reverse' : ''}`;

/**
 * All parameters in the order PyTorch registers (and so draws) them. Gate rows are i, f, g, o in an LSTM, r, z, n in a GRU.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 */
export function parameterTable(config: ModelConfig): ParameterSpec[] {
  const { cell, inputSize, hiddenSize, numLayers, bias, projSize, outputSize, head } = config;
  const rows = CELLS[cell].gates * hiddenSize;
  const table: ParameterSpec[] = [];
  for (let layer = 0; layer < numLayers; layer++)
    for (let direction = 0; direction < numDirections(config); direction++) {
      const add = (role: string, ...shape: number[]) =>
        table.push({ name: parameterName(config, role, { layer, direction }), shape });
      add('weight_ih', rows, layer === 0 ? inputSize : outputFeatures(config));
      add('weight_hh', rows, stateSize(config));
      if (bias) {
        add('bias_ih', rows);
        add('bias_hh', rows);
      }
      if (projSize > 0) add('weight_hr', projSize, hiddenSize);
    }
  if (head !== 'none')
    table.push(
      { name: 'fc.weight', shape: [outputSize, outputFeatures(config)] },
      { name: 'fc.bias', shape: [outputSize] },
    );
  return table;
}

/**
 * @param where prefix of the names, for messages.
 * @throws ShapeError if a parameter is missing, unknown, or its shape differs from the table.
 */
export function checkStateDict(weights: StateDict, table: readonly ParameterSpec[], where = ''): void {
  const shapes = new Map(table.map(({ name, shape }) => [name, shape]));
  for (const [name, { shape, data }] of weights) {
    const expected = shapes.get(name);
    if (!expected)
      throw new ShapeError(`${where}${name}: unknown parameter; the model has ${[...shapes.keys()].join(', ')}.`);
    if (shape.join() !== expected.join() || data.length !== expected.reduce((product, size) => product * size, 1))
      throw new ShapeError(
        `${where}${name}: got shape [${shape.join(', ')}] with ${data.length} values, expected [${expected.join(', ')}]. ` +
          'Create the model with the sizes that the weights were trained with.',
      );
  }
  const missing = table.find(({ name }) => !weights.has(name));
  if (missing) throw new ShapeError(`${where}${missing.name}: missing from the weights; every parameter is required.`);
}
