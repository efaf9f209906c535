import { beforeAll, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { backtest } from '../../src/forecast/backtest.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { FitOptions, ForecasterOptions } from '../../src/forecast/options.ts';
import { type PackJob, type PackSettings, trainPack } from '../../src/forecast/pack.ts';
import { LSTM, RNN } from '../../src/nn/recurrent.ts';
import { Trainer } from '../../src/nn/trainer.ts';
import { checkPlan } from '../../src/sweep/plan.ts';
import { sweep } from '../../src/sweep/sweep.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 3) + t / 50);
const model = { hiddenSize: 2, windowLength: 4 };
const quick = { epochs: 1, batchSize: 16 };
const TWICE = { lr: 0.01, optimizer: { name: 'Adam', lr: 0.01 } } as const;
const TWO_RATES = 'lr: got 0.01, and 0.01 as optimizer.lr';

describeGpu('a number with two possible places', () => {
  const create = (options: Partial<ForecasterOptions> = {}) =>
    Forecaster.create({ device: testDevice(), ...model, ...options });

  const fitted = async (options: Partial<ForecasterOptions> = {}, input: FitOptions & { each?: boolean } = {}) => {
    const { each, ...fit } = input;
    const forecaster = await create(options);
    await forecaster.fit(each ? [series, series.subarray(5)] : series, { ...quick, ...fit });
    return forecaster;
  };

  const packed = async (fit: PackSettings['fit'], job: Partial<PackJob>) => {
    const [result] = await trainPack(testDevice(), { model, fit }, [{ series, seed: 0, ...job }]);
    if (!result!.ok) throw result!.error;
    return result!;
  };

  /** Calls that give a number in two places, with the message. */
  const CASES: readonly (readonly [string, () => unknown, string])[] = [
    ['the rate of a fit', async () => (await create()).fit(series, TWICE), TWO_RATES],
    [
      'the rates of an ensemble',
      async () => (await create({ ensemble: 2 })).fit(series, { ...TWICE, lr: [0.01, 0.02] }),
      'lr: got [0.01,0.02], and 0.01 as optimizer.lr',
    ],
    ['the rate of a backtest', () => backtest(series, { device: testDevice(), model, fit: TWICE }), TWO_RATES],
    ['the rate of a job in a pack', () => packed({ ...quick, optimizer: TWICE.optimizer }, { lr: 0.01 }), TWO_RATES],
    [
      'the rate of a plan',
      () => checkPlan({ grid: { lr: 0.01, optimizer: [{ name: 'SGD' }, TWICE.optimizer] } }),
      TWO_RATES,
    ],
    ['the rate of a sweep', () => sweep({ device: testDevice(), series: [], grid: TWICE }).next(), TWO_RATES],
    [
      'quantiles of a fit',
      async () =>
        (await create({ quantiles: [0.1, 0.5] })).fit(series, { loss: { name: 'quantile', quantiles: [0.1, 0.5] } }),
      'loss.quantiles: got [0.1,0.5], but the forecaster was created with quantiles [0.1,0.5]',
    ],
    [
      'quantiles of an evaluation',
      async () => (await fitted({ quantiles: [0.1, 0.5] })).evaluate({ quantiles: [0.2] }),
      'quantiles: got [0.2], but the forecaster was created with quantiles [0.1,0.5]',
    ],
    ['the outputs of a forecaster', () => create({ horizon: 2, outputSize: 3 } as never), 'unknown key "outputSize"'],
    ['the inputs of a forecaster', () => create({ past: ['a'], inputSize: 3 } as never), 'unknown key "inputSize"'],
    [
      'the outputs of a model without a head',
      () =>
        Trainer.create({
          device: testDevice(),
          model: { inputSize: 1, hiddenSize: 2, head: 'none' as 'last', outputSize: 3 },
        }),
      "outputSize: got 3 with head 'none'",
    ],
    [
      'the split of a backtest',
      () => backtest(series, { device: testDevice(), fit: { split: 0.5 } as never }),
      'unknown key "split"',
    ],
    [
      'the split of a job in a pack',
      () => packed({ ...quick, split: 0.5 }, { fold: { trainRows: 40, testRows: 5 } }),
      'split: got 0.5 with a fold',
    ],
    [
      'the seed of a pack',
      () => trainPack(testDevice(), { model: { ...model, seed: 1 } as never, fit: quick }, []),
      'unknown key "seed"',
    ],
    ['the rate of a pack', () => trainPack(testDevice(), { model, fit: { lr: 1 } as never }, []), 'unknown key "lr"'],
    [
      'the cell of an LSTM',
      () => LSTM.create({ device: testDevice(), inputSize: 1, hiddenSize: 2, cell: 'GRU' } as never),
      'unknown key "cell"',
    ],
    [
      'the cell of an RNN',
      () => RNN.create({ device: testDevice(), inputSize: 1, hiddenSize: 2, cell: 'RNN_RELU' } as never),
      'unknown key "cell"',
    ],
    [
      'what an evaluation scores',
      async () => (await fitted()).evaluate({ series, part: 'train' }),
      'part: got "train" with a series',
    ],
    ['the last rows of nothing', async () => (await fitted()).evaluate({ rows: 5 }), 'rows: got 5 without a series'],
    [
      'the series of a member',
      async () => (await fitted({ ensemble: 2 }, { each: true })).evaluate({ member: 0, of: 1 }),
      'of: got 1 with member 0',
    ],
    [
      'the series of all members',
      async () => (await fitted({ ensemble: 2 }, { each: true })).predictMembers({ of: 1 }),
      'of: got 1, but every member forecasts its own series',
    ],
  ];

  test.each(CASES)('is rejected if both are given: %s', async (_, call, message) => {
    const error: unknown = await (async () => call())().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain(message);
  });

  test('is taken from either one: the rate of a fit, a job and a plan', async () => {
    const rates = async (options: FitOptions) => {
      const forecaster = await create();
      const { epochs } = await forecaster.fit(series, { ...quick, ...options });
      forecaster.dispose();
      return epochs[0]!.models[0]!.lr;
    };
    expect(await rates({ lr: 0.02 })).toBe(0.02);
    expect(await rates({ optimizer: { name: 'Adam', lr: 0.02 } })).toBe(0.02);
    const [own, shared] = [
      await packed({ ...quick, optimizer: TWICE.optimizer }, {}),
      await packed(quick, { lr: 0.01 }),
    ];
    expect(own.metrics).toEqual(shared.metrics);
    expect(checkPlan({ grid: [{ lr: 0.02 }, { optimizer: TWICE.optimizer }] }).grid).toHaveLength(2);
  });

  test.each([
    ['Adam', 1e-3],
    ['AdamW', 1e-3],
    ['SGD', 1e-3],
    ['RMSprop', 1e-2],
  ] as const)("has torch's default where neither is given: the rate of %s is %d", async (name, lr) => {
    const forecaster = await create();
    const before = await forecaster.stateDict();
    const { epochs } = await forecaster.fit(series, { ...quick, optimizer: { name } });
    expect(epochs[0]!.models[0]!.lr).toBe(lr);
    for (const [parameter, { data }] of await forecaster.stateDict())
      expect(data, `${parameter} moved`).not.toEqual(before.get(parameter)!.data);
    forecaster.dispose();
  });

  test('is stored once in a checkpoint: rate and quantiles are restored', async () => {
    const forecaster = await create({ quantiles: [0.2, 0.5] });
    await forecaster.fit(series, { ...quick, optimizer: { name: 'SGD', lr: 0.03 }, loss: { name: 'quantile' } });
    const loaded = await Forecaster.load(await forecaster.checkpoint(), { device: testDevice() });
    const { epochs } = await loaded.resume(series);
    expect(epochs[0]!.models[0]!.lr).toBe(0.03);
    expect(await loaded.predictQuantiles()).toEqual(await forecaster.predictQuantiles());
    for (const one of [forecaster, loaded]) one.dispose();
  });
});

describeGpu('an option of an evaluation', () => {
  let forecaster: Forecaster;
  beforeAll(async () => {
    forecaster = await Forecaster.create({ device: testDevice(), ...model });
    await forecaster.fit(series, quick);
  });

  test.each([
    [{ season: Number.NaN }, 'season: got NaN'],
    [{ season: 2.5 }, 'season: got 2.5'],
    [{ season: -7 }, 'season: got -7'],
    [{ part: 'tset' as 'test' }, 'part: got "tset"'],
  ])('that is invalid is rejected: %j', async (options, message) => {
    await expect(forecaster.evaluate(options)).rejects.toThrow(ConfigError);
    await expect(forecaster.evaluate(options)).rejects.toThrow(message);
  });
});
