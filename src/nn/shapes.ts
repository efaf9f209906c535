import { COPIED, listOf, type NumericArray, shapeOf, type TensorInput, tensorOf } from '../arrays.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { CELLS, numDirections, outputFeatures, type RecurrentConfig, stateSize } from '../model/config.ts';
import { shown } from '../shown.ts';

/** Sizes of one call, from the input's shape. */
export interface CallSizes {
  /** T */
  steps: number;
  /** N; 1 for an input without a batch axis. */
  rows: number;
  batched: boolean;
}

/** A validated tensor. */
export type OwnTensor = ReturnType<typeof tensorOf>;

const text = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** @throws ShapeError if the shape is not the expected one. */
function checkShape(name: string, shape: readonly number[], expected: readonly number[], meaning: string): void {
  if (shape.join() !== expected.join())
    throw new ShapeError(`${name}: got shape ${text(shape)}, expected ${text(expected)}: ${meaning}.`);
}

/**
 * Reads the input of a call; a copy, unless it will be transposed anyway.
 * @throws ShapeError for anything that is not [T, N, I] ([N, T, I] with batchFirst) or [T, I], T and N at least 1.
 */
export function readInput(
  given: TensorInput,
  config: RecurrentConfig,
  batchFirst: boolean,
): { input: OwnTensor; sizes: CallSizes } {
  const { inputSize } = config;
  const shape = shapeOf('input', given);
  const batched = shape.length === 3;
  const axes = batchFirst ? '[N, T, inputSize]' : '[T, N, inputSize]';
  if (!batched && shape.length !== 2)
    throw new ShapeError(`input: got shape ${text(shape)}, expected ${axes}, or [T, inputSize] without a batch.`);
  if (shape.at(-1) !== inputSize)
    throw new ShapeError(
      `input: got ${shape.at(-1)} in the last axis of ${text(shape)}, expected inputSize, which is ${inputSize}.`,
    );
  const [steps, rows] = batched && batchFirst ? [shape[1]!, shape[0]!] : [shape[0]!, batched ? shape[1]! : 1];
  if (steps < 1)
    throw new ShapeError(`input: got shape ${text(shape)}, a sequence of length ${steps}; expected at least 1 step.`);
  if (rows < 1) throw new ShapeError(`input: got shape ${text(shape)}, a batch of ${rows} rows; expected at least 1.`);
  const input = tensorOf('input', given, batched && batchFirst ? undefined : COPIED);
  return { input, sizes: { steps, rows, batched } };
}

/** @returns the u32 length of every row. @throws ConfigError unless there is one per row, whole, from 1 to T. */
export function readLengths(
  lengths: NumericArray | undefined,
  { steps, rows }: Pick<CallSizes, 'steps' | 'rows'>,
  where = '',
): Uint32Array<ArrayBuffer> {
  if (lengths === undefined) return new Uint32Array(rows).fill(steps);
  const list = listOf(`${where}lengths`, lengths);
  if (list.length !== rows)
    throw new ConfigError(`${where}lengths: got ${list.length}, expected one for each of the ${rows} rows.`);
  return Uint32Array.from({ length: rows }, (_, n) => {
    const given = list[n];
    const length = typeof given === 'bigint' && ArrayBuffer.isView(list) ? Number(given) : given;
    if (typeof length === 'number' && Number.isInteger(length) && length >= 1 && length <= steps) return length;
    throw new ConfigError(
      `${where}lengths[${n}]: got ${shown(given)}, expected a whole number from 1 to the input's ${steps} steps.`,
    );
  });
}

/** Shape of h (or c, with `size` H) at one moment: [D * L, N, size], without N for an input without a batch. */
export function stateShape(config: RecurrentConfig, { rows, batched }: CallSizes, size = stateSize(config)): number[] {
  const states = numDirections(config) * config.numLayers;
  return batched ? [states, rows, size] : [states, size];
}

/** Checks (h_0, c_0) or gradients of (h_n, c_n). @throws ShapeError, ConfigError for a state the cell does not have. */
export function checkStates(
  config: RecurrentConfig,
  sizes: CallSizes,
  [hName, h]: readonly [string, OwnTensor | undefined],
  [cName, c]: readonly [string, OwnTensor | undefined],
): void {
  if (c && !CELLS[config.cell].hasCellState)
    throw new ConfigError(`${cName}: got one, but a ${config.cell} has no cell state; leave it out.`);
  if (h)
    checkShape(hName, h.shape, stateShape(config, sizes), 'numDirections * numLayers, batch, projSize or hiddenSize');
  if (c)
    checkShape(
      cName,
      c.shape,
      stateShape(config, sizes, config.hiddenSize),
      'numDirections * numLayers, batch, hiddenSize (also with a projection)',
    );
}

/** Reads the tensors among options, as copies. @throws ShapeError, ConfigError, DataError naming the invalid one. */
export function readTensors<Name extends string>(
  given: Readonly<Partial<Record<Name, TensorInput>>>,
  names: readonly Name[],
): Partial<Record<Name, OwnTensor>> {
  const read: Partial<Record<Name, OwnTensor>> = {};
  for (const name of names) if (given[name] !== undefined) read[name] = tensorOf(name, given[name], COPIED);
  return read;
}

/** Shape of the output or, with `features`, of the input. */
export function outputShape(
  config: RecurrentConfig,
  { steps, rows, batched }: CallSizes,
  batchFirst: boolean,
  features = outputFeatures(config),
): number[] {
  if (!batched) return [steps, features];
  return batchFirst ? [rows, steps, features] : [steps, rows, features];
}

/** @throws ShapeError */
export function checkOutputGradient(output: OwnTensor, expected: readonly number[]): void {
  checkShape('output', output.shape, expected, "the shape of forward's output");
}

/** [N, T, F] -> [T, N, F], or back: `outer` and `inner` are the sizes of the first two axes before swapping. */
export function swapFirstAxes(data: Float32Array, outer: number, inner: number): Float32Array<ArrayBuffer> {
  const features = data.length / (outer * inner);
  const swapped = new Float32Array(data.length);
  for (let a = 0; a < outer; a++)
    for (let b = 0; b < inner; b++) {
      const from = (a * inner + b) * features;
      swapped.set(data.subarray(from, from + features), (b * outer + a) * features);
    }
  return swapped;
}

/** Zeroes the padding of [T, N, F], after the end of each row, in place. */
export function clearPadding<Data extends Float32Array>(data: Data, steps: number, lengths: Uint32Array): Data {
  const features = data.length / (steps * lengths.length);
  for (const [n, length] of lengths.entries())
    for (let t = length; t < steps; t++) {
      const at = (t * lengths.length + n) * features;
      data.fill(0, at, at + features);
    }
  return data;
}

/** Which columns of a row of states [N, D, size] belong to a direction. */
export interface Columns {
  direction: number;
  directions: number;
  size: number;
}

/** Adds one direction's states [N, size] to a row of both. */
export function addColumns(row: Float32Array, values: Float32Array, { direction, directions, size }: Columns): void {
  for (const [k, value] of values.entries()) {
    const n = Math.floor(k / size);
    row[(n * directions + direction) * size + (k % size)]! += value;
  }
}

/** One direction's states [N, size] from a row of both. */
export function takeColumns(row: Float32Array, { direction, directions, size }: Columns): Float32Array {
  const numRows = row.length / (directions * size);
  return Float32Array.from({ length: numRows * size }, (_, k) => {
    const n = Math.floor(k / size);
    return row[(n * directions + direction) * size + (k % size)]!;
  });
}
