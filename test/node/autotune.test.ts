import { expect, test } from 'vitest';
import { autotune } from '../../src/engine/autotune.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { LSTM } from '../../src/nn/recurrent.ts';
import { describeGpu, hasSubgroups, testGpu } from '../gpu/device.ts';
import { expectNormClose } from '../gpu/expect.ts';
import { randomValues } from '../gpu/run_kernel.ts';

describeGpu('autotune', () => {
  test('times the products, fastest first, and models created afterwards give the same numbers', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    const input = { shape: [6, 5, 3], data: randomValues(90, 1) };
    const run = async () => {
      const lstm = await LSTM.create({ device, inputSize: 3, hiddenSize: 17, numLayers: 2 });
      const { output } = await lstm.forward(input);
      lstm.dispose();
      return output.data;
    };
    const before = await run();
    const timings = await autotune(device);
    expect(timings.length).toBeGreaterThanOrEqual(4);
    expect(timings.map(({ gflops }) => gflops)).toEqual(timings.map(({ gflops }) => gflops).sort((a, b) => b - a));
    expect(timings.every(({ gflops }) => gflops > 0)).toBe(true);
    const kernels = new Set(timings.map(({ kernel }) => kernel));
    expect(kernels.has('matmul')).toBe(true);
    if (!hasSubgroups()) expect(kernels.size).toBe(1);
    expectNormClose(await run(), before, { tensor: 'output', tolerance: 'gradient' });
    device.destroy();
  });
});
