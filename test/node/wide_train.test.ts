import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { StepEvaluation } from '../../src/forecast/evaluation.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { events, inFolder, lstmWebgpu, type Run, resultOf, TUTORIAL, write } from './command.ts';

const ROWS = 100;
/** Sales that follow the weekday; visits are known only after the day. */
const days = Array.from({ length: ROWS + 2 }, (_, k) => ({
  date: new Date(Date.UTC(2024, 0, 1 + k)).toISOString().slice(0, 10),
  weekday: k % 7,
  visits: 50 + ((k * 31) % 17),
  sales: 100 + 10 * Math.sin((2 * Math.PI * k) / 7) + ((k * 7919) % 13) / 5 + k / 10,
}));
/** The last two rows are in the future: only the weekday is known. */
const weekCsv = `date,weekday,visits,sales\n${days
  .map(({ date, weekday, visits, sales }, k) => `${date},${weekday},${k < ROWS ? `${visits},${sales}` : ','}\n`)
  .join('')}`;
/** Without the future rows. */
const pastCsv = weekCsv.split('\n').slice(0, -3).join('\n');
const target = days.slice(0, ROWS).map(({ sales }) => sales);

const SMALL = [...TUTORIAL, '--hidden', '4', '--window', '7', '--batch', '16'];
const WIDE = [
  '--past',
  'visits',
  '--future',
  '1',
  '--horizon',
  '2',
  '--scaler',
  'standard',
  '--transform',
  'difference',
];

const csvOf = (name: string) => {
  const [header, ...rows] = readFileSync(inFolder(name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return { header: header!, rows };
};

describeGpu('a training with every option of a forecaster', () => {
  let run: Run;
  beforeAll(async () => {
    write('week.csv', weekCsv);
    write('past.csv', pastCsv);
    const kept = ['--validation', '0.4', '--interval', '0.8', '--epochs', '3', '--lr', '0.01'];
    const outputs = ['--model-out', 'week.st', '--predictions-out', 'week-test.csv', '--chart-out', 'week.html'];
    run = await lstmWebgpu([
      'train',
      'week.csv',
      '--column',
      'sales',
      ...SMALL,
      ...WIDE,
      ...kept,
      ...outputs,
      '--json',
    ]);
    expect(run.code, run.stderr).toBe(0);
  });

  test('gives the numbers of the library', async () => {
    const columns = { past: ['visits'], future: ['weekday'] };
    const model = { windowLength: 7, hiddenSize: 4, horizon: 2, scaler: 'standard', transform: 'difference' } as const;
    const forecaster = await Forecaster.create({ device: testDevice(), ...model, ...columns });
    const series = {
      target,
      past: { visits: days.slice(0, ROWS).map(({ visits }) => visits) },
      future: { weekday: days.map(({ weekday }) => weekday) },
    };
    const fit = { epochs: 3, batchSize: 16, lr: 0.01, validation: 0.4 } as const;
    const { epochs } = await forecaster.fit(series, fit);
    const { metrics, baselines, steps, season } = await forecaster.evaluate({ interval: 0.8, ets: true });
    const lines = events(run);
    const each = lines.filter(({ type }) => type === 'epoch');
    expect(each.map(({ loss, validationLoss }) => [loss, validationLoss])).toEqual(
      epochs.map(({ loss, validationLoss }) => [loss, validationLoss]),
    );
    const short = (all: StepEvaluation['baselines']) =>
      Object.fromEntries(
        Object.entries(all).map(([name, { metrics: m }]) => [name, { rmse: m.rmse, mae: m.mae, mase: m.mase }]),
      );
    expect(resultOf(run)).toMatchObject({ ...metrics, season, baselines: short(baselines) });
    expect(Object.keys(baselines)).toContain('seasonalNaive');
    expect(resultOf(run).stepScores).toEqual(
      steps.map(({ step, metrics: { rmse, mae, mase, naiveRmse }, baselines }) => ({
        ...{ step, rmse, mae, mase, naiveRmse },
        baselines: short(baselines),
      })),
    );
    const next = await lstmWebgpu(['predict', 'week.st', 'week.csv', '--interval', '0.8', '--json']);
    const { predicted, low, high } = await forecaster.predictInterval({ level: 0.8 });
    expect(resultOf(next)).toMatchObject({ predicted: [...predicted], interval: { low: [...low], high: [...high] } });
    forecaster.dispose();
  });

  test('reports how many windows each part has, and writes every step with its interval', () => {
    // 100 rows, less one for differences, 7 for the window, one for the second step
    const [, data] = events(run);
    expect(data).toMatchObject({ rows: ROWS, trainWindows: 42, validationWindows: 28, testWindows: 19 });
    const { header, rows } = csvOf('week-test.csv');
    expect(header).toEqual(['row', 'date', 'step', 'actual', 'predicted', 'naive', 'low', 'high']);
    expect(rows).toHaveLength(2 * 19);
    const inside = rows.filter(
      ([, , step, actual, , , low, high]) => step === '1' && +low! <= +actual! && +actual! <= +high!,
    );
    expect(resultOf(run).coverage).toBe(inside.length / 19);
    for (const [row, date, step, actual, predicted, naive, low, high] of rows) {
      expect([date, Number(actual)]).toEqual([days[Number(row) - 1]!.date, target[Number(row) - 1]]);
      expect(Number(naive)).toBe(target[Number(row) - 1 - Number(step)]);
      expect(Number(high) - Number(predicted)).toBeCloseTo(Number(predicted) - Number(low), 8);
    }
    const chart = readFileSync(inFolder('week.html'), 'utf8');
    expect(chart).toContain('<th scope="col">Seasonal naive</th>');
    for (const setting of [
      'horizon <b>2',
      'past <b>visits',
      'future <b>weekday',
      'scaler <b>standard',
      'validation <b>0.4',
    ])
      expect(chart).toContain(setting);
  });

  test('evaluate gives the scores of training for the test rows, and scores of all rows without --test-rows', async () => {
    const args = ['evaluate', 'week.st', 'week.csv', '--interval', '0.8']; // the column of the training is found
    const again = await lstmWebgpu([...args, '--test-rows', '20', '--predictions-out', 'again.csv', '--json']);
    const { rmse, mase, baselines, stepScores, verdict, season } = resultOf(run);
    expect(resultOf(again)).toMatchObject({
      rmse,
      mase,
      baselines,
      stepScores,
      verdict,
      season,
      testRows: 19,
    });
    expect(again.stderr).toContain(
      'The model forecasts 2 steps at once and is scored where the file has all of them: from 19 origins in the last 20 rows.\n',
    );
    const plain = ({ header, rows }: ReturnType<typeof csvOf>) => [header, ...rows].map((row) => row.slice(0, 6));
    expect(plain(csvOf('again.csv'))).toEqual(plain(csvOf('week-test.csv'))); // intervals there follow the newest residuals
    const all = await lstmWebgpu([...args, '--season', '0']);
    expect(all.stdout).toContain('Test scores over 91 rows, one step ahead:\n');
    expect(all.stdout).toMatch(/model +naive\n/);
    expect(all.stdout).toMatch(/R² is .* of the rows are inside the 80% intervals\./);
    expect(all.stdout).toMatch(/\n +ahead +RMSE +MAE +naive +drift\n +1 .*\n +2 .*\n/);
    expect((await lstmWebgpu([...args, '--test-rows', '93'])).stderr).toContain(
      'rows: got 93, expected a whole number from 2 to 92',
    );
    expect(all.stderr).not.toContain('at once');
    const missing = await lstmWebgpu(['evaluate', 'week.st', write('bare.csv', target.join('\n'))]);
    expect(missing.stderr).toContain('bare.csv: past: got "visits", but the file has');
  });

  test('the table and the verdict name the season, and the verdict starts with the rule that is hardest to beat', async () => {
    const { stdout } = await lstmWebgpu([
      'train',
      'past.csv',
      '--column',
      'sales',
      ...SMALL,
      '--epochs',
      '1',
      '--season',
      '7',
    ]);
    expect(stdout).toMatch(/ +model +naive +seasonal naive +ETS\n +RMSE +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+\n/);
    expect(stdout).toMatch(
      /\nWorse than (exponential smoothing \(ETS\)|the seasonal naive forecast \(same as 7 rows earlier\)): .* The naive forecast \(tomorrow = today\) has an average error of [\d.]+: the model is (better|worse)\./,
    );
  });
});

describeGpu('a training by parts', () => {
  beforeAll(() => {
    write('past.csv', pastCsv);
  });
  const train = (...more: string[]) =>
    lstmWebgpu(['train', 'past.csv', '--column', 'sales', ...SMALL, ...more, '--json']);

  test('explains how many rows of a future column a forecast needs, and where to append them', async () => {
    const run = await train('--future', 'weekday', '--horizon', '3', '--epochs', '1', '--model-out', 'f.st');
    expect(run.code, run.stderr).toBe(0);
    const next = await lstmWebgpu(['predict', 'f.st', write('week.csv', weekCsv), '--horizon', '4']);
    expect(next.stderr).toContain(
      'week.csv: the forecast needs "weekday" for the next 6 rows, and only 2 of them have it. Append 4 rows to the file with ' +
        '"weekday" filled in and "sales" empty.\n',
    );
    expect(next).toMatchObject({ code: 1, stdout: '' });
  });

  test('stops early, and keeps the best weights', async () => {
    const run = await train('--patience', '2', '--validation', '0.3', '--lr', '0.2', '--epochs', '60');
    const losses = events(run).flatMap(({ type, validationLoss }) =>
      type === 'epoch' ? [Number(validationLoss)] : [],
    );
    expect(losses.length).toBeLessThan(60);
    expect(losses.indexOf(Math.min(...losses))).toBe(losses.length - 1 - 2);
    expect(resultOf(run).epochs).toBe(losses.length);
  });

  test('forecasts quantiles in columns of their own, with a scale for each window', async () => {
    const args = ['--quantiles', '0.1,0.5,0.9', '--scale-per', 'window', '--epochs', '2', '--model-out', 'q.st'];
    const run = await train(...args, '--predictions-out', 'q.csv');
    expect(run.code, run.stderr).toBe(0);
    const { header, rows } = csvOf('q.csv');
    expect(header.slice(-4)).toEqual(['naive', 'q0.1', 'q0.5', 'q0.9']);
    for (const row of rows) expect(row.at(-2)).toBe(row[3]); // the middle quantile is the forecast
    const next = await lstmWebgpu(['predict', 'q.st', 'past.csv', '--json']);
    const { predicted, quantiles } = resultOf(next) as {
      predicted: number[];
      quantiles: { level: number; values: number[] }[];
    };
    expect(quantiles.map(({ level }) => level)).toEqual([0.1, 0.5, 0.9]);
    expect(quantiles[1]!.values).toEqual(predicted);
    for (const command of ['predict', 'evaluate']) {
      const unmeasured = await lstmWebgpu([command, 'q.st', 'past.csv', '--interval', '0.9']);
      expect(unmeasured.stderr).toContain('and this model had none; train it with --validation 0.2.');
      expect(unmeasured).toMatchObject({ code: 2, stdout: '' });
    }
    const other = await lstmWebgpu(['predict', 'q.st', 'past.csv', '--column', 'visits']);
    expect(other.stderr).toContain('The model was trained on the column "sales", whose scale is used for "visits".');
  });

  test('rejects incompatible options before it trains', async () => {
    const cases: [args: string[], code: number, message: RegExp][] = [
      [
        ['--interval', '0.9'],
        2,
        /--interval: intervals are measured on validation windows, and there are none; add --validation/,
      ],
      [
        ['--interval', '0.9', '--validation', '0.05'],
        2,
        /--interval: 3 validation windows are too few for intervals of 0\.9/,
      ],
      [['--quantiles', '0.5,0.1'], 2, /quantiles: got 0\.5, 0\.1, expected ascending numbers/],
      [
        ['--quantiles', '0.1;0.9'],
        2,
        /--quantiles: got "0\.1;0\.9", expected ascending numbers between 0 and 1, such as/,
      ],
      [['--quantiles', '0.1,0.9', '--loss', 'mse'], 2, /loss: got "mse", but the forecaster predicts quantiles/],
      [['--past', 'visits,,weekday'], 2, /--past: got "visits,,weekday", expected column names or indices/],
      [['--past', 'visitors'], 1, /past\.csv: past: got "visitors", but the file has .*2 "visits"/],
      [['--past', 'sales'], 2, /past: "sales" is already used by column/],
      [['--horizn', '2'], 2, /Unknown flag --horizn\. Did you mean --horizon\?/],
      [['--checkpoint', 'past.csv'], 2, /--checkpoint: past\.csv is also the input file/],
    ];
    await Promise.all(
      cases.map(async ([args, code, message]) => {
        const run = await lstmWebgpu(['train', 'past.csv', '--column', 'sales', '--rows', '95', ...args]);
        expect(run.stderr).toMatch(message);
        expect(run).toMatchObject({ code, stdout: '' });
      }),
    );
  });
});
