import { expect, test } from 'vitest';
import { autotune } from '../../src/engine/autotune.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { describeGpu, deviceFor, testDevice, testGpu, useFamily } from './device.ts';

const series = Float64Array.from({ length: 400 }, (_, t) => Math.sin(t / 3) + t / 200);
const inputs = { shape: [300, 5, 1], data: Float32Array.from({ length: 1500 }, (_, k) => Math.sin(k)) };

async function fitted(): Promise<Forecaster> {
  const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 4, quantiles: [0.1, 0.5] });
  await forecaster.fit(series, { epochs: 1, batchSize: 64, validation: 0.2 });
  return forecaster;
}

/** Calls that may take long, and their results. */
const CALLS: Record<string, () => Promise<(options: { signal?: AbortSignal }) => Promise<unknown>>> = {
  async evaluate() {
    const forecaster = await fitted();
    return async (options) => (await forecaster.evaluate({ part: 'all', interval: 0.8, ...options })).metrics;
  },
  async predict() {
    const forecaster = await fitted();
    return (options) => forecaster.predict({ horizon: 200, ...options });
  },
  async predictMembers() {
    const forecaster = await fitted();
    return (options) => forecaster.predictMembers({ horizon: 200, ...options });
  },
  async predictQuantiles() {
    const forecaster = await fitted();
    return (options) => forecaster.predictQuantiles({ horizon: 200, ...options });
  },
  async predictInterval() {
    const forecaster = await fitted();
    return (options) => forecaster.predictInterval(options);
  },
  async 'Trainer.predict'() {
    const trainer = await Trainer.create({ device: testDevice(), model: { inputSize: 1, hiddenSize: 4 } });
    return async (options) => (await trainer.predict(inputs, options)).data;
  },
};

describeGpu.each(Object.entries(CALLS))('%s', (_, prepare) => {
  test("rejects with a signal's reason, before and during its work, and works again afterwards", async () => {
    const call = await prepare();
    const expected = await call({});
    const reason = new Error('enough');
    await expect(call({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const stopper = new AbortController();
    const stopped = call({ signal: stopper.signal });
    queueMicrotask(() => stopper.abort(reason));
    await expect(stopped).rejects.toBe(reason);
    expect(await call({ signal: new AbortController().signal })).toEqual(expected);
  });
});

describeGpu('autotune', () => {
  useFamily('software'); // a GPU measures nothing at once

  test("rejects with a signal's reason, after the current kernel", async () => {
    const stopper = new AbortController();
    const reason = new Error('enough');
    const stopped = autotune(testDevice(), { signal: stopper.signal });
    queueMicrotask(() => stopper.abort(reason));
    await expect(stopped).rejects.toBe(reason);
    await expect(autotune(deviceFor('gpu'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describeGpu.each(['resident', 'sequence', 'timestep'] as const)('a fit of the %s plan', (plan) => {
  test('stopped while its kernels compile leaves a checkpoint that resumes bit-identically', async () => {
    const options = { epochs: 2, batchSize: 64, plan };
    const straight = await Forecaster.create({ device: testDevice(), hiddenSize: 4 });
    const { epochs } = await straight.fit(series, options);
    const device = await requestDevice({ gpu: testGpu() }); // has not compiled anything yet
    const forecaster = await Forecaster.create({ device, hiddenSize: 4 });
    const stopper = new AbortController();
    const reason = new Error('enough');
    const create = device.createComputePipelineAsync.bind(device);
    device.createComputePipelineAsync = (descriptor) => {
      queueMicrotask(() => stopper.abort(reason));
      return create(descriptor);
    };
    await expect(forecaster.fit(series, { ...options, signal: stopper.signal })).rejects.toBe(reason);
    const goesOn = await Forecaster.load(await forecaster.checkpoint(), { device });
    expect((await goesOn.resume(series)).epochs).toMatchObject(
      epochs.map(({ loss, lastLoss }) => ({ loss, lastLoss })),
    );
    expect((await forecaster.fit(series, { ...options, from: 'initial' })).epochs.map(({ loss }) => loss)).toEqual(
      epochs.map(({ loss }) => loss),
    );
    device.destroy();
  });
});
