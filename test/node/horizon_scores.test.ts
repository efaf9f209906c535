import { expect, test } from 'vitest';
import { backtest } from '../../src/forecast/backtest.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { SeriesFrame } from '../../src/forecast/frame.ts';
import type { ForecasterOptions } from '../../src/forecast/options.ts';
import { trainPack } from '../../src/forecast/pack.ts';
import { sweep } from '../../src/sweep/sweep.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

const rows = 90;
const target = Float64Array.from(
  { length: rows },
  (_, t) => 50 + 10 * Math.sin((2 * Math.PI * t) / 7) + t / 9 + ((t * 7919) % 13) / 6,
);
const weekday = Float64Array.from({ length: rows + 12 }, (_, t) => t % 7);
const fold = { trainRows: 66, testRows: 18 };
const fit = { epochs: 2, batchSize: 8 };

interface Case {
  title: string;
  model: Omit<ForecasterOptions, 'device' | 'seed' | 'ensemble'>;
  ahead?: number;
  hasFuture?: true;
}
const CASES: readonly Case[] = [
  { title: 'one step', model: { hiddenSize: 4 } },
  { title: 'all outputs of a resident model', model: { hiddenSize: 4, horizon: 4 } },
  {
    title: 'all outputs of another model',
    model: { cell: 'GRU', hiddenSize: 5, horizon: 6, scalePer: 'last', scaler: 'standard' },
  },
  { title: 'more steps than are forecast at once', model: { hiddenSize: 4 }, ahead: 5 },
  { title: 'more steps, in blocks of two', model: { hiddenSize: 5, horizon: 2, scalePer: 'window' }, ahead: 5 },
  {
    title: 'fewer steps than are forecast at once',
    model: { hiddenSize: 4, horizon: 4, transform: 'logReturn' },
    ahead: 3,
  },
  {
    title: 'a column known ahead',
    model: { hiddenSize: 4, horizon: 2, future: ['weekday'] },
    ahead: 4,
    hasFuture: true,
  },
  { title: 'quantiles', model: { hiddenSize: 4, quantiles: [0.1, 0.5, 0.9] }, ahead: 4 },
];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The forecasts of rules without a model from an origin. */
const RULES = {
  naive: (known: Float64Array) => known.at(-1)!,
  drift: (known: Float64Array, step: number) =>
    known.at(-1)! + (step * (known.at(-1)! - known[0]!)) / (known.length - 1),
  movingAverage: (known: Float64Array) => mean([...known.slice(-10)]),
  seasonalNaive: (known: Float64Array, step: number) => known.at(((step - 1) % 7) - 7)!,
};

/** Scores of forecasts from each origin in the test set, in plain float64. */
function scores(
  forecasts: ReadonlyMap<number, ArrayLike<number>>,
  { firstRow = 0, ahead }: { firstRow?: number; ahead: number },
) {
  const errors = [...forecasts].flatMap(([origin, said]) =>
    Array.from({ length: ahead }, (_, k) => target[origin + k]! - said[k]!),
  );
  const train = target.subarray(firstRow, [...forecasts.keys()][0]);
  const scale = mean(Array.from(train.subarray(7), (value, t) => Math.abs(value - train[t]!)));
  const mae = mean(errors.map(Math.abs));
  return { mae, rmse: Math.sqrt(mean(errors.map((error) => error ** 2))), mase: mae / scale };
}

/** Forecasts of a trained model, or a rule, from each origin whose next rows are all in the fold. */
async function fromEach(
  { trainRows, testRows }: typeof fold,
  ahead: number,
  forecast: (origin: number) => Promise<ArrayLike<number>> | ArrayLike<number>,
) {
  const all = new Map<number, ArrayLike<number>>();
  for (let origin = trainRows; origin + ahead <= trainRows + testRows; origin++)
    all.set(origin, await forecast(origin));
  return all;
}

const frame = (origin: number, hasFuture: true | undefined): SeriesFrame => ({
  target: target.subarray(0, origin),
  ...(hasFuture && { future: { weekday } }),
});

const expectScores = (got: object, expected: Record<string, number>, what: string) => {
  for (const [name, value] of Object.entries(expected))
    expect((got as Record<string, number>)[name]! / value, `${what}: ${name}`).toBeCloseTo(1, 6);
};

describeGpu('scores are over all steps ahead, as predict gives them from each origin', () => {
  test.each(CASES)('of a pack: $title', async ({ model, ahead: asked, hasFuture }) => {
    const shared = { model: { windowLength: 8, ...model }, fit, ...(asked && { ahead: asked }) };
    const ahead = asked ?? model.horizon ?? 1;
    const series = frame(rows, hasFuture);
    const [result] = await trainPack(testDevice(), shared, [{ series, seed: 1, fold }]);
    if (!result!.ok) throw result!.error;
    const forecaster = await Forecaster.load(result!.model, { device: testDevice() });
    const said = await fromEach(fold, ahead, (origin) =>
      forecaster.predict({ series: frame(origin, hasFuture), horizon: ahead }),
    );
    forecaster.dispose();
    expect(said.size).toBe(18 - ahead + 1);
    expectScores(result!.metrics, scores(said, { ahead }), 'model');
    for (const [name, rule] of Object.entries(RULES)) {
      const of = (origin: number) => Array.from({ length: ahead }, (_, k) => rule(target.subarray(0, origin), k + 1));
      const own = scores(await fromEach(fold, ahead, of), { ahead });
      expectScores(result!.baselines[name as keyof typeof RULES]!, own, name);
      if (name === 'naive') expect(result!.metrics.naiveMae / own.mae).toBeCloseTo(1, 6);
    }
    expect(result!.steps).toHaveLength(ahead);
    expect(mean(result!.steps.map(({ mae }) => mae)) / result!.metrics.mae).toBeCloseTo(1, 9);
    for (const [k, { mae }] of result!.steps.entries())
      expect(mean([...said].map(([origin, own]) => Math.abs(target[origin + k]! - own[k]!))) / mae).toBeCloseTo(1, 6);
  });

  test.each(CASES)('of a backtest, and a sweep: $title', async ({ model, ahead: asked, hasFuture }) => {
    const device = testDevice();
    const own = { windowLength: 8, ...model };
    const options = {
      device,
      folds: 2,
      testRows: 12,
      scheme: 'expanding' as const,
      season: 7,
      ...(asked && { ahead: asked }),
    };
    const report = await backtest(frame(rows, hasFuture), { ...options, model: own, fit });
    const ahead = asked ?? model.horizon ?? 1;
    expect(report.ahead).toBe(ahead);
    const settings = { model: own, fit, ahead };
    const folds = [66, 78].map((trainRows) => ({ trainRows, testRows: 12 }));
    const jobs = folds.map((fold) => ({ series: frame(rows, hasFuture), seed: 0, fold }));
    const alone = await trainPack(device, settings, jobs);
    for (const [k, result] of alone.entries()) {
      if (!result.ok) throw result.error;
      expect(report.folds[k]!.evaluation.overall).toEqual({ metrics: result.metrics, baselines: result.baselines });
    }
    const ofFolds = alone.flatMap((result) => (result.ok ? [result.metrics] : []));
    expect(mean(ofFolds.map(({ mae }) => mae)) / report.metrics.mae).toBeCloseTo(1, 9);
    expect(mean(ofFolds.map(({ mase }) => mase!)) / report.metrics.mase!).toBeCloseTo(1, 9);
    expect(mean(report.steps.map(({ metrics }) => metrics.mae)) / report.metrics.mae).toBeCloseTo(1, 9);
    if (hasFuture) return; // a sweep reads only values
    const { future: _, past: __, ...shape } = own;
    const quantiles = shape.quantiles && { quantiles: [shape.quantiles] };
    const plan = {
      grid: { ...shape, ...quantiles, ...fit, ...(asked && { ahead }) },
      folds: { count: 2, testRows: 12 },
    };
    const results = [];
    for await (const one of sweep({ device, series: [{ id: 'a', values: target }], ...plan } as never))
      results.push(one);
    expect(results).toMatchObject(ofFolds.map((metrics) => ({ metrics })));
  });

  test('intervals have their coverage that many steps ahead, and use only what is known by then', async () => {
    const options = { device: testDevice(), folds: 2, testRows: 12, season: 7, interval: 0.8, ahead: 4 };
    const model = { windowLength: 8, hiddenSize: 4 };
    const measured = { ...options, model, fit: { ...fit, validation: 0.4 } };
    const report = await backtest(target, measured);
    expect(report.metrics.coverage).toBeGreaterThan(0.4);
    const [, last] = report.folds;
    const changed = await backtest(target.with(-1, 0), measured);
    const { low, high } = last!.evaluation.steps[3]!.interval!;
    const others = changed.folds[1]!.evaluation.steps[3]!.interval!;
    expect([...others.low]).toEqual([...low]);
    expect([...others.high]).toEqual([...high]);
  });

  test('a job with too few test rows fails alone, and invalid requests are rejected', async () => {
    const shared = { model: { windowLength: 8, hiddenSize: 3 }, fit, ahead: 12 };
    const short = { trainRows: 60, testRows: 11 };
    const [fine, failed] = await trainPack(testDevice(), shared, [
      { series: target, seed: 0, fold },
      { series: target, seed: 0, fold: short },
    ]);
    expect(fine!.ok).toBe(true);
    expect(failed!.ok ? '' : failed!.error.message).toMatch(
      /^ahead: got 12, but the test set has no origin with 12 rows/,
    );
    const past = { ...shared.model, past: ['x'] };
    const both = { target, past: { x: target } };
    await expect(backtest(both, { device: testDevice(), folds: 2, model: past, fit, ahead: 2 })).rejects.toThrow(
      'fold 1 of 2: ahead: got 2, but the model forecasts 1 at once, and the columns x are unknown after the last row',
    );
    await expect(trainPack(testDevice(), { ...shared, ahead: 0 }, [])).rejects.toThrow(
      'ahead: got 0, expected a whole',
    );
  });

  test('a job whose forecasts overflow fails alone', async () => {
    const model = { windowLength: 4, hiddenSize: 3, transform: 'logReturn' } as const;
    const fold = { trainRows: 150, testRows: 401 };
    const grows = Float64Array.from({ length: 600 }, (_, k) => 10 ** Math.min(k, 150) * (1 + (k % 2)));
    const results = await trainPack(testDevice(), { model, fit, ahead: 400 }, [
      { series: grows, seed: 1, fold },
      { series: grows.map((value) => 1 + Math.log(value)), seed: 1, fold },
    ]);
    expect(results.map((result) => (result.ok ? 'fine' : result.error.message))).toEqual([
      expect.stringMatching(/^predict: after \d+ steps the forecast is Infinity/),
      'fine',
    ]);
  });
});
