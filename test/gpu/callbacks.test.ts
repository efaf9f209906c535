import { expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { backtest } from '../../src/forecast/backtest.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { describeGpu, testDevice, testGpu } from './device.ts';

const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 3));
const options = { epochs: 40, batchSize: 16, sliceMs: 0.001, checkpointEveryMs: 0 };

/** Ways in which a caller's function fails. */
const FAILURES: Record<string, (reason: unknown) => unknown> = {
  throws(reason) {
    throw reason;
  },
  'rejects at once': (reason) => Promise.reject(reason),
  'rejects later': (reason) => new Promise((_, reject) => setTimeout(() => reject(reason), 5)),
};

describeGpu.each(Object.entries(FAILURES))("a caller's function that %s ends a fit with its error", (_, fail) => {
  const reason = new TypeError('of the caller');
  const failing = () => fail(reason) as never;

  test.each(['onProgress', 'onCheckpoint', 'beforeSlice'])('%s', async (name) => {
    const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 3 });
    await expect(forecaster.fit(series, { ...options, [name]: failing })).rejects.toBe(reason);
    expect(await forecaster.fit(series, { ...options, from: 'initial', epochs: 1 })).toMatchObject({ steps: 3 });
    forecaster.dispose();
  });

  test.each(['onDeviceLost', 'recover'])('%s', async (name) => {
    const forecaster = await Forecaster.create({ device: await requestDevice({ gpu: testGpu() }), hiddenSize: 3 });
    const recover = () => requestDevice({ gpu: testGpu() });
    let isLost = false;
    const onProgress = () => {
      if (!isLost) forecaster.device.destroy();
      isLost = true;
    };
    const run = forecaster.fit(series, { ...options, recover, onProgress, [name]: failing });
    await expect(run).rejects.toBe(reason);
    forecaster.dispose();
  });

  test('onProgress of a backtest', async () => {
    const { checkpointEveryMs: _, ...fit } = options;
    const run = backtest(series, { device: testDevice(), folds: 2, testRows: 10, fit, onProgress: failing });
    await expect(run).rejects.toBe(reason);
  });
});

describeGpu('an invalid device', () => {
  test.each([{}, null, 7, { createBuffer: () => undefined }])('%j is rejected', async (value) => {
    const device = value as unknown as GPUDevice;
    const message = /^device: got .*, expected a GPUDevice, as returned by requestDevice\(\)\.$/;
    await expect(Forecaster.create({ device })).rejects.toThrow(message);
    const model = { cell: 'GRU', inputSize: 1, hiddenSize: 2 } as const;
    await expect(Trainer.create({ device, model })).rejects.toThrow(message);
    await expect(backtest(series, { device })).rejects.toThrow(message);
    const forecaster = await Forecaster.create({ device: await requestDevice({ gpu: testGpu() }), hiddenSize: 3 });
    const onProgress = () => forecaster.device.destroy();
    const run = forecaster.fit(series, { ...options, recover: async () => device, onProgress });
    await expect(run).rejects.toThrow(/^recover: device: got /);
    await expect(run).rejects.toBeInstanceOf(ConfigError);
    forecaster.dispose();
  });
});
