import type { Dispatch, DispatchBuilder } from '../gpu/dispatch.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { createTensor, type Tensor } from '../gpu/tensor.ts';
import { roll, sampleGather, windowGather } from '../kernels/index.ts';
import type { Network } from './network.ts';
import type { SampleSource } from './plan.ts';

export interface GatherOptions {
  /** T */
  windowLength: number;
  /** N */
  batchSize: number;
  /** Steps that have a target: 1, or T. */
  targetSteps: number;
  /** K, target values per step. */
  targetSize: number;
}

/** Copies the samples of a step from their source to a network's input. */
export interface Gather {
  /** [targetSteps, N, K] */
  readonly targets: Tensor;
  dispatch(build: DispatchBuilder, order: Tensor, network: Network): Dispatch;
}

export async function createGather(
  device: GuardedDevice,
  source: SampleSource,
  options: GatherOptions,
): Promise<Gather> {
  const { windowLength: T, batchSize: N, targetSteps: TT, targetSize: K } = options;
  const targets = createTensor(device, 'targets', [TT, N, K]);
  if (source.kind === 'windows') {
    const { series, targetColumns: C = K } = source;
    const kernel = await windowGather.load(device);
    const dims = { N, T, I: series.shape[1]!, O: K, C, every: TT > 1 ? 1 : 0 };
    return {
      targets,
      dispatch: (build, order, { x }) => build.dispatch(kernel, dims, { series, order, x, target_rows: targets }),
    };
  }
  const { inputs, targets: all, lengths: sample_lengths } = source;
  const kernel = await sampleGather.load(device);
  const dims = { N, T, TT, I: inputs.shape[2]!, K };
  return {
    targets,
    dispatch: (build, order, { x, lengths }) =>
      build.dispatch(kernel, dims, { inputs, targets: all, sample_lengths, order, x, target_rows: targets, lengths }),
  };
}

/** Writes forecasts as rows of their series, for the next windows. */
export interface RollOptions {
  /** Steps that a window forecasts. */
  ahead: number;
  /** Number of outputs per row, and the index, after sorting, of the one that goes into the first column. */
  values: number;
  value: number;
}

/** Copies a network's forecasts for a window into the rows after it. @param source windows. */
export async function createRoll(
  device: GuardedDevice,
  source: SampleSource,
  T: number,
  { ahead, values: Q, value: q }: RollOptions,
): Promise<Pick<Gather, 'dispatch'>> {
  if (source.kind !== 'windows') throw new Error('roll: only windows have rows after them');
  const { series } = source;
  const kernel = await roll.load(device);
  const dims = { T, I: series.shape[1]!, ahead, Q, q };
  return { dispatch: (build, order, { y }) => build.dispatch(kernel, dims, { y, order, series }) };
}
