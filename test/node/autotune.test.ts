import { afterAll, beforeAll, expect, test } from 'vitest';
import { autotune } from '../../src/engine/autotune.ts';
import { forceFamily } from '../../src/engine/family.ts';
import type { Tuning } from '../../src/engine/tuning.ts';
import { ConfigError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { FitOptions } from '../../src/forecast/options.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { limitSideBySide } from '../../src/gpu/side_by_side.ts';
import { LSTM } from '../../src/nn/recurrent.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { describeGpu, testGpu } from '../gpu/device.ts';
import { expectNormClose } from '../gpu/expect.ts';
import { liveBuffers } from '../gpu/live_buffers.ts';
import { randomValues } from '../gpu/run_kernel.ts';

const FAMILIES = ['software', 'gpu'] as const;
type Family = (typeof FAMILIES)[number];

/** A device of its own, since tuning lasts as long as the device. @param sideBySide workgroups that may wait for each other. */
async function deviceOf(family: Family, sideBySide = 0): Promise<GPUDevice> {
  const device = await requestDevice({ gpu: testGpu() });
  forceFamily(new GuardedDevice(device), family);
  limitSideBySide(new GuardedDevice(device), sideBySide);
  return device;
}

/** A device's live buffers, and how many arenas of weights it made: one for each group of models. */
function watch(device: GPUDevice, madeModels: (count: number) => void = () => undefined) {
  const counts = { models: 0 };
  const alive = liveBuffers(device, ({ label }) => {
    if (label === 'weights') madeModels(++counts.models);
  });
  return { alive, counts };
}

const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 4) + t / 90);

/** A short training, and its losses. */
async function trained(device: GPUDevice, fit: FitOptions = {}, hiddenSize = 5) {
  const forecaster = await Forecaster.create({ device, windowLength: 6, hiddenSize, seed: 3 });
  const report = await forecaster.fit(series, { epochs: 2, batchSize: 4, ...fit });
  const losses = report.epochs.map(({ loss, lastLoss }) => [loss, lastLoss]);
  const again = await forecaster.fit(series, { epochs: 1, batchSize: 4, ...fit, from: 'initial' });
  expect(again.epochs[0]!.loss).toBe(losses[0]![0]); // the seed's orders and weights are still the same
  forecaster.dispose();
  return { plan: report.plan, why: report.whyNotResident, losses };
}

const plansIn = ({ plans }: Tuning) => Object.values(plans).map((timings) => timings.map(({ name }) => name).sort());

describeGpu.each(FAMILIES)('autotune, with the kernels for the kind %s,', (family) => {
  test('times products, and models created afterwards give the same numbers', async () => {
    const device = await deviceOf(family);
    const input = { shape: [6, 5, 3], data: randomValues(90, 1) };
    const run = async () => {
      const lstm = await LSTM.create({ device, inputSize: 3, hiddenSize: 17, numLayers: 2 });
      const { output } = await lstm.forward(input);
      lstm.dispose();
      return output.data;
    };
    const before = await run();
    const first = await autotune(device);
    expect(Object.keys(first.products)).toHaveLength(family === 'gpu' ? 0 : 1);
    expectNormClose(await run(), before, { tensor: 'output', tolerance: 'gradient' });
    const { products } = await autotune(device);
    expect(Object.keys(products).length).toBeGreaterThan(0);
    for (const timings of Object.values(products)) {
      const times = timings.map(({ us }) => us);
      expect(times).toEqual([...times].sort((one, other) => one - other));
      expect(times[0]).toBeGreaterThan(0);
      expect(new Set(timings.map(({ name }) => name)).size).toBe(timings.length);
    }
    device.destroy();
  });

  test('lets a training take the plan that was measured to be the fastest, with the numbers of that plan', async () => {
    const device = await deviceOf(family, 1);
    const usual = await trained(device);
    expect(usual.plan).toBe('resident');
    await autotune(device);
    const { alive, counts } = watch(device);
    const measured = await trained(device);
    const ways =
      family === 'gpu' ? ['resident', 'timestep', 'timestep, persistent'] : ['resident', 'sequence', 'timestep'];
    expect(counts.models).toBe(1 + ways.length); // once, for two fits
    expect(alive.size).toBe(0);
    const tuning = await autotune(device);
    expect(plansIn(tuning)).toEqual([ways]);
    const [[fastest, ...others]] = Object.values(tuning.plans) as [[{ name: string; us: number }]];
    expect(measured.plan).toBe(fastest.name.split(',')[0]);
    if (measured.plan === 'resident') expect(measured.why).toBeUndefined();
    else
      expect(measured.why).toMatch(
        /^a step was measured to take [\d.]+ us, and [\d.]+ us with the plan (timestep|sequence)/,
      );
    expect(others.length).toBe(2);
    const named = await trained(device, { plan: measured.plan as 'resident' });
    if (fastest.name === measured.plan)
      expect(measured.losses).toEqual(named.losses); // bit for bit
    else expectNormClose(measured.losses.flat(), named.losses.flat(), { tensor: 'losses', tolerance: 'trace' });
    expectNormClose(measured.losses.flat(), usual.losses.flat(), { tensor: 'losses', tolerance: 'trace' });
    device.destroy();
  });

  test('takes what another device has measured, through JSON', async () => {
    const device = await deviceOf(family);
    await autotune(device);
    const { plan } = await trained(device);
    const tuning = await autotune(device);
    const other = await deviceOf(family);
    const { counts } = watch(other);
    const given = JSON.parse(JSON.stringify(tuning)) as Tuning;
    const taken = await autotune(other, { tuning: given });
    expect(taken).toEqual(tuning);
    expect((await trained(other)).plan).toBe(plan);
    expect(counts.models).toBe(1);
    expect(await autotune(other)).toEqual(tuning);
    // whatever was the fastest there is taken here, except what this training cannot be
    const [key, timings] = Object.entries(given.plans)[0]!;
    for (const [names, expected] of [
      [['timestep', 'resident'], 'timestep'],
      [['resident', 'timestep'], 'resident'],
      [['warp drive', 'timestep'], 'timestep'],
    ] as const) {
      const third = await deviceOf(family);
      const invented = names.map((name, k) => ({ name, us: k + 1 }));
      await autotune(third, { tuning: { ...given, plans: { [key]: invented } } });
      expect((await trained(third)).plan).toBe(expected);
      third.destroy();
    }
    expect(timings.length).toBeGreaterThan(1);
    device.destroy();
    other.destroy();
  });

  test('measures each shape of a training, and none that only one plan can run', async () => {
    const device = await deviceOf(family);
    await autotune(device);
    const trainer = await Trainer.create({
      device,
      model: { cell: 'GRU', inputSize: 2, hiddenSize: 3 },
      clip: { norm: 1 },
    });
    const data = {
      inputs: { shape: [6, 4, 2], data: randomValues(48, 1) },
      targets: { shape: [6, 1], data: randomValues(6, 2) },
      lengths: [4, 1, 2, 3, 4, 4],
    };
    const report = await trainer.fit(data, { epochs: 1, batchSize: 2, chunkSamples: 4 });
    const plans = plansIn(await autotune(device));
    expect(plans).toEqual(family === 'gpu' ? [] : [['sequence', 'timestep']]);
    expect(report.whyNotResident).toContain(family === 'gpu' ? 'separate sequences' : 'the cell is GRU');
    trainer.dispose();
    await trained(device, { batchSize: 8 });
    await trained(device, { batchSize: 4 });
    await trained(device, { batchSize: 8, lr: 0.1 });
    expect(plansIn(await autotune(device))).toHaveLength(plans.length + 2);
    device.destroy();
  });

  test('measures a shape once for trainings that begin together', async () => {
    const device = await deviceOf(family);
    await autotune(device);
    const { alive, counts } = watch(device);
    const runs = await Promise.all([trained(device), trained(device)]);
    expect([alive.size, counts.models]).toEqual([0, 2 + (family === 'gpu' ? 2 : 3)]);
    expect(runs[0]).toEqual(runs[1]);
    device.destroy();
  });

  test('leaves nothing when a training is stopped while it measures, and measures in the next one', async () => {
    const device = await deviceOf(family);
    await autotune(device);
    const stopper = new AbortController();
    const reason = new Error('enough');
    const { alive } = watch(device, (models) => {
      if (models === 3) queueMicrotask(() => stopper.abort(reason)); // the second plan to be measured
    });
    const forecaster = await Forecaster.create({ device, windowLength: 6, hiddenSize: 5, seed: 3 });
    const fit = forecaster.fit(series, { epochs: 2, batchSize: 4, signal: stopper.signal });
    await expect(fit).rejects.toBe(reason);
    expect(plansIn(await autotune(device))).toEqual([]);
    const { epochs, plan } = await forecaster.fit(series, { epochs: 2, batchSize: 4, from: 'initial' });
    forecaster.dispose();
    expect(alive.size).toBe(0);
    const { losses } = await trained(device, { plan: plan as 'resident' });
    expect(epochs.map(({ loss, lastLoss }) => [loss, lastLoss])).toEqual(losses);
    device.destroy();
  });
});

describeGpu('a tuning', () => {
  let device: GPUDevice;
  beforeAll(async () => {
    device = await deviceOf('gpu'); // which measures nothing at once
  });
  afterAll(() => device.destroy());

  test.each([
    [null, 'autotune: tuning: got null, expected an object'],
    [{ version: '0.0.0' }, 'tuning.version: got "0.0.0", expected "'],
    [{ device: undefined }, 'tuning.device: got undefined'],
    [{ name: 'A card' }, 'tuning.device.name: got "A card", expected "'],
    [{ software: 1 }, 'tuning.device.software: got 1, expected '],
    [{ features: ['warp'] }, 'tuning.device.features: got ["warp"], expected ['],
    [{ limits: { maxBufferSize: 4 } }, 'tuning.device.limits.maxBufferSize: got 4, expected '],
    [{ products: 3 }, 'tuning.products: got 3, expected an object'],
    [{ plans: { a: [] } }, 'tuning.plans["a"]: got [], expected a list of timings'],
    [{ plans: { a: [{ us: 1 }] } }, 'tuning.plans["a"][0].name: got undefined'],
    [{ plans: { a: [{ name: 'resident', us: 'fast' }] } }, 'tuning.plans["a"][0].us: got "fast"'],
    [
      {
        products: {
          b: [
            { name: 'x', us: 2 },
            { name: 'y', us: 1 },
          ],
        },
      },
      'tuning.products["b"][1].us: got 1, expected at least 2',
    ],
  ])('with %j is rejected', async (change, message) => {
    const { device: facts, ...own } = await autotune(device);
    const ofDevice = Object.entries(change ?? {}).filter(([name]) => Object.hasOwn(facts, name));
    const tuning = change && { ...own, device: { ...facts, ...Object.fromEntries(ofDevice) }, ...change };
    const refused = autotune(device, { tuning: tuning as unknown as Tuning });
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(message);
    expect(await autotune(device)).toEqual({ ...own, device: facts });
  });
});
