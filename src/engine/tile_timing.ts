import { DispatchBuilder } from '../gpu/dispatch.ts';
import { type DeviceScope, during, type GuardedDevice } from '../gpu/guarded_device.ts';
import { createTensor } from '../gpu/tensor.ts';
import { timeDispatches } from '../gpu/timing.ts';
import type { MatmulDims } from '../kernels/matmul_dims.ts';
import { loadTile, loadTiles, type ProductTensors, type Tiling, tilingKey, tilingsOf } from './tiles.ts';

/** How fast a tiling of a product was. */
export interface TilingTiming {
  dims: MatmulDims;
  kernel: string;
  tiling: Tiling;
  /** 2 M N K operations in the fastest of several runs. */
  gflops: number;
}

/** The timings of each product, fastest first. */
const measured = new WeakMap<GPUDevice, Map<string, readonly TilingTiming[]>>();

/** The tiling that was the fastest for a product, if it was measured on this device. */
export const measuredTiling = (device: GuardedDevice, dims: MatmulDims): Tiling | undefined =>
  measured.get(device.raw)?.get(tilingKey(dims))?.[0]?.tiling;

/** Measures products that were not measured yet, and chooses the fastest tiling of each. */
export async function fastestTilings(device: GuardedDevice, products: readonly MatmulDims[]) {
  await measureTilings(device, products);
  return (dims: MatmulDims): Tiling => measuredTiling(device, dims)!;
}

/**
 * Times tilings of products on a GPU, each product once per device.
 * @param candidates what to try.
 */
export async function measureTilings(
  device: GuardedDevice,
  products: readonly MatmulDims[],
  candidates: (device: GuardedDevice, dims: MatmulDims) => readonly Tiling[] = tilingsOf,
): Promise<TilingTiming[]> {
  const known = measured.get(device.raw) ?? new Map<string, readonly TilingTiming[]>();
  measured.set(device.raw, known);
  const timings: TilingTiming[] = [];
  for (const dims of products) {
    const key = tilingKey(dims);
    if (!known.has(key))
      known.set(key, await during(device, (scope) => timeAll(scope, dims, candidates(device, dims))));
    timings.push(...known.get(key)!);
  }
  return timings;
}

async function timeAll(scope: DeviceScope, dims: MatmulDims, tilings: readonly Tiling[]): Promise<TilingTiming[]> {
  const { M, N, K } = dims;
  const last = (offset: number, ...steps: [count: number, stride: number][]) =>
    steps.reduce((sum, [count, stride]) => sum + (count - 1) * stride, offset);
  const tensors = {
    a: createTensor(scope, 'a', [1 + last(dims.a_offset, [M, dims.a_row], [K, dims.a_col])]),
    b: createTensor(scope, 'b', [1 + last(dims.b_offset, [K, dims.b_row], [N, dims.b_col])]),
    c: createTensor(scope, 'c', [1 + last(dims.c_offset, [M, dims.c_row], [N, dims.c_col])]),
  };
  await Promise.all(tilings.map((tiling) => loadTile(scope, dims, tiling)));
  const timings: TilingTiming[] = [];
  for (const tiling of tilings) {
    scope.signal?.throwIfAborted();
    timings.push(await during(scope, (own) => time(own, dims, tensors, tiling)));
  }
  return timings.sort((one, other) => other.gflops - one.gflops);
}

async function time(
  scope: DeviceScope,
  dims: MatmulDims,
  tensors: ProductTensors,
  tiling: Tiling,
): Promise<TilingTiming> {
  const product = await loadTiles(scope, [dims], () => tiling);
  const build = new DispatchBuilder(scope, 'tilings');
  const dispatches = product.dispatches(build, dims, tensors);
  build.upload();
  const ms = await timeDispatches(scope, 'tilings', dispatches);
  return { dims, kernel: dispatches[0]!.name, tiling, gflops: (2 * dims.M * dims.N * dims.K) / ms / 1e6 };
}
