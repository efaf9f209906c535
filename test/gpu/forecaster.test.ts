import { expect, test } from 'vitest';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { FitOptions, ForecasterOptions } from '../../src/forecast/options.ts';
import { describeGpu, testDevice } from './device.ts';
import { bitsOf } from './expect.ts';

const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 3) + t / 50);

describeGpu('a forecaster', () => {
  const model: Omit<ForecasterOptions, 'device'> = {
    cell: 'GRU',
    windowLength: 6,
    hiddenSize: 5,
    numLayers: 2,
    dropout: 0.3,
  };
  const options: FitOptions = {
    epochs: 3,
    batchSize: 8,
    optimizer: { name: 'AdamW', lr: 0.01 },
    loss: { name: 'huber', delta: 0.5 },
    clip: { norm: 1 },
    schedule: { name: 'StepLR', stepSize: 2, gamma: 0.5 },
  };

  test('accepts any cell, loss, optimizer, clipping and schedule, and reports why it is not resident', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), ...model, bidirectional: true });
    const report = await forecaster.fit(series, options);
    expect(report.plan).not.toBe('resident');
    expect(report.whyNotResident).toBe('the cell is GRU, and without a GPU it supports only LSTM');
    expect(report.epochs.map(({ models }) => models[0]!.lr)).toEqual([0.01, 0.01, 0.005]);
    expect(report.epochs[2]!.loss).toBeLessThan(report.epochs[0]!.loss);
    const loaded = await Forecaster.load(await forecaster.save(), { device: testDevice() });
    expect(loaded.config).toEqual(forecaster.config);
    expect([...(await loaded.stateDict()).keys()]).toContain('gru.weight_hh_l1_reverse');
    expect(await loaded.predict({ horizon: 3, series })).toEqual(await forecaster.predict({ horizon: 3 }));
    const tooFar = 'horizon: got 1000000000, expected a whole number from 1 to 10000.';
    await expect(forecaster.predict({ horizon: 1e9 })).rejects.toThrow(tooFar);
    await expect(Forecaster.create({ device: testDevice(), horizon: 1e9 })).rejects.toThrow(tooFar);
    forecaster.dispose();
    loaded.dispose();
  });

  test('names the plan that cannot run its model', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), ...model });
    await expect(forecaster.fit(series, { ...options, plan: 'resident' })).rejects.toMatchObject({
      code: 'plan-unfit',
      details: { plan: 'resident', reason: 'the cell is GRU, and without a GPU it supports only LSTM' },
    });
    forecaster.dispose();
  });

  test('applies the same dropout to each member as to that seed alone, bit for bit', async () => {
    const ensemble = await Forecaster.create({ device: testDevice(), ...model, seed: 4, ensemble: 2 });
    await ensemble.fit(series, options);
    for (const member of [0, 1]) {
      const single = await Forecaster.create({ device: testDevice(), ...model, seed: 4 + member });
      await single.fit(series, options);
      for (const [name, { data }] of await single.stateDict())
        expect(bitsOf((await ensemble.stateDict(member)).get(name)!.data), name).toEqual(bitsOf(data));
      single.dispose();
    }
    ensemble.dispose();
  });

  test.each<[Partial<FitOptions>, string]>([
    [{ optimizer: { name: 'AdamW' } }, 'the optimizer is AdamW, and it supports only Adam'],
    [{ optimizer: { name: 'Adam', amsgrad: true } }, 'amsgrad is true, and its Adam does not support that'],
    [{ optimizer: { name: 'Adam', weightDecay: 0.1 } }, 'weightDecay is 0.1, and its Adam does not support that'],
    [{ loss: { name: 'l1' } }, 'the loss is l1 (mean), and it supports only mse (mean)'],
    [{ loss: { name: 'mse', reduction: 'sum' } }, 'the loss is mse (sum), and it supports only mse (mean)'],
    [{ clip: { value: 1 } }, 'it does not support gradient clipping'],
  ])('falls back to another plan for %j', async (change, why) => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 4, hiddenSize: 4 });
    const report = await forecaster.fit(series, { epochs: 1, batchSize: 16, ...change });
    expect(report.plan).not.toBe('resident');
    expect(report.whyNotResident).toBe(why);
    await expect(forecaster.fit(series, { plan: 'resident', ...change })).rejects.toThrow(why);
    forecaster.dispose();
  });

  test.each<[Partial<ForecasterOptions>, string]>([
    [{ bidirectional: true }, 'bidirectional is true, and it supports only one direction'],
    [{ projSize: 2 }, 'projSize is 2, and it does not support projections'],
    [{ bias: false }, 'bias is false, and without a GPU it always trains both bias vectors'],
    [{ cell: 'RNN_RELU' }, 'the cell is RNN_RELU, and without a GPU it supports only LSTM'],
  ])('also for the shape %j', async (change, why) => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 4, hiddenSize: 4, ...change });
    const report = await forecaster.fit(series, { epochs: 1, batchSize: 16 });
    expect(report.plan).not.toBe('resident');
    expect(report.whyNotResident).toBe(why);
    expect((await forecaster.predict()).every(Number.isFinite)).toBe(true);
    forecaster.dispose();
  });
});
