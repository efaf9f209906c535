import type { LoadedKernel } from '../gpu/compile.ts';
import { DispatchBuilder } from '../gpu/dispatch.ts';
import { type DeviceScope, during, GuardedDevice } from '../gpu/guarded_device.ts';
import { readRegions } from '../gpu/readback.ts';
import { createTensor, writeTensor } from '../gpu/tensor.ts';
import { timeDispatches } from '../gpu/timing.ts';
import { matmul, matmulQuad } from '../kernels/index.ts';
import { type MatmulDims, matmulDims } from '../kernels/matmul_dims.ts';
import { checkOptions } from '../options.ts';
import { stoppable } from '../signals.ts';
import { setPlanChooser } from './choose.ts';
import { kernelFamily } from './family.ts';
import { fastestPlan } from './plan_timing.ts';
import { type ProductVariant, setTuned } from './product.ts';
import { fastestTilings } from './tile_timing.ts';
import { type ProductTensors, tilingKey } from './tiles.ts';
import { measuredOn, type Tuning, takeOver, timeWays, tuningOf } from './tuning.ts';

/** Workgroups that {@link autotune} tries on a software adapter: at most 256 invocations; quads need a multiple of 4 in x. */
const SHAPES = [
  { TX: 8, TY: 2 },
  { TX: 4, TY: 4 },
  { TX: 8, TY: 8 },
  { TX: 16, TY: 4 },
  { TX: 16, TY: 16 },
] as const;

/** On a software adapter, this product stands for all. */
const [M, K, N] = [128, 256, 1024];
const dims = matmulDims({ rows: M, columns: K }, { rows: N, columns: K, transposed: true });

/**
 * From now on, a device takes what is the fastest on it, as measured once for each shape. On a software adapter, variants of the matrix
 * product are timed at once, in a second or a few; on a GPU, models created later first time tiles for their products. A training with
 * `plan: 'auto'`, of up to 32 models, first times the plans that can run it: for about a quarter of a second each, or one step if that
 * takes longer. Results are the same except for rounding, but the fastest plan may differ between devices and between runs; a training
 * whose plan is named, such as `plan: 'timestep'`, always has that one.
 * @param options `tuning`: what an earlier call returned on such a device, which is not measured again. A signal stops it.
 * @returns all that was measured on this device so far, by trainings, too: another call measures nothing again.
 * @throws ConfigError for a tuning that is malformed, or of another device or version. @throws the signal's reason on abort.
 */
export async function autotune(
  given: GPUDevice,
  options: { tuning?: Tuning; signal?: AbortSignal } = {},
): Promise<Tuning> {
  checkOptions('autotune', options, { tuning: true, signal: true });
  const { tuning, signal } = options;
  signal?.throwIfAborted();
  const device = new GuardedDevice(given);
  if (tuning !== undefined) takeOver(device, tuning);
  if (kernelFamily(device) === 'gpu') setTuned(given, fastestTilings);
  else setTuned(given, await stoppable(signal, () => during(device, fastestVariant, signal)));
  setPlanChooser(given, fastestPlan);
  return tuningOf(device);
}

/** The fastest variant of the product on a software adapter, timed once per device. */
async function fastestVariant(device: DeviceScope): Promise<ProductVariant> {
  const kernels: ProductVariant['kernel'][] = device.features.has('subgroups') ? [matmul, matmulQuad] : [matmul];
  const variants = kernels.flatMap((kernel) => SHAPES.map((overrides) => ({ kernel, overrides })));
  const ways = new Map(variants.map((way) => [`${way.kernel.name}, ${way.overrides.TX} x ${way.overrides.TY}`, way]));
  let tensors: ProductTensors | undefined;
  let expected: Float32Array | undefined;
  const [fastest] = await timeWays(measuredOn(device).products, tilingKey(dims), ways, async (way) => {
    device.signal?.throwIfAborted();
    tensors ??= operands(device);
    const { ms, values } = await time(device, await way.kernel.load(device, way.overrides), tensors);
    expected ??= values;
    // quads depend on how a device numbers its lanes
    const isRight = values.every((value, k) => Math.abs(value - expected![k]!) <= 1e-3);
    return isRight ? 1000 * ms : undefined;
  });
  return ways.get(fastest!.name)!;
}

function operands(device: DeviceScope): ProductTensors {
  const tensor = (name: string, ...shape: number[]) => createTensor(device, name, shape);
  const [a, b, c] = [tensor('a', M, K), tensor('b', N, K), tensor('c', M, N)];
  const wave = (count: number) => Float32Array.from({ length: count }, (_, k) => ((k * 37) % 101) / 101 - 0.5);
  writeTensor(device, a, wave(M * K));
  writeTensor(device, b, wave(N * K));
  return { a, b, c };
}

/** Milliseconds per product, and its result in c. */
async function time(
  device: GuardedDevice,
  kernel: LoadedKernel<MatmulDims>,
  tensors: ProductTensors,
): Promise<{ ms: number; values: Float32Array }> {
  const build = new DispatchBuilder(device, 'autotune');
  const dispatch = build.dispatch(kernel, dims, tensors);
  build.upload();
  const ms = await timeDispatches(device, 'autotune', [dispatch]);
  const [values] = await readRegions(device, [tensors.c], () => undefined);
  return { ms, values: values! };
}
