import { expect, test } from 'vitest';
import { ConfigError, DataError, TrainingError } from '../../src/errors.ts';
import { backtest } from '../../src/forecast/backtest.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { type PackJob, trainPack } from '../../src/forecast/pack.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

const series = Float64Array.from(
  { length: 104 },
  (_, t) => 50 + 10 * Math.sin((2 * Math.PI * t) / 7) + t / 9 + ((t * 7919) % 13) / 6,
);
const model = { windowLength: 8, hiddenSize: 4 };
const fit = { epochs: 3, batchSize: 4 };

describeGpu('a backtest', () => {
  test.each(['expanding', 'sliding'] as const)(
    'scores each fold as a forecaster trained on its rows alone: %s',
    async (scheme) => {
      const progress: number[] = [];
      const report = await backtest(series, {
        ...{ device: testDevice(), folds: 4, testRows: 10, scheme, model: { ...model, seed: 3 }, fit },
        onProgress: ({ epoch, step, steps }) => progress.push((epoch - 1) * steps + step),
      });
      expect(report.folds.map(({ firstRow, trainRows, testRows }) => [firstRow, trainRows, testRows])).toEqual(
        [64, 74, 84, 94].map((end, k) => [scheme === 'sliding' ? 10 * k : 0, end, 10]),
      );
      for (const { firstRow, trainRows, evaluation } of report.folds) {
        const alone = await Forecaster.create({ device: testDevice(), ...model, seed: 3 });
        const own = series.subarray(firstRow, trainRows + 10);
        const numSamples = own.length - 8;
        await alone.fit(own, { ...fit, split: (numSamples - 10 + 0.5) / numSamples });
        const { predicted, actual, metrics } = await alone.evaluate({ season: 7 });
        expect(evaluation.predicted).toEqual(predicted);
        expect(evaluation.actual).toEqual(actual);
        expect(evaluation.metrics.rmse).toBe(metrics.rmse);
        expect(evaluation.firstRow).toBe(trainRows);
        alone.dispose();
      }
      const errors = report.folds.flatMap(({ evaluation: { actual, predicted } }) =>
        Array.from(actual, (value, k) => (value - predicted[k]!) ** 2),
      );
      expect(report.metrics.rmse).toBeCloseTo(
        Math.sqrt(errors.reduce((sum, error) => sum + error, 0) / errors.length),
        10,
      );
      expect(Object.keys(report.baselines)).toEqual(['naive', 'drift', 'movingAverage', 'seasonalNaive']);
      expect(report.baselines.naive!.rmse).toBe(report.metrics.naiveRmse);
      expect(progress.at(-1)).toBe(report.fit.epochs.length * report.fit.epochs[0]!.steps);
    },
  );

  test('trains all folds in the dispatches of one, and stops when it is aborted', async () => {
    const options = { device: testDevice(), folds: 4, model, fit: { ...fit, plan: 'resident' as const } };
    const { fit: report } = await backtest(series, options);
    expect(report.dispatches).toBe(report.submits); // a slice is one dispatch for all folds
    const stopper = new AbortController();
    const run = backtest(series, {
      ...options,
      signal: stopper.signal,
      onProgress: () => stopper.abort(new Error('enough')),
    });
    await expect(run).rejects.toThrow('enough');
  });

  test('gives conformal intervals from validation rows, and several steps ahead', async () => {
    const report = await backtest(series, {
      ...{ device: testDevice(), folds: 3, interval: 0.8, season: 0 },
      ...{ model: { ...model, horizon: 2 }, fit: { ...fit, validation: 0.3 } },
    });
    expect(report.metrics.coverage).toBeGreaterThan(0);
    expect(report.folds[0]!.evaluation.steps.map(({ actual }) => actual.length)).toEqual([25, 25]);
    expect(report.baselines.seasonalNaive).toBeUndefined();
  });

  test('scales the error of a sliding fold by the rows that it was trained on', async () => {
    const wild = series.map((value, t) => (t < 12 ? value * (t % 2 === 0 ? 9 : 1) : value)); // before the last fold
    const last = async (values: Float64Array) => {
      const options = { device: testDevice(), folds: 4, testRows: 10, season: 0, model, fit };
      return (await backtest(values, options)).folds.at(-1)!;
    };
    const [one, other] = [await last(wild), await last(series)];
    expect(one.firstRow).toBeGreaterThan(12);
    expect(one.evaluation.metrics).toEqual(other.evaluation.metrics);
  });

  test('reports too few rows for an interval before it trains', async () => {
    let slices = 0;
    const run = backtest(series, {
      ...{ device: testDevice(), folds: 4, interval: 0.9, model, fit: { ...fit, validation: 0.1 } },
      onProgress: () => slices++,
    });
    await expect(run).rejects.toThrow(/^fold 1 of 4: .* residuals, but an interval of level 0.9 needs at least 9/);
    expect(slices).toBe(0);
  });

  test('rejects invalid options', async () => {
    const device = testDevice();
    await expect(backtest(series, { device, folds: 1 })).rejects.toThrow(ConfigError);
    await expect(backtest(series, { device, folds: 12, testRows: 9 })).rejects.toThrow(
      'got 104 rows, but 12 folds of 9 rows need more than 108: the first one is trained on the rows before',
    );
    await expect(backtest(series.subarray(0, 3), { device })).rejects.toThrow(
      'got 3 rows, but 12 folds need at least 16',
    );
    await expect(backtest(series, { device, testRows: 1.5 })).rejects.toThrow('testRows: got 1.5, expected a whole');
    await expect(backtest(series, { device, folds: 4, testRows: 24, model })).rejects.toThrow(/^fold 1 of 4: /);
    await expect(backtest(series, { device, interval: 0.9, model, fit, folds: 2 })).rejects.toThrow('validation');
    const wild = backtest(series, { device, model, fit: { ...fit, lr: 1e38 }, folds: 2 });
    await expect(wild).rejects.toThrow(TrainingError);
    await expect(wild).rejects.toThrow(/^fold 1 of 2: Epoch 1, step \d+: the loss became/);
    await expect(backtest(new Float64Array(50), { device, model, fit, folds: 2 })).rejects.toThrow(DataError);
  });
});

describeGpu('a pack', () => {
  const jobs: PackJob[] = [
    { series, seed: 1 },
    { series: series.subarray(0, 40), seed: 2, lr: 0.01 },
    { series: new Float64Array(60), seed: 3 },
    { series: series.subarray(0, 5), seed: 4 },
    { series: series.map((value, t) => (t === 30 ? Number.NaN : value)), seed: 5 },
    { series, seed: 6, lr: 1e38 },
    { series, seed: 7, fold: { trainRows: 60, testRows: 20 } },
    { series, seed: -1 },
  ];

  test.each(['resident', 'timestep', 'sequence'] as const)(
    'gives every job what it would get alone, and each that cannot be trained its reason: %s plan',
    async (plan) => {
      const settings = {
        model: { ...model, numLayers: plan === 'resident' ? 1 : 2, dropout: plan === 'resident' ? 0 : 0.3 },
        fit: { ...fit, plan },
      };
      const packed = await trainPack(testDevice(), settings, jobs);
      expect(packed.map(({ ok }) => ok)).toEqual([true, true, false, false, false, false, true, false]);
      const reasons = packed.map((result) => (result.ok ? '' : result.error.message));
      for (const [k, text] of Object.entries({ 2: 'constant', 3: '5 rows', 4: 'row 31', 5: 'Epoch 1', 7: 'seed' }))
        expect(reasons[Number(k)], k).toContain(text);
      for (const [k, job] of jobs.entries()) {
        const [alone] = await trainPack(testDevice(), settings, [job]);
        expect(alone).toEqual(packed[k]);
      }
    },
  );

  test('reports the epochs of each job until it stopped, whatever the others do', async () => {
    const noise = series.map((_, t) => Math.sin(t * t));
    const settings = { model, fit: { ...fit, epochs: 20, validation: 0.2, earlyStopping: { patience: 1 } } };
    const [first, second] = [
      { series: noise, seed: 1, lr: 0.05 },
      { series, seed: 2, lr: 0.001 },
    ];
    const [together, [alone]] = [
      await trainPack(testDevice(), settings, [first, second]),
      await trainPack(testDevice(), settings, [first]),
    ];
    expect(together[0]).toEqual(alone);
    const lengths = together.map((result) => (result.ok ? result.epochs.length : 0));
    expect(lengths[0]).toBeLessThan(lengths[1]!);
  });

  test.each(['resident', 'timestep', 'sequence'] as const)(
    'trains each job for its own epochs, by its own schedule: %s plan',
    async (plan) => {
      const cosine = (epochs: number) => ({ name: 'CosineAnnealingLR', tMax: epochs }) as const;
      const budgets = [4, 1, 7].map((epochs, seed) => ({ series, seed, epochs, schedule: cosine(epochs) }));
      const own: PackJob[] = [...budgets, { series: series.subarray(0, 60), seed: 3 }];
      const settings = { model, fit: { ...fit, plan, shuffle: true } };
      const packed = await trainPack(testDevice(), settings, own);
      expect(packed.map((result) => (result.ok ? result.epochs.length : result.error))).toEqual([4, 1, 7, 3]);
      for (const [k, job] of own.entries()) {
        expect(await trainPack(testDevice(), settings, [job])).toEqual([packed[k]]);
        const { epochs = fit.epochs, schedule, ...rest } = job;
        const shared = { model, fit: { ...settings.fit, epochs, ...(schedule && { schedule }) } };
        expect(await trainPack(testDevice(), shared, [rest])).toEqual([packed[k]]);
      }
    },
  );

  test('early stopping works with budgets, and keeps the best weights of each', async () => {
    const noise = series.map((_, t) => Math.sin(t * t));
    const settings = { model, fit: { ...fit, validation: 0.2, earlyStopping: { patience: 2 } } };
    const own = [3, 30, 12].map((epochs, seed) => ({ series: seed === 1 ? noise : series, seed, epochs, lr: 0.03 }));
    const packed = await trainPack(testDevice(), settings, own);
    for (const [k, job] of own.entries()) expect(await trainPack(testDevice(), settings, [job])).toEqual([packed[k]]);
    const lengths = packed.map((result) => (result.ok ? result.epochs.length : 0));
    expect(lengths[0]).toBe(3);
    expect(lengths[1]).toBeLessThan(30);
  });

  test('a job whose last step failed fails alone, and others continue', async () => {
    const whole = { model, fit: { ...fit, batchSize: 1000 } };
    const [wild, fine] = await trainPack(testDevice(), whole, [
      { series, seed: 1, lr: 1e38, epochs: 1 },
      { series, seed: 2, epochs: 5 },
    ]);
    expect(wild!.ok ? 'fine' : wild!.error.message).toMatch(/^Epoch 1, step 1: /);
    expect(fine!.ok).toBe(true);
  });

  test('gives every job its reason if all of them fail, with validation windows', async () => {
    const wild = [1, 2].map((seed) => ({ series, seed, lr: 1e38 }));
    const results = await trainPack(testDevice(), { model, fit: { ...fit, validation: 0.2 } }, wild);
    for (const result of results)
      expect(result.ok ? 'fine' : result.error.message).toMatch(/^Epoch 1, step \d+: the loss became/);
  });

  test('gives a single job the results of a forecaster', async () => {
    const [packed] = await trainPack(testDevice(), { model, fit }, [jobs[1]!]);
    const alone = await Forecaster.create({ device: testDevice(), ...model, seed: 2 });
    const report = await alone.fit(series.subarray(0, 40), { ...fit, lr: 0.01 });
    if (!packed!.ok) throw packed!.error;
    expect(packed!.metrics).toEqual((await alone.evaluate()).metrics);
    expect(packed!.epochs).toEqual(report.epochs.map(({ loss, lastLoss }) => ({ loss, lastLoss })));
    expect(packed!.model).toEqual(await alone.save());
    alone.dispose();
  });
});
