import { DeviceError } from '../errors.ts';
import { Arena, type TensorTable } from '../gpu/arena.ts';
import { GuardedDevice } from '../gpu/guarded_device.ts';
import { mostBytes, numElements } from '../gpu/tensor.ts';
import {
  CELLS,
  checkModelOptions,
  checkPositiveInteger,
  type ModelConfig,
  type ModelOptions,
  modelConfig,
  numDirections,
  outputFeatures,
} from '../model/config.ts';
import { parameterTable } from '../model/parameters.ts';
import { checkOptions } from '../options.ts';
import { shownBytes } from '../shown.ts';
import { CELL_KERNELS } from './cells.ts';
import { stepsInOne } from './direction_kernels.ts';
import { kernelFamily } from './family.ts';
import { type OptimizerOptions, optimizerOf } from './optimizers.ts';
import { persistentTiles } from './persistent.ts';
import { productsOf } from './products.ts';
import { numSnapshots } from './state.ts';
import { partsOfProducts } from './tiles.ts';

/** What the memory of a recurrence depends on, besides the model. */
export interface ActivationSizes {
  /** T */
  windowLength: number;
  /** N */
  batchSize: number;
  /** Has a backward. */
  training: boolean;
  /** Also keeps gradients of inputs. */
  states: boolean;
  /** Applies dropout between layers. */
  drops: boolean;
  /** Copies weight_hh into vectors, as kernels for GPUs do. */
  packs: boolean;
  /** Has persistent kernels. */
  persistent: boolean;
}

/** Every tensor of a recurrence: names and shapes. Everything that grows with T * N is here. */
export function activationTable(config: ModelConfig, sizes: ActivationSizes): TensorTable {
  const { cell, inputSize: I, hiddenSize: H, numLayers: L, projSize } = config;
  const { windowLength: T, batchSize: N, training, states, drops, packs, persistent } = sizes;
  const { gates, hasCellState } = CELLS[cell];
  const { slots } = CELL_KERNELS[cell];
  const [D, F] = [numDirections(config), outputFeatures(config)];
  const table: { name: string; shape: number[] }[] = [];
  const add = (name: string, ...shape: number[]) => table.push({ name, shape });
  const addBoth = (name: string, gradient: string, ...shape: number[]) => {
    add(name, ...shape);
    if (training) add(gradient, ...shape);
  };
  add('x', T, N, I);
  if (states && training) add('dX', T, N, I);
  add('lengths', N);
  add('no bias', gates * H);
  if (projSize > 0 && training) add('dRaw', D, N, H);
  if (packs) add('vectors', slots, H, 4 * Math.ceil(H / 4));
  if (persistent) add('failed', 1);
  if (persistent && training) add('dGates', D, T, N, slots, H);
  for (let layer = 0; layer < L; layer++) {
    addBoth(`h_l${layer}`, `dH_l${layer}`, T + 2, N, F);
    if (hasCellState) add(`c_l${layer}`, T + 2, N, D * H);
    if (hasCellState && training) add(`dC_l${layer}`, N, D * H);
    if (drops && layer < L - 1) addBoth(`dropped_l${layer}`, `dDropped_l${layer}`, T, N, F);
    add(`gates_l${layer}`, D, T, N, slots, H);
    if (projSize > 0) add(`raw_l${layer}`, D, T, N, H);
  }
  return table;
}

/** The outputs of a model with a head for a batch and, in training, their gradient; targets are not larger. */
export function outputTable(
  { head, outputSize: O }: ModelConfig,
  { windowLength: T, batchSize: N, training }: Pick<ActivationSizes, 'windowLength' | 'batchSize' | 'training'>,
): TensorTable {
  if (head === 'none') return [];
  const shape = head === 'every' ? [T, N, O] : [N, O];
  return (training ? ['y', 'dY'] : ['y']).map((name) => ({ name, shape }));
}

/** Every tensor of a training batch on any device; gradients of its inputs are not needed. @param more that kernels of a device have. */
export function batchTable(
  config: ModelConfig,
  windowLength: number,
  batchSize: number,
  more: Pick<ActivationSizes, 'packs' | 'persistent'> = { packs: false, persistent: false },
): TensorTable {
  const sizes = { windowLength, batchSize, training: true, states: false, drops: config.dropout > 0, ...more };
  return [...activationTable(config, sizes), ...outputTable(config, sizes)];
}

/** The same for a device's kernels with one time step after the other, and the memory for parts of its products. */
function tableOn(device: GuardedDevice, config: ModelConfig, windowLength: number, batchSize: number): TensorTable {
  const persistent = persistentTiles(device, config, batchSize) !== undefined;
  const table = batchTable(config, windowLength, batchSize, { packs: stepsInOne(device, config), persistent });
  if (kernelFamily(device) !== 'gpu') return table;
  const sizes = { windowLength, batchSize, training: true, states: false, fused: false };
  const parts = partsOfProducts(productsOf(config, sizes));
  return parts > 0 ? [...table, { name: 'parts of products', shape: [parts] }] : table;
}

const bytesOf = ({ shape }: TensorTable[number]): number => numElements(shape) * 4;

/** Bytes on the device while training. */
export interface MemoryEstimate {
  weights: number;
  gradients: number;
  /** Moments, momentum and the like. */
  optimizer: number;
  /** Copies of weights and optimizer, to restore after a slice with a non-finite loss. */
  snapshots: number;
  /** Inputs, states, gates, outputs and their gradients of one batch: all that grows with windowLength * batchSize. */
  activations: number;
  total: number;
  /** The largest single buffer; WebGPU limits it (maxStorageBufferBindingSize, by default 128 MiB). */
  largest: { name: string; bytes: number };
}

/** Options of training that affect memory. */
export interface MemoryOptions {
  /** Time steps of a sample, T. */
  windowLength: number;
  /** Samples per optimizer step, N. Default 1. */
  batchSize?: number;
  /** Models trained together. Default 1. */
  ensemble?: number;
  /** Default Adam. */
  optimizer?: OptimizerOptions;
  /** Counts what the kernels of this device need, too. */
  device?: GPUDevice;
}

/**
 * Estimates the device memory of training a model with the plans `timestep` and `sequence`, without allocating anything. The
 * data is not included. With `device`, also what its kernels need besides in `timestep`: on a GPU the copy of a weight_hh, parts of products,
 * and where workgroups run side by side a second gradient of a layer's gates. `resident` keeps no activations and takes less.
 * @throws ConfigError naming the invalid option.
 */
export function estimateMemory(model: ModelOptions, options: MemoryOptions): MemoryEstimate {
  const names = { windowLength: true, batchSize: true, ensemble: true, optimizer: true, device: true } as const;
  checkOptions('estimateMemory', options, names);
  checkModelOptions('estimateMemory', model);
  const { windowLength, batchSize = 1, ensemble = 1, optimizer = { name: 'Adam' }, device } = options;
  const config = modelConfig(model);
  for (const [name, value] of Object.entries({ windowLength, batchSize, ensemble })) checkPositiveInteger(name, value);
  const table = parameterTable(config);
  const arena = Arena.copyBytes(table) * ensemble;
  const kept = Object.keys(optimizerOf(optimizer).state).length;
  const activations = device
    ? tableOn(new GuardedDevice(device), config, windowLength, batchSize)
    : batchTable(config, windowLength, batchSize);
  const largest = activations.reduce((most, row) => (bytesOf(row) > bytesOf(most) ? row : most));
  const parts = {
    weights: arena,
    gradients: arena,
    optimizer: kept * arena,
    snapshots: numSnapshots(arena) * (1 + kept) * arena,
    activations: activations.reduce((sum, row) => sum + bytesOf(row), 0),
  };
  const isArena = arena > bytesOf(largest);
  return {
    ...parts,
    total: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0),
    largest: isArena ? { name: 'weights', bytes: arena } : { name: largest.name, bytes: bytesOf(largest) },
  };
}

/** @throws DeviceError with the sizes if a tensor exceeds the largest buffer; nothing is allocated. */
export function checkMemory(
  device: GuardedDevice,
  table: TensorTable,
  { windowLength: T, batchSize: N }: Pick<ActivationSizes, 'windowLength' | 'batchSize'>,
): void {
  const limit = mostBytes(device);
  const tooLarge = table.find((row) => bytesOf(row) > limit);
  if (!tooLarge) return;
  const rows = Math.floor((limit / bytesOf(tooLarge)) * N);
  const way = rows >= 1 ? `a batch of at most ${rows}` : 'a shorter window, fewer hidden units or outputs';
  throw new DeviceError(
    `${tooLarge.name}: [${tooLarge.shape.join(', ')}] for ${T} steps of ${N} rows needs ${shownBytes(bytesOf(tooLarge))}, ` +
      `but this device allows ${shownBytes(limit)} in one buffer (maxStorageBufferBindingSize). Use ${way}, or request the ` +
      'device with higher limits.',
    { code: 'too-large', details: { tensor: tooLarge.name, bytes: bytesOf(tooLarge), limit } },
  );
}
