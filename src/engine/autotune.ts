import type { LoadedKernel } from '../gpu/compile.ts';
import { DispatchBuilder } from '../gpu/dispatch.ts';
import { type DeviceScope, during, GuardedDevice } from '../gpu/guarded_device.ts';
import { readRegions } from '../gpu/readback.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import { timeDispatches } from '../gpu/timing.ts';
import { matmul, matmulQuad } from '../kernels/index.ts';
import { type MatmulDims, matmulDims } from '../kernels/matmul_dims.ts';
import { checkOptions } from '../options.ts';
import { stoppable } from '../signals.ts';
import { kernelFamily } from './family.ts';
import { type ProductVariant, setTuned } from './product.ts';
import { fastestTilings, measureTilings } from './tile_timing.ts';
import { lanesOf } from './tiles.ts';

/** Workgroups that {@link autotune} tries on a software adapter: at most 256 invocations; quads need a multiple of 4 in x. */
const SHAPES = [
  { TX: 8, TY: 2 },
  { TX: 4, TY: 4 },
  { TX: 8, TY: 8 },
  { TX: 16, TY: 4 },
  { TX: 16, TY: 16 },
] as const;

/** How fast a variant of the product was. */
export interface ProductTiming {
  kernel: string;
  /** Invocations of a workgroup in x and y. */
  workgroup: readonly [number, number];
  /** On a GPU: rows and columns of C per workgroup, and terms at a time. */
  tile?: readonly [rows: number, columns: number, depth: number];
  /** On a GPU: workgroups among which the terms of a sum are split. */
  parts?: number;
  /** The product that was timed: C [M, N] of sums of K terms. */
  sizes: readonly [M: number, N: number, K: number];
  /** 2 M K N operations in the fastest of several runs, by the device's own clock if it has one. */
  gflops: number;
}

/**
 * Times the variants of the matrix product on a device, which takes a second or a few. On a software adapter, everything created
 * on it from then on uses the fastest one. On a GPU the fastest one depends on the shape, so models created from then on first
 * time their own products. Variants give the same results except for rounding.
 * @param options a signal that stops it.
 * @returns the timings, fastest first. @throws the signal's reason on abort; nothing has changed then.
 */
export async function autotune(given: GPUDevice, options: { signal?: AbortSignal } = {}): Promise<ProductTiming[]> {
  checkOptions('autotune', options, { signal: true });
  const { signal } = options;
  const isGpu = kernelFamily(new GuardedDevice(given)) === 'gpu';
  const timings = await stoppable(signal, () =>
    during(new GuardedDevice(given), isGpu ? timeTilings : tuneVariants, signal),
  );
  if (isGpu) setTuned(given, fastestTilings);
  return timings.sort((one, other) => other.gflops - one.gflops);
}

/** The products over all time steps of a model with 128 hidden units, 50 steps of 64 rows: gates, d_x and d_W. */
const [ROWS, GATES, HIDDEN] = [3200, 512, 128];
const SAMPLES = [
  matmulDims({ rows: ROWS, columns: HIDDEN }, { rows: GATES, columns: HIDDEN, transposed: true }),
  matmulDims({ rows: ROWS, columns: GATES }, { rows: GATES, columns: HIDDEN }),
  matmulDims({ rows: ROWS, columns: GATES, transposed: true }, { rows: ROWS, columns: HIDDEN }),
];

const timeTilings = async (device: DeviceScope): Promise<ProductTiming[]> =>
  (await measureTilings(device, SAMPLES)).map(({ dims, kernel, tiling: { tile, parts }, gflops }) => ({
    kernel,
    workgroup: [lanesOf(tile), 1],
    tile: [tile.rows, tile.columns, tile.depth],
    parts,
    sizes: [dims.M, dims.N, dims.K],
    gflops,
  }));

async function tuneVariants(device: DeviceScope): Promise<ProductTiming[]> {
  const found = await timeVariants(device);
  const best = found.reduce((one, other) => (other.timing.gflops > one.timing.gflops ? other : one));
  setTuned(device.raw, best.variant);
  return found.map(({ timing }) => timing);
}

async function timeVariants(device: DeviceScope): Promise<{ variant: ProductVariant; timing: ProductTiming }[]> {
  const kernels: ProductVariant['kernel'][] = device.features.has('subgroups') ? [matmul, matmulQuad] : [matmul];
  const [M, K, N] = [128, 256, 1024];
  const tensor = (name: string, ...shape: number[]) => createTensor(device, name, shape);
  const [a, b, c] = [tensor('a', M, K), tensor('b', N, K), tensor('c', M, N)];
  const wave = (count: number) => Float32Array.from({ length: count }, (_, k) => ((k * 37) % 101) / 101 - 0.5);
  writeTensor(device, a, wave(M * K));
  writeTensor(device, b, wave(N * K));
  const dims = matmulDims({ rows: M, columns: K }, { rows: N, columns: K, transposed: true });
  const found: { variant: ProductVariant; timing: ProductTiming }[] = [];
  let expected: Float32Array | undefined;
  for (const kernel of kernels)
    for (const overrides of SHAPES) {
      device.signal?.throwIfAborted();
      const { ms, values } = await time(device, await kernel.load(device, overrides), dims, { a, b, c });
      expected ??= values;
      // quads depend on how a device numbers its lanes
      if (values.some((value, k) => Math.abs(value - expected![k]!) > 1e-3)) continue;
      const workgroup = [overrides.TX, overrides.TY] as const;
      const sizes = [M, N, K] as const;
      const timing = { kernel: kernel.name, workgroup, sizes, gflops: (2 * M * K * N) / ms / 1e6 };
      found.push({ variant: { kernel, overrides }, timing });
    }
  return found;
}

/** Milliseconds per product, and its result in c. */
async function time(
  device: GuardedDevice,
  kernel: LoadedKernel<MatmulDims>,
  dims: MatmulDims,
  tensors: Readonly<Record<'a' | 'b' | 'c', Tensor>>,
): Promise<{ ms: number; values: Float32Array }> {
  const build = new DispatchBuilder(device, 'autotune');
  const dispatch = build.dispatch(kernel, dims, tensors);
  build.upload();
  const ms = await timeDispatches(device, 'autotune', [dispatch]);
  const [values] = await readRegions(device, [tensors.c], () => undefined);
  return { ms, values: values! };
}
