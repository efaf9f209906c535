import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/data/csv.ts';
import { DataError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { MersenneTwister } from '../../src/model/init.ts';
import { type ForecastOptions, forecast } from '../../src/recipe/forecast.ts';
import type { ForecastResult } from '../../src/recipe/plan.ts';
import { parseRecipeFile } from '../../src/recipe/recipe_file.ts';
import type { DatedSeries } from '../../src/recipe/series.ts';
import type { Progress } from '../../src/train/report.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { events, inFolder, lstmWebgpu, resultOf, write } from './command.ts';

/** Fast enough for a test. */
const QUICK = { hiddenSize: 4, steps: 20, horizon: 6 };
const generator = new MersenneTwister(5);
const noise = Float64Array.from({ length: 400 }, () => generator.uniform(-1, 1));
/** Monthly values that grow, with a season that grows with them. */
const sales = (rows: number) =>
  Float64Array.from({ length: rows }, (_, t) => (100 + t) * (1 + 0.3 * Math.sin((2 * Math.PI * t) / 12)) + noise[t]!);
const months = (rows: number) => Float64Array.from({ length: rows }, (_, k) => Date.UTC(2010, k, 1));
const quick = (series: DatedSeries, more: Partial<ForecastOptions> = {}) =>
  forecast(series, { device: testDevice(), ...QUICK, ...more });

function expectSensible({ predicted, low, high }: ForecastResult, horizon = QUICK.horizon) {
  expect([predicted.length, low.length, high.length]).toEqual([horizon, horizon, horizon]);
  for (const [k, value] of predicted.entries()) {
    expect(Number.isFinite(low[k]! + value + high[k]!)).toBe(true);
    expect(low[k]).toBeLessThanOrEqual(value);
    expect(high[k]).toBeGreaterThanOrEqual(value);
  }
}

describeGpu('a forecast without settings', () => {
  test('finds the season of months, removes it, and uses the best method', async () => {
    const result = await quick({ target: sales(100), moments: months(100) });
    expectSensible(result);
    expect(result).toMatchObject({
      season: 12,
      deseasonalized: [12],
      log: true,
      windowLength: 12,
      folds: 3,
      level: 0.9,
    });
    expect(result.moments).toEqual(months(100 + QUICK.horizon).subarray(100));
    expect(result.scores.map(({ method }) => method).toSorted()).toEqual([
      ...['drift', 'ets', 'model', 'modelAndEts', 'movingAverage', 'naive', 'seasonalNaive', 'stlEts', 'theta'],
    ]);
    expect(result.method).toBe(result.scores[0]!.method);
    expect(result.scores.map(({ mase }) => mase)).toEqual(
      result.scores.map(({ mase }) => mase!).toSorted((a, b) => a - b),
    );
    const only = await quick({ target: sales(100), moments: months(100) }, { modelOnly: true });
    expect(only.method).toBe('model');
    expect(only.scores).toEqual(result.scores);
    const season = await quick(sales(100), { horizon: undefined, steps: 4, folds: 1 });
    expect(season.predicted.length).toBe(12); // without dates, the season comes from the values
    const seasons = await quick(sales(100), { horizon: undefined, seasons: [24, 12, 12], steps: 4, folds: 1 });
    expect([seasons.season, seasons.predicted.length, seasons.deseasonalized]).toEqual([12, 12, [12]]);
    const long = await quick(sales(100), { horizon: undefined, seasons: [17_280] }); // a day of rows every five seconds
    expect(long.predicted.length).toBe(1440);
  });

  test('uses nothing after its end, and decides nothing from rows that it is scored on', async () => {
    const options = { modelOnly: true, folds: 1 };
    const whole = (values: Float64Array) => quick({ target: values, moments: months(values.length) }, options);
    const first = await whole(sales(100));
    expect(await whole(sales(112).slice(0, 100))).toEqual(first);
    // only the rows after the scored origin differ: the same seasons, and the same window
    const spoiled = await whole(sales(100).map((value, t) => (t < 94 ? value : 900 * (1 + (t % 2)))));
    expect([spoiled.season, spoiled.windowLength]).toEqual([first.season, first.windowLength]);
  });

  test('tries several recipes on request, and uses the mean of the best three', async () => {
    const series = { target: sales(60), moments: months(60) };
    const options = { steps: 6, folds: 2, auto: true, modelOnly: true };
    const result = await quick(series, options);
    expectSensible(result);
    expect(result.candidates.map(({ name }) => name)).toContain('as it is');
    expect(result.candidates.length).toBeGreaterThanOrEqual(8);
    const errors = result.candidates.map(({ error }) => error);
    expect(errors).toEqual(errors.toSorted((a, b) => a - b));
    expect((await quick(series, { ...options, auto: false })).candidates).toEqual([]);
  });

  test('chooses no recipe by the rows that it is scored on', async () => {
    // one step ahead, far above or below all forecasts: the forecast follows from the error
    const forecastOf = async (last: number) => {
      const target = sales(60).map((value, t) => (t < 59 ? value : last));
      const { scores } = await quick(target, { auto: true, folds: 1, horizon: 1, steps: 6, seasons: [12] });
      return last + scores.find(({ method }) => method === 'model')!.mae * (last > 100 ? -1 : 1);
    };
    expect(await forecastOf(900)).toBeCloseTo(await forecastOf(1), 8);
  });

  test('reads columns that are known ahead, and reports if they end too early', async () => {
    const target = Float64Array.from({ length: 90 }, (_, t) => 10 + 5 * ((t * 7) % 3) + noise[t]! / 10);
    const promo = Float64Array.from({ length: 96 }, (_, t) => (t * 7) % 3);
    const options = { modelOnly: true, steps: 150, hiddenSize: 8, seasons: [], folds: 1 };
    const known = await quick({ target, future: { promo } }, options);
    const unknown = await quick(target, { ...options, windowLength: 1 });
    const errorOf = ({ predicted }: ForecastResult) =>
      predicted.reduce((sum, value, k) => sum + Math.abs(value - 10 - 5 * promo[90 + k]!), 0) / 6;
    expect(errorOf(known)).toBeLessThan(errorOf(unknown));
    const short = quick({ target, future: { promo: promo.subarray(0, 93) } });
    await expect(short).rejects.toThrow(
      'future.promo: got 93 rows, 3 of them after the end of the series, but the horizon is 6. ' +
        'Pass 96 rows, or use a horizon of 3.',
    );
  });

  test('reports the progress of all its models, which do not train all at once', async () => {
    const heard: Progress[] = [];
    await quick({ target: sales(72), moments: months(72) }, { horizon: 12, onProgress: (now) => void heard.push(now) });
    const { steps } = heard[0]!;
    expect(steps).toBeGreaterThan(2 * QUICK.steps - 5); // two groups
    expect(heard.map(({ step }) => step)).toEqual(heard.map(({ step }) => step).toSorted((a, b) => a - b));
    expect(heard.at(-1)).toMatchObject({ epoch: 1, epochs: 1, step: steps, steps });
  });

  test('gives each of several series its own', async () => {
    const [one, other] = await forecast(
      [
        { id: 'a', target: sales(100), moments: months(100) },
        { id: 'b', target: noise.subarray(0, 60) },
      ],
      { device: testDevice(), ...QUICK },
    );
    expect([one!.id, one!.season, other!.id, other!.season, other!.log]).toEqual(['a', 12, 'b', 1, false]);
    expectSensible(one!);
    expectSensible(other!);
    await expect(forecast([sales(30), [1, Number.NaN]], { device: testDevice() })).rejects.toThrow(/^series 2 of 2: /);
  });
});

describeGpu('a forecast from the file of an earlier one', () => {
  test.each([
    ['of the model', { modelOnly: true }],
    ['of several recipes', { modelOnly: true, auto: true, steps: 6, folds: 1 }],
    ['of the best method', {}],
  ])('is the same for the same rows, %s', async (_, options) => {
    const series = { id: 'north', target: sales(60), moments: months(60) };
    const first = await quick(series, options);
    const device = testDevice();
    const again = await forecast(series, { device, model: first.model });
    expect({ ...again, model: undefined }).toEqual({ ...first, model: undefined });
    expect(again.model).toEqual(first.model);
    const later = await forecast({ target: sales(72), moments: months(72) }, { device, model: first.model });
    expectSensible(later);
    expect(later.moments).toEqual(months(72 + QUICK.horizon).subarray(72));
    expect(later.predicted).not.toEqual(first.predicted);
  });

  test('uses its method for a series that no model can be trained on', async () => {
    const first = await quick([4, 5, 7]);
    const again = await forecast([4, 5, 7], { device: testDevice(), model: first.model });
    expect([again.method, again.predicted]).toEqual([first.method, first.predicted]);
  });

  test('reports what does not fit, and rejects a file that was changed', async () => {
    const device = testDevice();
    const { model } = await quick({ target: sales(60), moments: months(60) });
    await expect(forecast(sales(20), { device, model })).rejects.toThrow(
      'got 20 rows, but the model needs the last 25',
    );
    await expect(forecast(sales(60), { device, model, folds: 2 })).rejects.toThrow('got both folds and model');
    await expect(forecast([sales(60), sales(60)], { device, model })).rejects.toThrow('got several series');
    await expect(
      forecast(
        sales(60).map((value) => -value),
        { device, model },
      ),
    ).rejects.toThrow('logarithms need numbers above 0');
    await expect(forecast({ target: sales(60), past: { x: sales(60) } }, { device, model })).rejects.toThrow(
      'column "x"',
    );
    await expect(Forecaster.load(model, { device })).rejects.toThrow(
      'forecast() wrote it; use forecast(series, { model })',
    );
    const { metadata, tensors } = readSafetensors(model);
    const changed = (values: object) => {
      const recipe = { ...(JSON.parse(metadata['lstm_webgpu.recipe']!) as object), ...values };
      const { checksum: _, ...others } = metadata;
      return writeSafetensors(tensors, { ...others, 'lstm_webgpu.recipe': JSON.stringify(recipe) });
    };
    for (const [name, value] of Object.entries({
      ...{ method: 'tea leaves', scores: 3, candidates: {}, folds: -1, level: 2, radius: -1, season: 0, horizon: 1.5 },
      ...{ log: 'yes', deseasonalized: [1], models: null, outliers: 'few' },
    }))
      expect(() => parseRecipeFile(changed({ [name]: value })), name).toThrow(DataError);
    expect(parseRecipeFile(changed({})).method).toBeTypeOf('string');
  });
});

describeGpu('difficult series', () => {
  const series: [string, () => ArrayLike<number>][] = [
    ['a single value whose logarithm is rounded', () => [99, 99, 99]],
    ['three rows', () => [4, 5, 7]],
    ['a constant', () => new Float64Array(80).fill(3)],
    ['zeros', () => new Float64Array(80)],
    ['an outlier of 1e6', () => sales(80).map((value, t) => (t === 40 ? 1e6 : value))],
    ['an outlier at the end', () => sales(80).map((value, t) => (t === 79 ? 1e6 : value))],
    ['mostly zeros', () => Float64Array.from({ length: 80 }, (_, t) => (t % 9 === 0 ? 1 + (t % 4) : 0))],
    ['a level shift at the end', () => sales(80).map((value, t) => (t > 70 ? value + 500 : value))],
    ['30 rows', () => sales(30)],
    ['negative values', () => sales(80).map((value) => -value)],
    ['a straight line', () => Float64Array.from({ length: 80 }, (_, t) => t)],
    ['tiny values', () => sales(80).map((value) => 1e-9 * value)],
    ['huge values', () => sales(80).map((value) => 1e12 * value)],
    ['a purely seasonal series', () => Float64Array.from({ length: 80 }, (_, t) => t % 4)],
  ];
  test.each(series)('%s: a sensible forecast', async (_, make) => {
    const values = Float64Array.from(make());
    const result = await quick(values, { folds: 2 });
    expectSensible(result);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const reach = 10 * (most - least);
    if (least >= 0) expect(Math.min(...result.low)).toBeGreaterThanOrEqual(0);
    for (const value of result.predicted) {
      expect(value).toBeGreaterThanOrEqual(least - reach);
      expect(value).toBeLessThanOrEqual(most + reach);
    }
  });

  test('demand that is mostly 0 is forecast by its mean, not by its last value', async () => {
    const demand = Float64Array.from({ length: 80 }, (_, t) => (t === 79 || noise[t]! > 0.8 ? 5 : 0));
    const { method, predicted, scores } = await quick(demand, { folds: 2, seasons: [] });
    expect(scores.map((score) => score.method).toSorted()).toEqual(['ets', 'movingAverage', 'theta']);
    expect(method).toBe(scores[0]!.method);
    for (const value of predicted) expect(value).toBeLessThan(3);
  });

  test.each([40, 79])('an outlier in row %i does not change the forecast', async (row) => {
    const options = { folds: 2, steps: 10 };
    const clean = sales(80).map((value, t, all) =>
      t === row ? (all[t - 1]! + (all[t + 1] ?? all[t - 1]!)) / 2 : value,
    );
    const spoiled = clean.map((value, t) => (t === row ? 1e6 : value));
    const { model, ...expected } = await quick(clean, options);
    const result = await quick(spoiled, options);
    expect(result).toMatchObject({ ...expected, outliers: [row] });
    expect((await forecast(spoiled, { device: testDevice(), model: result.model })).outliers).toEqual([row]);
    expect((await quick(spoiled, { ...options, outliers: 'keep' })).outliers).toEqual([]);
  });

  test('a level shift in the folds gives intervals of at most a third to three times the forecast', async () => {
    const { predicted, low, high, log } = await quick(sales(60).map((value, t) => (t > 48 ? 8 * value : value)));
    expect(log).toBe(true);
    for (const [k, value] of predicted.entries()) {
      expect(low[k]! / value).toBeGreaterThan(0.333);
      expect(high[k]! / value).toBeLessThan(3.001);
    }
  });

  test('reports what is wrong, and what to do', async () => {
    await expect(quick([])).rejects.toThrow('forecast: got 0 rows. A forecast needs at least 3 rows.');
    await expect(quick([4, 5])).rejects.toThrow('got 2 rows. A forecast needs at least 3 rows.');
    await expect(quick([1, 2, Number.NaN])).rejects.toThrow('row 3 of the 3 values is NaN');
    await expect(quick({ target: [1, 2, 3], holes: [0, 1, 0] })).rejects.toThrow('row 2 is a hole');
    await expect(quick(new Float64Array(80).fill(3), { modelOnly: true })).rejects.toThrow(
      '80 rows are too few to train a model',
    );
    await expect(quick([1, 2, 3], { modelOnly: true })).rejects.toThrow('3 rows are too few to train a model');
    await expect(quick(sales(40), { seasons: [2.5] })).rejects.toThrow(
      'seasons: got [2.5], expected whole numbers of at least 2',
    );
    await expect(quick([1, -2, 3], { log: 'on' })).rejects.toThrow('row 2 is -2, but logarithms');
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(quick(sales(60), { signal: stop.signal })).rejects.toThrow('enough');
  });
});

describeGpu('a zero head', () => {
  test('forecasts the last value of each window before it learns', async () => {
    const shape = {
      windowLength: 5,
      horizon: 3,
      hiddenSize: 4,
      scaler: 'standard',
      scalePer: 'last',
      zeroHead: true,
    } as const;
    const forecaster = await Forecaster.create({ device: testDevice(), ...shape });
    const values = sales(40);
    await forecaster.fit(values, { epochs: 1, lr: 0 });
    expect([...(await forecaster.predict())]).toEqual([values[39], values[39], values[39]]);
    const { naive, predicted } = await forecaster.evaluate();
    expect(predicted).toEqual(naive);
    const loaded = await Forecaster.load(await forecaster.save(), { device: testDevice() });
    await loaded.fit(values, { epochs: 2, from: 'initial', batchSize: 8 });
    expect(await loaded.predict()).not.toEqual(await forecaster.predict());
    await expect(Forecaster.create({ device: testDevice(), scalePer: 'last' })).rejects.toThrow(
      "scalePer: got 'last' with scaler 'minmax'",
    );
    loaded.dispose();
    forecaster.dispose();
  });
});

describeGpu('lstm-webgpu forecast', () => {
  const csv = (rows: number) =>
    `month,sales\n${Array.from(sales(rows), (value, k) => `${new Date(months(rows)[k]!).toISOString().slice(0, 10)},${value.toFixed(2)}`).join('\n')}\n`;
  const flags = ['--hidden', '4', '--steps', '20', '--folds', '2'];

  test('forecasts a season with dates and intervals, and reports its method and scores', async () => {
    write('sales.csv', csv(90));
    const files = ['--predictions-out', 'ahead.csv', '--chart-out', 'ahead.html'];
    const run = await lstmWebgpu(['forecast', 'sales.csv', ...flags, ...files]);
    expect(run.code, run.stderr).toBe(0);
    const lines = run.stdout.split('\n');
    expect(lines[0]).toMatch(/^2017-07-01 {2}[\d.,]+ \([\d.,]+ to [\d.,]+\)$/);
    expect(lines[11]).toMatch(/^2018-06-01 /);
    expect(run.stdout).toContain('\nScores from 2 origins before the end, over 12 steps ahead:\n');
    expect(run.stdout).toMatch(
      / this series .+\. In 2 tests on the most recent data, 12 months ahead each, its error was [\d.]+% /,
    );
    const table = parseCsv(readFileSync(inFolder('ahead.csv')));
    expect(table.columns.map(({ name }) => name)).toEqual(['step', 'date', 'predicted', 'low', 'high']);
    expect(table.numRows).toBe(12);
    expect(readFileSync(inFolder('ahead.html'), 'utf8')).toContain('forecasts this series');
  });

  test('has the flags of all options', async () => {
    write('sales.csv', csv(60).replace(/,[\d.]+\n$/, ',999999\n'));
    const options = [
      '--log',
      'off',
      '--deseasonalize',
      'off',
      '--outliers',
      'keep',
      '--auto',
      '--horizon',
      '3',
      '--json',
    ];
    const few = ['--hidden', '4', '--steps', '5', '--folds', '1']; // for each of the recipes
    const run = await lstmWebgpu(['forecast', 'sales.csv', ...few, ...options]);
    expect(run.code, run.stderr).toBe(0);
    const { candidates, ...result } = resultOf(run) as { candidates: object[] };
    expect(result).toMatchObject({ log: false, deseasonalized: [], outliers: [] });
    expect(candidates.length).toBeGreaterThan(3);
  });

  test('prints all of it for programs, for each of several series, and leaves out what it cannot forecast', async () => {
    const [head, ...rows] = csv(60).trim().split('\n');
    const long = ['north', 'south'].flatMap((shop) => rows.map((row) => `${shop},${row}`));
    write('shops.csv', `shop,${head}\n${long.join('\n')}\nbad,2010-01-01,x\n`);
    const run = await lstmWebgpu(['forecast', 'shops.csv', '--id', 'shop', ...flags, '--horizon', '4', '--json']);
    expect(run.code, run.stderr).toBe(0);
    const { series } = resultOf(run) as {
      series: { id: string; method: string; predicted: number[]; dates: string[] }[];
    };
    expect(series.map(({ id, predicted }) => [id, predicted.length])).toEqual([
      ['north', 4],
      ['south', 4],
    ]);
    expect(series[0]!.dates[0]).toBe('2015-01-01');
    expect(resultOf(run).verdict).toMatch(/^Forecasts of 2 series: 2 by /);
    const data = events(run).find(({ type }) => type === 'data') as { leftOut: { id: string }[] };
    expect(data.leftOut.map(({ id }) => id)).toEqual(['bad']);
  });

  test('saves its models, and forecasts newer rows with them', async () => {
    write('sales.csv', csv(60));
    write('newer.csv', csv(66));
    const first = await lstmWebgpu(['forecast', 'sales.csv', ...flags, '--model-out', 'sales.st', '--json']);
    expect(first.code, first.stderr).toBe(0);
    const again = await lstmWebgpu(['forecast', 'sales.csv', '--model', 'sales.st', '--json']);
    expect(again.code, again.stderr).toBe(0);
    expect({ ...resultOf(again), files: {} }).toEqual({ ...resultOf(first), files: {} });
    const newer = await lstmWebgpu(['forecast', 'newer.csv', '--model', 'sales.st']);
    expect(newer.stdout).toMatch(/^2015-07-01 /);
    expect(newer.stdout).toContain('\nScores when the model was made, from 2 origins, over 12 steps ahead:\n');
    const [head, ...rows] = csv(66).trimEnd().split('\n');
    write('wide.csv', [`${head},price`, ...rows.map((row) => `${row},9.5`)].join('\n'));
    const unnamed = await lstmWebgpu(['forecast', 'wide.csv', '--model', 'sales.st']);
    expect(unnamed.stderr).toMatch(/wide\.csv: --model does not store which column it forecasts, .*"price".*--column/);
    expect(unnamed).toMatchObject({ code: 2, stdout: '' });
    const named = await lstmWebgpu(['forecast', 'wide.csv', '--model', 'sales.st', '--column', 'sales']);
    expect(named.stdout).toBe(newer.stdout);
    const further = await lstmWebgpu(['forecast', 'newer.csv', '--model', 'sales.st', '--horizon', '3']);
    expect(further.stderr).toContain('--horizon cannot be combined with --model, which stores the horizon.');
    const wrong = await lstmWebgpu(['forecast', 'newer.csv', '--model', 'sales.st', '--steps', '9']);
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('--steps cannot be combined with --model, which stores this setting.'),
    ]);
    const several = await lstmWebgpu(['forecast', 'sales.csv', '--columns', 'sales,month', '--model-out', 'm.st']);
    expect([several.code, several.stderr]).toEqual([
      2,
      expect.stringContaining('--model-out supports a single series. Leave out --model-out or --columns.'),
    ]);
    const other = await lstmWebgpu(['predict', 'sales.st', 'sales.csv']);
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringContaining('this model was made by `forecast`. Run: lstm-webgpu forecast FILE --model sales.st'),
    ]);
    const train = ['train', 'sales.csv', '--epochs', '1', '--hidden', '4', '--column', 'sales'];
    await lstmWebgpu([...train, '--model-out', 'trained.st']);
    const trained = await lstmWebgpu(['forecast', 'newer.csv', '--model', 'trained.st'], {
      env: { npm_command: 'exec' },
    });
    expect([trained.code, trained.stderr]).toEqual([
      1,
      expect.stringContaining('this model was made by `train`. Run: npx lstm-webgpu predict trained.st newer.csv\n'),
    ]);
    const skipping = await lstmWebgpu(['forecast', 'sales.csv', '--missing', 'skip']);
    expect([skipping.code, skipping.stderr]).toEqual([
      2,
      expect.stringContaining('--missing: got "skip", expected error, drop, interpolate or previous.'),
    ]);
  });

  test('explains what to do about columns that end too early, and leaves such series out', async () => {
    const rows = (shop: string, ahead: number) =>
      Array.from({ length: 60 + ahead }, (_, k) => {
        const value = k < 60 ? sales(60)[k]!.toFixed(2) : '';
        return `${shop},${new Date(Date.UTC(2010, k, 1)).toISOString().slice(0, 10)},${value},${k % 3}`;
      });
    const head = 'shop,month,sales,promo';
    write('short.csv', [head, ...rows('a', 11)].join('\n'));
    const future = [...flags, '--future', 'promo'];
    const one = await lstmWebgpu(['forecast', 'short.csv', ...future]);
    expect([one.code, one.stderr]).toEqual([
      1,
      'lstm-webgpu: short.csv: the forecast needs "promo" for the next 12 rows, and only 11 of them have it. Append one row to ' +
        'the file with "promo" filled in and "sales" empty, or forecast fewer with --horizon 11.\n',
    ]);
    write('some.csv', [head, ...rows('a', 11), ...rows('b', 12)].join('\n'));
    const some = await lstmWebgpu(['forecast', 'some.csv', '--id', 'shop', ...future, '--json']);
    expect(some.code, some.stderr).toBe(0);
    const { series } = resultOf(some) as { series: { id: string; predicted: number[] }[] };
    expect(series.map(({ id, predicted }) => [id, predicted.length])).toEqual([['b', 12]]);
  });

  test('shows series with different seasons, and the settings that they share', async () => {
    const rows = Array.from(sales(60), (value, k) => `${new Date(months(60)[k]!).toISOString().slice(0, 10)},${value}`);
    const long = [...rows.map((row) => `years,${row}`), ...rows.slice(0, 20).map((row) => `few,${row}`)];
    write('unlike.csv', ['shop,month,sales', ...long].join('\n'));
    const run = await lstmWebgpu(['forecast', 'unlike.csv', '--id', 'shop', ...flags, '--chart-out', 'unlike.html']);
    expect(run.code, run.stderr).toBe(0);
    const page = readFileSync(inFolder('unlike.html'), 'utf8');
    expect(page).toContain('10 to 12 steps ahead for each of 2 series');
    expect(page).toMatch(/<th scope="row">\+10<\/th><td>[\d.,]+<\/td><td>[\d.,]+<\/td><\/tr>/);
    expect(page).toMatch(/<th scope="row">\+12<\/th><td>[\d.,]+<\/td><td><\/td><\/tr>/);
    expect(page).toContain('log scale <b>yes</b>');
    expect(page).not.toContain('season <b>');
  });

  test('separates columns of large numbers', async () => {
    const cells = Array.from(sales(60), (value) => Math.round(1e14 * value));
    write('large.csv', ['sales', ...cells].join('\n'));
    const run = await lstmWebgpu(['forecast', 'large.csv', '--season', '12', ...flags]);
    const scores = run.stdout.split('\n').filter((line) => / {2,}\S+ {2,}[\d.]+$/.test(line));
    expect(scores.length, run.stdout).toBe(9);
  });

  test('reads columns made from the dates, and rejects an invalid season', async () => {
    write('sales.csv', csv(60));
    const calendar = ['forecast', 'sales.csv', ...flags, '--calendar', 'auto', '--model-only', '--json'];
    const run = await lstmWebgpu(calendar);
    expect(run.code, run.stderr).toBe(0);
    expect(resultOf(run).method).toBe('model');
    const wrong = await lstmWebgpu(['forecast', 'sales.csv', '--season', '1.5']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('season')]);
  });
});

describe('settings', () => {
  test('are also flags of the command', async () => {
    const { stdout } = await lstmWebgpu(['forecast', '--help']);
    for (const flag of [
      'horizon',
      'season',
      'log',
      'deseasonalize',
      'window',
      'hidden',
      'steps',
      'batch',
      'lr',
      'seed',
      'folds',
    ])
      expect(stdout).toContain(`--${flag} `);
    expect(stdout).toContain('--model-only');
  });
});
