import { kernelFamily } from '../src/engine/family.ts';
import { loadProduct } from '../src/engine/product.ts';
import { fastestTilings } from '../src/engine/tile_timing.ts';
import { tilingKey } from '../src/engine/tiles.ts';
import { measuredOn } from '../src/engine/tuning.ts';
import { describeDevice } from '../src/gpu/device.ts';
import { DispatchBuilder } from '../src/gpu/dispatch.ts';
import { type DeviceScope, during, GuardedDevice } from '../src/gpu/guarded_device.ts';
import { createTensor } from '../src/gpu/tensor.ts';
import { timeDispatches } from '../src/gpu/timing.ts';
import { type MatmulDims, matmulDims } from '../src/kernels/matmul_dims.ts';
import type { Contender } from './contender.ts';
import type { Heat } from './heat.ts';

/** T * N of 100 steps of 128 rows; on a software adapter, a fiftieth. */
const ROWS = { gpu: 12_800, software: 256 };

/** Long enough for a card to leave its idle clock. */
const ENOUGH_MS = 24;

/** The products over all time steps of an LSTM as large as its input: gates and d_W. */
function productsOver(rows: number): { name: string; dims: MatmulDims }[] {
  return [256, 512].flatMap((H) => {
    const [gates, x] = [
      { rows, columns: 4 * H },
      { rows, columns: H },
    ];
    return [
      { name: 'x W_ih^T', dims: matmulDims(x, { rows: 4 * H, columns: H, transposed: true }) },
      { name: 'd_W', dims: matmulDims({ ...gates, transposed: true }, x) },
    ];
  });
}

const titleOf = (name: string, { M, N, K }: MatmulDims) => `${name}, ${M} x ${N} x ${K}`;

/** The products to time on a device. */
export const productsOf = (device: GuardedDevice) =>
  productsOver(describeDevice(device).software ? ROWS.software : ROWS.gpu).map(({ name, dims }) => ({
    name: titleOf(name, dims),
    dims,
  }));

/** GFLOP/s of the products of an LSTM, as the engine runs them on this device. @param heat queued before every sample. */
export function products(raw: GPUDevice, deviceName: string, heat: Heat): Contender[] {
  const device = new GuardedDevice(raw);
  return productsOf(device).map(({ name, dims }) => ({
    name: `${name}, kernels of the kind ${kernelFamily(device)}`,
    device: deviceName,
    sample: () => {
      heat();
      return during(device, (scope) => gflopsOf(scope, dims));
    },
  }));
}

async function gflopsOf(scope: DeviceScope, dims: MatmulDims): Promise<number> {
  const { M, N, K } = dims;
  const build = new DispatchBuilder(scope, 'products');
  const tensors = {
    a: createTensor(scope, 'a', [M, K]),
    b: createTensor(scope, 'b', [K, N]),
    c: createTensor(scope, 'c', [M, N]),
  };
  const dispatches = (await loadProduct(scope, [dims])).dispatches(build, dims, tensors);
  build.upload();
  const ms = await timeDispatches(scope, 'products', dispatches, ENOUGH_MS);
  return (2 * M * N * K) / ms / 1e6;
}

/** On a GPU, every tiling of each product, fastest first. */
export async function tilings(raw: GPUDevice): Promise<{ name: string; gflops: number }[]> {
  const device = new GuardedDevice(raw);
  if (kernelFamily(device) === 'software') return [];
  const list = productsOf(device);
  await fastestTilings(
    device,
    list.map(({ dims }) => dims),
  );
  return list.flatMap(({ name, dims }) =>
    measuredOn(device)
      .products.get(tilingKey(dims))!
      .map((timing) => ({
        name: `${name}, ${timing.name}`,
        gflops: (2 * dims.M * dims.N * dims.K) / timing.us / 1000,
      })),
  );
}
