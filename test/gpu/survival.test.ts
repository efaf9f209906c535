import { expect, test } from 'vitest';
import { DeviceError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { describeGpu, testDevice, testFamily, testGpu } from './device.ts';
import { bitsOf } from './expect.ts';

const series = Float64Array.from({ length: 80 }, (_, t) => Math.sin(t / 3));
const PLANS = ['resident', 'sequence', 'timestep'] as const;

describeGpu.each(PLANS)('a run of the %s plan that ends early', (plan) => {
  test('leaves the weights of the last slice when the device is lost', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    const forecaster = await Forecaster.create({ device, hiddenSize: 8 });
    const initial = (await forecaster.stateDict()).get('fc.weight')!.data;
    let slices = 0;
    const onProgress = () => {
      slices++;
      if (slices === 3) device.destroy();
    };
    await expect(forecaster.fit(series, { epochs: 1000, plan, sliceMs: 5, onProgress })).rejects.toThrow(DeviceError);
    const { data } = (await forecaster.stateDict()).get('fc.weight')!;
    expect(data.every(Number.isFinite)).toBe(true);
    expect(data).not.toEqual(initial);
    expect((await forecaster.save()).byteLength).toBeGreaterThan(1000);
  });

  test('waits before a slice as long as requested, and is bit-identical; an abort ends the wait', async () => {
    const [paused, straight] = [0, 0].map(() => Forecaster.create({ device: testDevice(), hiddenSize: 8 }));
    const options = { epochs: 3, plan, sliceMs: 1 };
    let waits = 0;
    const beforeSlice = () => (++waits % 3 === 0 ? new Promise<void>((resolve) => setTimeout(resolve, 20)) : undefined);
    const report = await (await paused!).fit(series, { ...options, beforeSlice });
    await (await straight!).fit(series, options);
    expect(waits).toBe(report.submits);
    for (const [name, { data }] of await (await straight!).stateDict())
      expect(bitsOf((await (await paused!).stateDict()).get(name)!.data), name).toEqual(bitsOf(data));
    const stopper = new AbortController();
    const forever = () => {
      setTimeout(() => stopper.abort(new Error('enough')), 5);
      return new Promise<void>(() => undefined);
    };
    const run = (await paused!).fit(series, { ...options, beforeSlice: forever, signal: stopper.signal });
    await expect(run).rejects.toThrow('enough');
  });

  test("rejects with the signal's reason, and starts over on request", async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 8 });
    const stopper = new AbortController();
    const onProgress = () => stopper.abort(new Error('enough'));
    const run = forecaster.fit(series, { epochs: 1000, plan, signal: stopper.signal, onProgress });
    await expect(run).rejects.toThrow('enough');
    expect((await forecaster.evaluate()).predicted.every(Number.isFinite)).toBe(true);
    const [again, fresh] = [forecaster, await Forecaster.create({ device: testDevice(), hiddenSize: 8 })];
    const losses = await Promise.all(
      [again, fresh].map(async (f) => (await f.fit(series, { epochs: 2, plan, from: 'initial' })).epochs),
    );
    expect(losses[0]!.map(({ loss }) => loss)).toEqual(losses[1]!.map(({ loss }) => loss));
    forecaster.dispose();
    fresh.dispose();
  });
});

/** Hidden units. */
const LARGEST_RESIDENT = testFamily === 'gpu' ? 64 : 256;

describeGpu("plan: 'auto'", () => {
  test.each([
    [{ hiddenSize: 8 }, 1, 'resident', undefined],
    [
      { hiddenSize: 8, numLayers: 2 },
      1,
      testFamily === 'gpu' ? 'timestep' : 'sequence',
      'numLayers is 2, and one workgroup supports up to 1',
    ],
    // for large models it depends on the device
    [{ hiddenSize: 257 }, 1, undefined, `hiddenSize is 257, and one workgroup supports up to ${LARGEST_RESIDENT}`],
    testFamily === 'gpu'
      ? [{ hiddenSize: 8 }, 65, 'resident', undefined]
      : [{ hiddenSize: 8 }, 65, 'timestep', 'a batch has 65 rows, and it is slower above 64'],
  ] as const)('chooses for %j and batches of %d the %s plan, and reports why', async (sizes, batchSize, plan, why) => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 2, ...sizes });
    const rows = series.subarray(0, 6);
    const report = await forecaster.fit(batchSize > 1 ? series : rows, { epochs: 1, batchSize });
    if (plan) expect(report.plan).toBe(plan);
    expect(report.whyNotResident).toBe(why);
    forecaster.dispose();
  });
});

describeGpu("a caller's device with WebGPU's default limits", () => {
  test.each([
    [8, 'resident'],
    [LARGEST_RESIDENT, 'resident'],
    [20, 'sequence'],
    [20, 'timestep'],
  ] as const)('trains %d hidden units with the %s plan, and is not destroyed', async (hiddenSize, plan) => {
    const adapter = await testGpu().requestAdapter();
    const device = await adapter!.requestDevice();
    expect(device.limits.maxComputeWorkgroupStorageSize).toBe(16_384);
    const forecaster = await Forecaster.create({ device, hiddenSize, windowLength: 2 });
    const report = await forecaster.fit(series.subarray(0, 10), { epochs: 1, plan });
    expect(report.plan).toBe(plan);
    expect((await forecaster.predict()).every(Number.isFinite)).toBe(true);
    forecaster.dispose();
    await device.queue.onSubmittedWorkDone(); // a lost device would never answer
    device.destroy();
  });
});
