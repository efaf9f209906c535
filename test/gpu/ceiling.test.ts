import { expect, test } from 'vitest';
import { measureCeiling } from '../../bench/ceiling.ts';
import { flopsPerStep } from '../../bench/flops.ts';
import { describeGpu, testDevice } from './device.ts';

describeGpu('measureCeiling', () => {
  test.each([undefined, 1])('gives a positive rate for %s workgroups', async (groups) => {
    const gflops = await measureCeiling(testDevice(), groups);
    expect(gflops).toBeGreaterThan(0);
    expect(gflops).toBeLessThan(1e7);
  });

  test('lets timers fire while the device is busy', async () => {
    let fired = 0;
    const timer = setInterval(() => fired++, 5);
    await measureCeiling(testDevice());
    clearInterval(timer);
    expect(fired).toBeGreaterThan(2);
  });
});

// Sizes of bench/grid.ts, computed by hand.
test.each([
  [{ batchSize: 1, windowLength: 10, inputSize: 1, hiddenSize: 32, numLayers: 1 }, 253_440],
  [{ batchSize: 32, windowLength: 30, inputSize: 4, hiddenSize: 64, numLayers: 2 }, 289_013_760],
  [{ batchSize: 128, windowLength: 100, inputSize: 16, hiddenSize: 256, numLayers: 1 }, 21_390_950_400],
])('flopsPerStep > agrees with the benchmark for %j', (sizes, flops) => {
  expect(flopsPerStep({ cell: 'LSTM', ...sizes })).toBe(flops);
  expect(4 * flopsPerStep({ cell: 'GRU', ...sizes })).toBe(3 * flops);
  expect(4 * flopsPerStep({ cell: 'RNN_TANH', ...sizes })).toBe(flops);
});
