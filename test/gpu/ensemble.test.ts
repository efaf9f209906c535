import { expect, test } from 'vitest';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { readSafetensors } from '../../src/io/safetensors.ts';
import { describeGpu, testDevice } from './device.ts';

const wave = (rows: number, pace: number) =>
  Float64Array.from({ length: rows }, (_, t) => 50 + 10 * Math.sin(t / pace) + t / 20);

const create = (ensemble: number, seed = 3, hiddenSize = 12) =>
  Forecaster.create({ device: testDevice(), windowLength: 6, hiddenSize, seed, ensemble });

const PLANS = ['resident', 'sequence', 'timestep'] as const;

describeGpu('an ensemble', () => {
  test.each(PLANS)('trains each member as it would alone, with its own seed: %s plan', async (plan) => {
    const series = wave(60, 3);
    const together = await create(3);
    const report = await together.fit(series, { epochs: 2, batchSize: 4, plan });
    const { members } = await together.evaluate();
    for (let k = 0; k < 3; k++) {
      const alone = await create(1, 3 + k);
      const own = await alone.fit(series, { epochs: 2, batchSize: 4, plan });
      expect(report.epochs.map((epoch) => epoch.models[k])).toEqual(own.epochs.map((epoch) => epoch.models[0]));
      expect((await together.stateDict(k)).get('lstm.weight_hh_l0')).toEqual(
        (await alone.stateDict()).get('lstm.weight_hh_l0'),
      );
      expect(members[k]).toEqual((await alone.evaluate()).predicted);
      alone.dispose();
    }
    together.dispose();
  });

  test.each(PLANS)('allows series of different lengths and learning rates for its members: %s plan', async (plan) => {
    const series = [wave(60, 3), wave(41, 2), wave(80, 5)];
    const lr = [1e-3, 1e-2, 3e-3];
    const together = await create(3, 0);
    const report = await together.fit(series, { epochs: 3, lr, shuffle: true, plan });
    for (let k = 0; k < 3; k++) {
      const alone = await create(1, k);
      const own = await alone.fit(series[k]!, { epochs: 3, lr: lr[k], shuffle: true, plan });
      expect(report.epochs.map((epoch) => epoch.models[k])).toEqual(own.epochs.map((epoch) => epoch.models[0]));
      expect((await together.evaluate({ member: k })).predicted).toEqual((await alone.evaluate()).predicted);
      expect((await together.predictMembers({ horizon: 4 }))[k]).toEqual(await alone.predict({ horizon: 4 }));
      alone.dispose();
    }
    await expect(together.evaluate()).rejects.toThrow('choose one with { of }');
    together.dispose();
  });

  test('forecasts the mean of its members, and their spread', async () => {
    const forecaster = await create(5);
    await forecaster.fit(wave(60, 3), { epochs: 1 });
    const { predicted, members, quantiles } = await forecaster.evaluate({ quantiles: [0, 0.5, 1] });
    for (const [row, value] of predicted.entries()) {
      const values = members.map((member) => member[row]!).sort((a, b) => a - b);
      expect(value).toBeCloseTo(values.reduce((sum, v) => sum + v, 0) / 5, 10);
      expect(quantiles.map((quantile) => quantile.values[row])).toEqual([values[0], values[2], values[4]]);
    }
    const ahead = await forecaster.predictMembers({ horizon: 3 });
    const mean = await forecaster.predict({ horizon: 3 });
    expect(mean[2]).toBeCloseTo(ahead.reduce((sum, member) => sum + member[2]!, 0) / 5, 10);
    forecaster.dispose();
  });

  test('is saved and loaded completely', async () => {
    const series = wave(60, 3);
    const forecaster = await create(2);
    await forecaster.fit(series, { epochs: 1 });
    const bytes = await forecaster.save();
    expect([...readSafetensors(bytes).tensors.keys()]).toContain('members.1.lstm.weight_ih_l0');
    const loaded = await Forecaster.load(bytes, { device: testDevice() });
    expect(loaded.ensemble).toBe(2);
    expect(await loaded.predict({ series, horizon: 2 })).toEqual(await forecaster.predict({ horizon: 2 }));
    loaded.dispose();
    forecaster.dispose();
  });

  test('names the model whose loss went wrong, and keeps the last good weights of all', async () => {
    const forecaster = await create(3);
    const run = forecaster.fit(wave(60, 3), { epochs: 2, lr: [1e-3, 1e-3, 1e30] });
    await expect(run).rejects.toThrow(/Epoch 1, step \d+: the loss of model 3 became/);
    for (let k = 0; k < 3; k++)
      for (const { data } of (await forecaster.stateDict(k)).values()) expect(data.every(Number.isFinite)).toBe(true);
    forecaster.dispose();
  });

  test('names what does not match', async () => {
    const forecaster = await create(2);
    await expect(forecaster.fit([wave(60, 3)])).rejects.toThrow('got 1 series for 2 models');
    await expect(forecaster.fit(wave(60, 3), { lr: [1, 2, 3] })).rejects.toThrow('lr: got 3 rates for 2 models');
    await expect(forecaster.fit([wave(60, 3), wave(5, 3)])).rejects.toThrow('series 2 of 2: series: got 5 rows');
    await expect(create(0)).rejects.toThrow('ensemble: got 0');
    forecaster.dispose();
  });
});
