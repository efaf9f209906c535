import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { allLoaded } from '../gpu/kernel.ts';
import { biasReduce, hold, packWeights } from '../kernels/index.ts';
import type { ModelConfig } from '../model/config.ts';
import { CELL_KERNELS } from './cells.ts';
import { kernelFamily } from './family.ts';
import type { loadPersistent } from './persistent.ts';
import { loadProduct } from './product.ts';
import { productsOf } from './products.ts';
import { timestepTile } from './timestep_tile.ts';

export interface DirectionOptions {
  /** T */
  windowLength: number;
  /** N */
  batchSize: number;
  /** Rows may end before T, according to `lengths`, and their states then are the final ones. */
  ragged: boolean;
  /** Initial states are given, and their gradients are returned; otherwise they are zero. */
  states: boolean;
  /** All time steps in one dispatch, instead of one each. */
  fused: boolean;
  /** Given if all time steps may also be in one dispatch over many workgroups, where the device runs these side by side. */
  loadPersistent?: typeof loadPersistent;
}

/** Whether the kernels of a device run a time step with its product in one dispatch, where all steps are not in one. */
export const stepsInOne = (device: GuardedDevice, { projSize }: ModelConfig): boolean =>
  kernelFamily(device) === 'gpu' && projSize === 0;

/** The kernels of a direction, compiled for a device; among those of the steps only the ones the options need. */
export function loadDirectionKernels(
  device: GuardedDevice,
  config: ModelConfig,
  options: DirectionOptions & { training: boolean },
) {
  const { batchSize, fused, loadPersistent, training } = options;
  const cell = CELL_KERNELS[config.cell];
  const inOne = !fused && stepsInOne(device, config);
  const sizes = { batchSize, hiddenSize: config.hiddenSize };
  const shape = {
    ...cell.overrides,
    WG: Math.min(32 * Math.ceil(config.hiddenSize / 32), 256),
    ROWS: batchSize > 4 ? 8 : 4,
    PROJECTED: config.projSize > 0 ? 1 : 0,
  };
  return allLoaded({
    product: loadProduct(device, productsOf(config, options)),
    bias: training ? biasReduce.load(device) : undefined,
    forward: fused || inOne ? undefined : cell.forward.load(device, cell.overrides),
    backward: fused || inOne || !training ? undefined : cell.backward.load(device, cell.overrides),
    holding: fused || inOne ? undefined : hold.load(device),
    packing: inOne ? packWeights.load(device) : undefined,
    timestepForward: inOne
      ? cell.timestepForward.load(device, { ...cell.overrides, ...timestepTile(cell.fours, sizes, device.limits) })
      : undefined,
    timestepBackward:
      inOne && training
        ? cell.timestepBackward.load(device, { ...cell.overrides, ...timestepTile('units', sizes, device.limits) })
        : undefined,
    sequenceForward: fused ? cell.sequenceForward.load(device, shape) : undefined,
    sequenceBackward: fused && training ? cell.sequenceBackward.load(device, shape) : undefined,
    persistent: inOne ? loadPersistent?.(device, config, sizes) : undefined,
  });
}

export type DirectionKernels = Awaited<ReturnType<typeof loadDirectionKernels>>;
