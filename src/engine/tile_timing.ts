import { DispatchBuilder } from '../gpu/dispatch.ts';
import { type DeviceScope, during, type GuardedDevice } from '../gpu/guarded_device.ts';
import { createTensor } from '../gpu/tensor.ts';
import { timeDispatches } from '../gpu/timing.ts';
import type { MatmulDims } from '../kernels/matmul_dims.ts';
import { loadTile, loadTiles, type ProductTensors, type Tiling, tilingKey, tilingsOf } from './tiles.ts';
import { measuredOn, timeWays } from './tuning.ts';

/**
 * The fastest tiling of each product on a GPU: each is timed once per device.
 * @param candidates what to try.
 */
export async function fastestTilings(
  device: GuardedDevice,
  products: readonly MatmulDims[],
  candidates: (device: GuardedDevice, dims: MatmulDims) => readonly Tiling[] = tilingsOf,
): Promise<(dims: MatmulDims) => Tiling> {
  const known = measuredOn(device).products;
  const found = new Map<string, Tiling>();
  for (const dims of products) {
    const ways = new Map(candidates(device, dims).map((tiling) => [nameOf(tiling), tiling]));
    const key = tilingKey(dims);
    const [fastest] = await during(device, (scope) => {
      let tensors: ProductTensors | undefined;
      return timeWays(known, key, ways, async (tiling) => {
        tensors ??= await operands(scope, dims, ways.values());
        scope.signal?.throwIfAborted();
        return during(scope, (own) => timeTiling(own, dims, tensors!, tiling));
      });
    });
    found.set(key, ways.get(fastest!.name)!);
  }
  return (dims) => found.get(tilingKey(dims))!;
}

const nameOf = ({ tile: { rows, columns, depth }, parts }: Tiling): string =>
  `tiles of ${rows} x ${columns} x ${depth}, parts: ${parts}`;

/** Memory for a product, and all of its kernels compiled. */
async function operands(scope: DeviceScope, dims: MatmulDims, tilings: Iterable<Tiling>): Promise<ProductTensors> {
  const { M, N, K } = dims;
  const last = (offset: number, ...steps: [count: number, stride: number][]) =>
    steps.reduce((sum, [count, stride]) => sum + (count - 1) * stride, offset);
  const tensors = {
    a: createTensor(scope, 'a', [1 + last(dims.a_offset, [M, dims.a_row], [K, dims.a_col])]),
    b: createTensor(scope, 'b', [1 + last(dims.b_offset, [K, dims.b_row], [N, dims.b_col])]),
    c: createTensor(scope, 'c', [1 + last(dims.c_offset, [M, dims.c_row], [N, dims.c_col])]),
  };
  await Promise.all(Array.from(tilings, (tiling) => loadTile(scope, dims, tiling)));
  return tensors;
}

/** Microseconds of a product. */
async function timeTiling(
  scope: DeviceScope,
  dims: MatmulDims,
  tensors: ProductTensors,
  tiling: Tiling,
): Promise<number> {
  const product = await loadTiles(scope, [dims], () => tiling);
  const build = new DispatchBuilder(scope, 'tilings');
  const dispatches = product.dispatches(build, dims, tensors);
  build.upload();
  return 1000 * (await timeDispatches(scope, 'tilings', dispatches));
}
