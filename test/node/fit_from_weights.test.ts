import { expect, test } from 'vitest';
import { ConfigError, StateError } from '../../src/errors.ts';
import { backtest } from '../../src/forecast/backtest.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { FitOptions } from '../../src/forecast/options.ts';
import { trainPack } from '../../src/forecast/pack.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import type { StateDict } from '../../src/model/parameters.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import type { TrainerOptions } from '../../src/nn/trainer_options.ts';
import { describeGpu, testDevice, testGpu } from '../gpu/device.ts';
import { bitsOf } from '../gpu/expect.ts';
import { stateOf } from '../gpu/trainer_state.ts';

const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 3));
/** With another range, so that its own scale would differ. */
const newRows = Float64Array.from({ length: 50 }, (_, t) => 3 + 2 * Math.sin(t / 3));
const model = { hiddenSize: 3, windowLength: 4, ensemble: 2 };
const fit: FitOptions = { epochs: 3, batchSize: 8, lr: 0.05 };
const from = 'weights';

const create = () => Forecaster.create({ device: testDevice(), ...model });
const load = (bytes: Uint8Array) => Forecaster.load(bytes, { device: testDevice() });
async function trained(): Promise<Forecaster> {
  const forecaster = await create();
  await forecaster.fit(series, fit);
  return forecaster;
}

function expectSame(got: StateDict, expected: StateDict): void {
  expect([...got.keys()]).toEqual([...expected.keys()]);
  for (const [name, { data }] of expected) expect(bitsOf(got.get(name)!.data), name).toEqual(bitsOf(data));
}

async function expectSameMembers(got: Forecaster, expected: Forecaster): Promise<void> {
  for (const member of [0, 1]) expectSame(await got.stateDict(member), await expected.stateDict(member));
}

const scalesOf = (forecaster: Forecaster) => forecaster.scalers.map((scaler) => scaler.toJSON());

describeGpu("fit(rows, { from: 'weights' })", () => {
  test('continues from the present weights, loaded or of the last fit, with a new optimizer', async () => {
    const [forecaster, still] = [await trained(), await trained()];
    const loaded = await load(await forecaster.save()); // a file has no optimizer state
    const reports = [await forecaster.fit(newRows, { ...fit, from }), await loaded.fit(newRows, { ...fit, from })];
    expect(reports.map((report) => report.from)).toEqual(['weights', 'weights']);
    await expectSameMembers(loaded, forecaster);
    // with nothing learned they are unchanged
    const before = await still.stateDict(1);
    await still.fit(newRows, { ...fit, from, lr: 0 });
    expectSame(await still.stateDict(1), before);
    for (const one of [forecaster, still, loaded]) one.dispose();
  });

  test('is the default of a second fit on the same rows, but not on others', async () => {
    const [forecaster, explicit] = [await trained(), await trained()];
    expect((await forecaster.fit([...series], fit)).from).toBe('weights');
    await explicit.fit(series, { ...fit, from });
    await expectSameMembers(forecaster, explicit);
    const loaded = await load(await forecaster.save()); // a file does not have the rows
    for (const [one, rows] of [
      [forecaster, newRows],
      [forecaster, [series, series]],
      [loaded, series],
    ] as const) {
      await expect(one.fit(rows, fit)).rejects.toThrow(
        "from: got undefined, and this forecaster was trained on other rows. Pass from: 'weights'",
      );
      await expect(one.fit(rows, fit)).rejects.toThrow(StateError);
    }
    for (const one of [forecaster, explicit, loaded]) one.dispose();
  });

  test('is not the default after a fit without a step', async () => {
    const forecaster = await create();
    const stopper = new AbortController();
    const beforeSlice = () => void stopper.abort(new Error('enough'));
    await expect(forecaster.fit(series, { ...fit, beforeSlice, signal: stopper.signal })).rejects.toThrow('enough');
    expect((await forecaster.fit(newRows, fit)).from).toBe('initial');
    forecaster.dispose();
  });

  test('is named in the report, and so is every other start', async () => {
    const forecaster = await trained();
    const fresh = await create();
    const reports = [await forecaster.fit(series, { ...fit, from: 'initial' }), await fresh.fit(series, fit)];
    expect(reports.map((report) => report.from)).toEqual(['initial', 'initial']);
    await expectSameMembers(forecaster, fresh);
    const continued = await load(await forecaster.checkpoint());
    expect((await continued.resume(series)).from).toBe('checkpoint');
    for (const one of [forecaster, fresh, continued]) one.dispose();
  });

  test('keeps the scale of the weights, unless a new one is requested', async () => {
    const [forecaster, other] = [await trained(), await trained()];
    const before = scalesOf(forecaster);
    await forecaster.fit(newRows, { ...fit, from });
    expect(scalesOf(forecaster)).toEqual(before);
    const loaded = await load(await forecaster.save());
    expect(scalesOf(loaded)).toEqual(before);
    await other.fit(newRows, { ...fit, from, scalerFit: 'train' });
    const fresh = await create();
    await fresh.fit(newRows, fit);
    expect(scalesOf(other)).toEqual(scalesOf(fresh));
    expect(scalesOf(other)).not.toEqual(before);
    // constant rows have no scale of their own, and need none
    await forecaster.fit(new Float64Array(20).fill(0.5), { ...fit, from });
    for (const one of [forecaster, other, loaded, fresh]) one.dispose();
  });

  test('is not restarted from other weights when the device is lost before its first slice', async () => {
    const [forecaster, straight] = [await trained(), await trained()];
    const bytes = await forecaster.save();
    await straight.fit(newRows, { ...fit, from });
    const device = await requestDevice({ gpu: testGpu() });
    const losing = await Forecaster.load(bytes, { device });
    let lost = 0;
    await losing.fit(newRows, {
      ...{ ...fit, from, beforeSlice: () => void device.destroy() },
      recover: () => requestDevice({ gpu: testGpu() }),
      onDeviceLost: () => lost++,
    });
    expect(lost).toBe(1);
    await expectSameMembers(losing, straight);
    for (const one of [forecaster, straight, losing]) one.dispose();
  });

  test('resumes from its checkpoint, bit-identical and with the same scale', async () => {
    const [left, straight] = [await trained(), await trained()];
    await straight.fit(newRows, { ...fit, from });
    for await (const { epoch } of left.fit(newRows, { ...fit, from })) if (epoch === 1) break;
    const resumed = await load(await left.checkpoint());
    await resumed.resume(newRows);
    expect(scalesOf(resumed)).toEqual(scalesOf(straight));
    await expectSameMembers(resumed, straight);
    for (const one of [left, straight, resumed]) one.dispose();
  });

  test('gives every series its earlier scale, and rejects another number of series', async () => {
    const forecaster = await create();
    await forecaster.fit([series, newRows], fit);
    const before = scalesOf(forecaster);
    await forecaster.fit([series, newRows], { ...fit, from });
    expect(scalesOf(forecaster)).toEqual(before);
    const one = forecaster.fit(series, { ...fit, from });
    await expect(one).rejects.toThrow(
      /got 1 series, but the weights were trained with the scales of 2.*scalerFit: 'train'/,
    );
    await forecaster.fit(series, { ...fit, from, scalerFit: 'train' });
    expect(scalesOf(forecaster)).toHaveLength(1);
    forecaster.dispose();
  });

  test.each<[string, FitOptions, string, typeof StateError?]>([
    ['another word', { from: 'nothing' as 'initial' }, "from: got \"nothing\", expected 'initial' or 'weights'"],
    ['weights that were never trained', { from }, "from: got 'weights', but there are no trained weights", StateError],
    ['a scale that there is not', { scalerFit: 'keep' }, "scalerFit: got 'keep', which needs trained weights"],
    ['another scale', { scalerFit: 'test' as 'all' }, "scalerFit: got \"test\", expected 'train', 'all' or 'keep'"],
  ])('rejects %s', async (_, options, message, kind = ConfigError) => {
    const forecaster = await create();
    await expect(forecaster.fit(series, options)).rejects.toThrow(message);
    await expect(forecaster.fit(series, options)).rejects.toThrow(kind);
    const untrained = await load(await forecaster.save());
    await expect(untrained.fit(series, options)).rejects.toThrow(message);
    for (const one of [forecaster, untrained]) one.dispose();
  });

  test('is rejected where models train together', async () => {
    const [device, given] = [testDevice(), { ...fit, from } as typeof fit & { from: never }];
    await expect(backtest(series, { device, fit: given, folds: 2 })).rejects.toThrow("expected 'initial'");
    await expect(trainPack(device, { model: {}, fit: given }, [{ series, seed: 1 }])).rejects.toThrow(ConfigError);
  });
});

const settings: Omit<TrainerOptions, 'device'> = {
  model: { inputSize: 1, hiddenSize: 3 },
  optimizer: { name: 'Adam', lr: 0.05 },
  schedule: { name: 'ReduceLROnPlateau', patience: 0, threshold: 0.5 },
  seed: 4,
};
const data = {
  inputs: { shape: [12, 3, 1], data: Float32Array.from({ length: 36 }, (_, k) => Math.cos(k)) },
  targets: { shape: [12, 1], data: Float32Array.from({ length: 12 }, (_, k) => Math.sin(k)) },
};
const newTrainer = () => Trainer.create({ device: testDevice(), ...settings });

describeGpu("a Trainer's fit", () => {
  test("from 'weights' is that of a new trainer with these weights, from 'initial' that of a new trainer", async () => {
    const trainer = await newTrainer();
    await trainer.fit(data, { epochs: 3 });
    const weights = await trainer.stateDict();
    for (const [start, given] of [
      ['weights', weights],
      ['initial', undefined],
    ] as const) {
      const other = await newTrainer();
      if (given) other.loadStateDict(given);
      const reports = [await trainer.fit(data, { epochs: 2, from: start }), await other.fit(data, { epochs: 2 })];
      expect(reports.map((report) => report.from)).toEqual([start, start]);
      for (const { epochs } of reports) expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
      expectSame(await stateOf(trainer), await stateOf(other));
      trainer.loadStateDict(weights);
      other.dispose();
    }
    trainer.dispose();
  });

  test("continues from the present state, and the report names it: 'initial', 'weights', 'state', 'checkpoint'", async () => {
    const trainer = await newTrainer();
    const starts = [(await trainer.fit(data, { epochs: 1 })).from, (await trainer.fit(data, { epochs: 1 })).from];
    const [weights, bytes] = [await trainer.stateDict(), await trainer.checkpoint()];
    trainer.loadStateDict(weights);
    starts.push((await trainer.fit(data, { epochs: 1 })).from);
    const saved = await Trainer.load(await trainer.save(), { device: testDevice() });
    starts.push((await saved.fit(data, { epochs: 1 })).from);
    const loaded = await Trainer.load(bytes, { device: testDevice() });
    const { from, epochs } = await loaded.fit(data, { epochs: 1 });
    expect(epochs[0]!.epoch).toBe(3);
    const resumed = await Trainer.load(await loaded.checkpoint(), { device: testDevice() });
    starts.push(from, (await resumed.resume(data)).from, (await resumed.fit(data, { epochs: 1 })).from);
    expect(starts).toEqual(['initial', 'state', 'weights', 'weights', 'state', 'checkpoint', 'state']);
    for (const one of [trainer, saved, loaded, resumed]) one.dispose();
  });

  test('rejects weights that were never trained, and other words', async () => {
    const trainer = await newTrainer();
    await expect(trainer.fit(data, { from: 'weights' })).rejects.toThrow(
      "from: got 'weights', but there are no trained weights",
    );
    await expect(trainer.fit(data, { from: 'checkpoint' as 'state' })).rejects.toThrow(
      "from: got \"checkpoint\", expected 'state', 'weights' or 'initial'",
    );
    trainer.dispose();
  });
});
