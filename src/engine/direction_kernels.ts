import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { biasReduce, hold } from '../kernels/index.ts';
import { type ModelConfig, outputFeatures, stateSize } from '../model/config.ts';
import { CELL_KERNELS } from './cells.ts';
import { loadProduct } from './product.ts';

export interface DirectionOptions {
  /** T */
  windowLength: number;
  /** N */
  batchSize: number;
  /** Rows may end before T: `lengths` says where. */
  ragged: boolean;
  /** Initial states come from outside and their gradients go there; else they are zero. */
  states: boolean;
  /** All time steps in one dispatch, instead of one each. */
  fused: boolean;
}

/** The kernels of a direction, compiled for a device; of the steps those that the options ask for. */
export async function loadDirectionKernels(
  device: GuardedDevice,
  config: ModelConfig,
  { windowLength, batchSize, fused, training }: DirectionOptions & { training: boolean },
) {
  const cell = CELL_KERNELS[config.cell];
  const shape = {
    ...cell.overrides,
    WG: Math.min(32 * Math.ceil(config.hiddenSize / 32), 256),
    ROWS: batchSize > 4 ? 8 : 4,
    PROJECTED: config.projSize > 0 ? 1 : 0,
  };
  const [product, bias, forward, backward, holding, sequenceForward, sequenceBackward] = await Promise.all([
    loadProduct(device, sumsOf(config, { windowLength, batchSize, training })),
    training ? biasReduce.load(device) : undefined,
    fused ? undefined : cell.forward.load(device, cell.overrides),
    fused || !training ? undefined : cell.backward.load(device, cell.overrides),
    fused ? undefined : hold.load(device),
    fused ? cell.sequenceForward.load(device, shape) : undefined,
    fused && training ? cell.sequenceBackward.load(device, shape) : undefined,
  ]);
  return { product, bias, forward, backward, holding, sequenceForward, sequenceBackward };
}

/** Every K of a recurrence's products: features read, states, gates, and in training the rows that gradients are sums over. */
function sumsOf(
  config: ModelConfig,
  {
    windowLength: T,
    batchSize: N,
    training,
  }: Pick<DirectionOptions, 'windowLength' | 'batchSize'> & { training: boolean },
): Set<number> {
  const { cell, inputSize, hiddenSize: H, numLayers, projSize } = config;
  const { fromInput, fromState } = CELL_KERNELS[cell];
  const sums = new Set([inputSize, stateSize(config)]);
  if (numLayers > 1) sums.add(outputFeatures(config));
  if (projSize > 0) sums.add(H);
  if (!training) return sums;
  for (const { count } of [...fromInput, ...fromState]) sums.add(count * H);
  return sums.add(T * N);
}

export type DirectionKernels = Awaited<ReturnType<typeof loadDirectionKernels>>;
