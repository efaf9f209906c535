import { loadProduct } from '../src/engine/product.ts';
import { describeDevice } from '../src/gpu/device.ts';
import { type Dispatch, DispatchBuilder, record } from '../src/gpu/dispatch.ts';
import { during, GuardedDevice } from '../src/gpu/guarded_device.ts';
import { checkAlive } from '../src/gpu/readback.ts';
import { createTensor } from '../src/gpu/tensor.ts';
import { timeDispatches } from '../src/gpu/timing.ts';
import { matmulDims } from '../src/kernels/matmul_dims.ts';
import { loadFma, measureCeiling } from './ceiling.ts';

/** Long enough that polling every 100 ms is off by at most 3%. */
const LONG_MS = 4000;
/** Short, as a driver may kill a dispatch that takes seconds. */
const DISPATCH_MS = 20;
/** C [M, N] of sums of K terms. */
const [M, N, K] = [128, 1024, 256];

/** GFLOP/s as measured by the library and by the host's clock. */
export interface ClockTruth {
  device: string;
  ceiling: { measured: number; truth: number };
  product: { measured: number; truth: number };
}

/** Compares the device's clock with seconds of the same work, timed by the host from submit to completion. */
export async function clockTruth(device: GPUDevice): Promise<ClockTruth> {
  const ceiling = await measureCeiling(device);
  return during(new GuardedDevice(device), async (scope) => {
    /** @param expected GFLOP/s, which determine the number of repetitions. */
    async function truth(dispatches: readonly Dispatch[], flops: number, expected: number): Promise<number> {
      const times = Math.ceil((LONG_MS * expected * 1e6) / flops);
      const encoder = scope.createCommandEncoder({ label: 'truth' });
      const pass = encoder.beginComputePass({ label: 'truth' });
      for (let k = 0; k < times; k++) record(pass, dispatches);
      pass.end();
      await checkAlive(scope);
      const startMs = performance.now();
      scope.queue.submit(encoder);
      await checkAlive(scope);
      return (times * flops) / (performance.now() - startMs) / 1e6;
    }
    const fma = await loadFma(scope);
    const rounds = Math.ceil((DISPATCH_MS * ceiling * 1e6) / fma.flopsARound);
    const tensor = (name: string, ...shape: number[]) => createTensor(scope, name, shape);
    const dims = matmulDims({ rows: M, columns: K }, { rows: N, columns: K, transposed: true });
    const product = await loadProduct(scope, [dims]);
    const build = new DispatchBuilder(scope, 'product');
    const products = product.dispatches(build, dims, {
      a: tensor('a', M, K),
      b: tensor('b', N, K),
      c: tensor('c', M, N),
    });
    build.upload();
    const measured = (2 * M * N * K) / (await timeDispatches(scope, 'product', products)) / 1e6;
    return {
      device: describeDevice(device).name,
      ceiling: { measured: ceiling, truth: await truth([fma.dispatch(rounds)], rounds * fma.flopsARound, ceiling) },
      product: { measured, truth: await truth(products, 2 * M * N * K, measured) },
    };
  });
}
