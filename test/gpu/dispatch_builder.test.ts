import { expect, test } from 'vitest';
import { DeviceError } from '../../src/errors.ts';
import { DispatchBuilder } from '../../src/gpu/dispatch.ts';
import { foldedGrid } from '../../src/gpu/kernel.ts';
import { createTensor, type Tensor } from '../../src/gpu/tensor.ts';
import { biasReduce, matmul } from '../../src/kernels/index.ts';
import { matmulDims } from '../../src/kernels/matmul_dims.ts';
import { describeGpu, guardedTestDevice } from './device.ts';
import { runKernel } from './run_kernel.ts';

/** Elements at a valid offset of a binding. */
const part = (tensor: Tensor, first: number, count: number): Tensor => ({
  ...tensor,
  shape: [count],
  offsetBytes: first * 4,
  sizeBytes: count * 4,
});

describeGpu('DispatchBuilder', () => {
  test('rejects a written binding that overlaps another, and accepts separate parts', async () => {
    const device = guardedTestDevice();
    const [kernel, product] = [await biasReduce.load(device), await matmul.load(device)];
    const build = new DispatchBuilder(device, 'test');
    const shared = createTensor(device, 'shared', [128]);
    const own = createTensor(device, 'own', [64]);
    const dims = { R: 1, row: 1, first: 0, G: 1, to: 0, twin: 0 };
    const [low, high, whole] = [part(shared, 0, 64), part(shared, 64, 64), part(shared, 0, 128)];
    expect(() => build.dispatch(kernel, dims, { d_gates: own, d_bias: low, d_twin: low })).toThrow(
      'bias_reduce: d_bias and d_twin overlap',
    );
    expect(() => build.dispatch(kernel, dims, { d_gates: whole, d_bias: own, d_twin: high })).toThrow(
      'bias_reduce: d_gates and d_twin overlap',
    );
    build.dispatch(kernel, dims, { d_gates: own, d_bias: low, d_twin: high });
    // both are only read
    build.dispatch(product, matmulDims({ rows: 1, columns: 1 }, { rows: 1, columns: 1 }), { a: low, b: low, c: own });
    await device.settled();
    device.dispose();
  });

  test('rejects a grid that is too large for the device, with its sizes', async () => {
    const device = guardedTestDevice();
    const kernel = await biasReduce.load(device);
    const build = new DispatchBuilder(device, 'test');
    const [d_gates, d_bias, d_twin] = ['a', 'b', 'c'].map((name) => createTensor(device, name, [1]));
    const dims = { R: 1, row: 1, first: 0, G: 65_536 * 64, to: 0, twin: 0 };
    const dispatch = () => build.dispatch(kernel, dims, { d_gates: d_gates!, d_bias: d_bias!, d_twin: d_twin! });
    expect(dispatch).toThrow(DeviceError);
    expect(dispatch).toThrow(/^bias_reduce: needs 65536 workgroups for .*"G":4194304.*allows up to 65535/);
    device.dispose();
  });

  test.each([
    [1, 1, [1, 1, 1]],
    [0.5, 65_535, [1, 65_535, 1]],
    [3, 65_536, [3, 32_768, 2]],
    [3, 131_071, [3, 43_691, 3]],
  ])('folds a grid of %d by %d into z if it exceeds y', (x, y, grid) => {
    expect(foldedGrid(x, y)).toEqual(grid);
    expect(grid[1]! * grid[2]!).toBeGreaterThanOrEqual(y);
  });
});

describeGpu('a product of more rows than a grid has in y', () => {
  test('is complete', async () => {
    const rows = 65_536 * 32 + 5; // 8 x 8 lanes of 4 x 4 values
    const a = Float32Array.from({ length: rows }, (_, k) => k % 97);
    const dims = matmulDims({ rows, columns: 1 }, { rows: 1, columns: 1 });
    const { c } = await runKernel(matmul, dims, { a, b: Float32Array.of(2), c: new Float32Array(rows) });
    expect(c!.findIndex((value, k) => value !== 2 * (k % 97))).toBe(-1);
  });
});
