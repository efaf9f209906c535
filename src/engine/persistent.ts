import { type Dispatch, DispatchBuilder, record } from '../gpu/dispatch.ts';
import { during, GuardedDevice } from '../gpu/guarded_device.ts';
import { hasQuads } from '../gpu/quads.ts';
import { readRegions } from '../gpu/readback.ts';
import { limitSideBySide, mostSideBySide } from '../gpu/side_by_side.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import type { LstmPersistentBackward, LstmPersistentForward } from '../kernels/dims.ts';
import { lstmPersistentBackward, lstmPersistentForward, markUnwritten } from '../kernels/index.ts';
import type { ModelConfig } from '../model/config.ts';
import { kernelFamily } from './family.ts';
import { type PersistentTile, persistentTile } from './persistent_tile.ts';

/** How often a lane looks for a value before it gives up, after about 0.1 s; usually a few times. */
const POLLS = 2 ** 17;

type Tensors<Name extends string> = Readonly<Record<Name, Tensor | undefined>>;

/** All time steps of a direction in one dispatch, whose workgroups wait for each other, and one that prepares what they exchange. */
export interface PersistentSteps {
  /** gates, and initial states of zero -> gates, h, c. */
  forward(
    build: DispatchBuilder,
    dims: Omit<LstmPersistentForward['dims'], 'polls'>,
    tensors: Tensors<'vectors' | 'bias_ih' | 'bias_hh' | 'lengths' | 'gates' | 'c' | 'h' | 'failed'>,
  ): Dispatch[];
  /** gates, c, dH from above -> dG in d_gates, all of dH. */
  backward(
    build: DispatchBuilder,
    dims: Omit<LstmPersistentBackward['dims'], 'polls'>,
    tensors: Tensors<'vectors' | 'c' | 'lengths' | 'gates' | 'd_h' | 'd_gates' | 'failed'>,
  ): Dispatch[];
}

/** The tiles of these kernels both ways, if they support the model on a device; a trial may still fail. */
export function persistentTiles(
  device: GuardedDevice,
  { cell, hiddenSize, projSize }: ModelConfig,
  batchSize: number,
): Record<'forward' | 'backward', PersistentTile> | undefined {
  if (cell !== 'LSTM' || projSize > 0) return undefined;
  if (kernelFamily(device) !== 'gpu' || !device.features.has('subgroups')) return undefined;
  const tileOf = (way: 'forward' | 'backward') =>
    persistentTile(way, { batchSize, hiddenSize }, device.limits, mostSideBySide(device));
  const [forward, backward] = [tileOf('forward'), tileOf('backward')];
  return forward && backward && { forward, backward };
}

/** These steps, if their kernels support the model, and a trial has shown that the workgroups they need run side by side. */
export async function loadPersistent(
  device: GuardedDevice,
  config: ModelConfig,
  { batchSize }: { batchSize: number },
): Promise<PersistentSteps | undefined> {
  const tiles = persistentTiles(device, config, batchSize);
  if (!tiles || !(await hasQuads(device))) return undefined;
  const [marking, forward, backward] = await Promise.all([
    markUnwritten.load(device),
    lstmPersistentForward.load(device, tiles.forward),
    lstmPersistentBackward.load(device, tiles.backward),
  ]);
  const steps: PersistentSteps = {
    forward(build, dims, tensors) {
      const { N, T, H, h, h_stride } = dims;
      const exchanged = { rows: T * N, columns: H, first: h + N * h_stride, stride: h_stride }; // not the initial states
      return [
        build.dispatch(marking, exchanged, { words: tensors.h }),
        build.dispatch(forward, { ...dims, polls: POLLS }, tensors),
      ];
    },
    backward(build, dims, tensors) {
      const { N, T, H, gates } = dims;
      const exchanged = { rows: T * N, columns: 4 * H, first: gates, stride: 4 * H };
      return [
        build.dispatch(marking, exchanged, { words: tensors.d_gates }),
        build.dispatch(backward, { ...dims, polls: POLLS }, tensors),
      ];
    },
  };
  const sizes = { batchSize, hiddenSize: config.hiddenSize };
  return (await runSideBySide(device, steps, forward, sizes)) ? steps : undefined;
}

/** Results of trials: for a device's kernel by sizes. */
const tried = new WeakMap<object, Map<string, Promise<boolean>>>();

/** The trial, once per device, kernels and sizes. If it fails, the device never runs such kernels. */
async function runSideBySide(
  device: GuardedDevice,
  steps: PersistentSteps,
  kernel: object,
  sizes: { batchSize: number; hiddenSize: number },
): Promise<boolean> {
  const known = tried.get(kernel) ?? new Map<string, Promise<boolean>>();
  tried.set(kernel, known);
  const key = JSON.stringify(sizes);
  const trial = known.get(key) ?? tryOut(new GuardedDevice(device.raw), steps, sizes);
  known.set(key, trial);
  trial.catch(() => known.delete(key)); // a lost device
  if (await trial) return true;
  limitSideBySide(device, 0);
  return false;
}

/** A few time steps of a layer whose weights and inputs are zeros. */
function tryOut(
  device: GuardedDevice,
  steps: PersistentSteps,
  { batchSize: N, hiddenSize: H }: { batchSize: number; hiddenSize: number },
): Promise<boolean> {
  const T = 4;
  return during(device, async (scope) => {
    const tensor = (name: string, ...shape: number[]) => createTensor(scope, name, shape);
    const lengths = tensor('lengths', N);
    writeTensor(scope, lengths, new Uint32Array(N).fill(T));
    const failed = tensor('failed', 1);
    const vectors = tensor('vectors', 4, H, 4 * Math.ceil(H / 4));
    const [bias_ih, bias_hh] = [tensor('bias_ih', 4 * H), tensor('bias_hh', 4 * H)];
    const [gates, d_gates] = [tensor('gates', T, N, 4, H), tensor('d_gates', T, N, 4, H)];
    const [c, h, d_h] = [tensor('c', T + 2, N, H), tensor('h', T + 2, N, H), tensor('d_h', T + 2, N, H)];
    const build = new DispatchBuilder(scope, 'side by side');
    const dims = { N, T, H, gates: 0, c: 0, c_stride: H, reverse: 0 };
    const there = { vectors, bias_ih, bias_hh, lengths, gates, c, h, failed };
    const back = { vectors, c, lengths, gates, d_h, d_gates, failed };
    const dispatches = [
      ...steps.forward(build, { ...dims, h: 0, h_stride: H }, there),
      ...steps.backward(build, { ...dims, d_h: 0, d_h_stride: H }, back),
    ];
    build.upload();
    const [read] = await readRegions(scope, [failed], (encoder) => {
      const pass = encoder.beginComputePass({ label: 'side by side' });
      record(pass, dispatches);
      pass.end();
    });
    return new Uint32Array(read!.buffer)[0] === 0;
  });
}
