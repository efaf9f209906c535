import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCsv } from '../../src/data/csv.ts';
import { backtest } from '../../src/forecast/backtest.ts';
import { parseModelFile } from '../../src/forecast/model_file.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { events, inFolder, lstmWebgpu, type Run, resultOf, write } from './command.ts';

const DAYS = 84;
const SHOPS = ['north', 'south', 'west'];
const day = (k: number) => new Date(Date.UTC(2024, 0, 1 + k)).toISOString().slice(0, 10);
const salesOf = (shop: number, k: number) =>
  (100 * (shop + 1) + 20 * Math.sin((2 * Math.PI * (k + shop)) / 7) + k / 3).toFixed(2);

/** Rows of three shops by the day, of one that sells nothing, and of one that has just opened. */
function longCsv(shops = SHOPS): string {
  const rows: string[] = [];
  for (let k = 0; k < DAYS; k++) {
    for (const [n, shop] of shops.entries()) rows.push(`${day(k)},${shop},${salesOf(n, k)}`);
    rows.push(`${day(k)},closed,0`);
    if (k >= DAYS - 5) rows.push(`${day(k)},new,${k}`);
  }
  return `date,shop,sales\n${rows.join('\n')}\n`;
}

const TRAIN = [
  'train',
  'shops.csv',
  '--window',
  '7',
  '--horizon',
  '3',
  '--hidden',
  '6',
  '--batch',
  '16',
  '--epochs',
  '3',
];
const EACH = [...TRAIN, '--id', 'shop'];

interface SeriesResult {
  id: string;
  mae: number;
  testRows: number;
  predicted: number[];
  dates: string[];
  interval?: { low: number[] };
}
const seriesOf = (run: Run): SeriesResult[] => {
  expect(run.code, run.stderr).toBe(0);
  return (resultOf(run) as { series: SeriesResult[] }).series;
};

describeGpu('--id', () => {
  test('trains a model of each series, and forecasts each with its dates', async () => {
    write('shops.csv', longCsv());
    const files = ['--model-out', 'm.st', '--predictions-out', 'test.csv', '--chart-out', 'test.html'];
    const trained = await lstmWebgpu([
      ...EACH,
      '--calendar',
      'auto',
      '--validation',
      '0.2',
      '--ahead',
      '5',
      ...files,
      '--json',
    ]);
    const scores = seriesOf(trained);
    expect(scores.map(({ id }) => id)).toEqual(SHOPS);
    expect(resultOf(trained).verdict).toMatch(/^Better than the best rule without a model for \d of 3 series, /);
    const data = events(trained).find(({ type }) => type === 'data') as { leftOut: { id: string; reason: string }[] };
    expect(data.leftOut.map(({ id }) => id)).toEqual(['closed', 'new']);
    expect(data.leftOut[0]!.reason).toContain('A constant series has nothing to learn');
    expect(data.leftOut[1]!.reason).toContain('got 5 rows');
    expect(trained.stderr).toContain('3 series in "shop".');
    expect(trained.stderr).toContain('Left out "closed":');
    const { ids, members, shape } = parseModelFile(readFileSync(inFolder('m.st')));
    expect([ids, members.length, shape.idColumn, shape.config.inputSize]).toEqual([SHOPS, 3, 'shop', 5]);
    const table = parseCsv(readFileSync(inFolder('test.csv')));
    expect(table.columns.slice(0, 4).map(({ name }) => name)).toEqual(['series', 'row', 'date', 'step']);
    expect(table.numRows).toBe(scores.reduce((sum, { testRows }) => sum + 3 * testRows, 0));

    const out = ['--predictions-out', 'next.csv', '--chart-out', 'next.html'];
    const next = await lstmWebgpu(['predict', 'm.st', 'shops.csv', '--interval', '0.7', ...out, '--json']);
    const forecasts = seriesOf(next);
    expect(forecasts.map(({ id }) => id)).toEqual(SHOPS);
    for (const { dates, predicted, interval } of forecasts) {
      expect(dates).toEqual([day(DAYS), day(DAYS + 1), day(DAYS + 2)]);
      expect([predicted.length, interval!.low.length]).toEqual([3, 3]);
    }
    expect(next.stderr).toContain('no model has learned the series "new"');
    const written = readFileSync(inFolder('next.csv'), 'utf8').trim().split('\n');
    expect(written).toHaveLength(10);
    expect(written[0]).toBe('series,step,date,predicted,low,high');
    expect(written[4]).toBe(
      `south,1,${day(DAYS)},${forecasts[1]!.predicted[0]},${forecasts[1]!.interval!.low[0]},${
        (forecasts[1]!.interval as unknown as { high: number[] }).high[0]
      }`,
    );
    const page = readFileSync(inFolder('next.html'), 'utf8');
    expect(page.match(/data-chart>/g)).toHaveLength(3);
    expect(page).toContain('3 values ahead for each of 3 series.');
    // as it scores its test part when it is trained, by the same rows
    const again = await lstmWebgpu([
      'evaluate',
      'm.st',
      'shops.csv',
      '--test-rows',
      String(scores[0]!.testRows + 2),
      '--json',
    ]);
    for (const [k, { mae }] of seriesOf(again).entries()) expect(mae).toBeCloseTo(scores[k]!.mae, 3);
    expect(again.stderr).toContain('Left out "new"');
    // also of more rows than the model forecasts at once, up to those that --ahead has measured
    const far = ['predict', 'm.st', 'shops.csv', '--interval', '0.7', '--horizon'];
    expect(seriesOf(await lstmWebgpu([...far, '5', '--json']))[2]!.interval!.low).toHaveLength(5);
    expect((await lstmWebgpu([...far, '6'])).stderr).toContain('(train --ahead 6)');
    const unmeasured = await lstmWebgpu([...EACH, '--ahead', '5']);
    expect(unmeasured.stderr).toContain(
      '--ahead: intervals are measured on windows kept from training; add --validation',
    );
    const alone = await lstmWebgpu(['predict', 'm.st', 'shops.csv']);
    expect(alone.stdout.split('\n')[3]).toMatch(new RegExp(`^south {2}${day(DAYS)} {2}[\\d.]+$`));
  });

  test('trains one model of all series with --global, which forecasts others, too', async () => {
    write('shops.csv', longCsv());
    const trained = await lstmWebgpu([...EACH, '--global', '--model-out', 'all.st', '--json']);
    expect(seriesOf(trained)).toHaveLength(3);
    expect(parseModelFile(readFileSync(inFolder('all.st'))).members).toHaveLength(1);
    write('other.csv', longCsv(['north', 'south', 'east']));
    const next = await lstmWebgpu(['predict', 'all.st', 'other.csv', '--json']);
    const forecasts = seriesOf(next);
    expect(forecasts.map(({ id }) => id)).toEqual(['north', 'south', 'east']);
    expect(forecasts[2]!.predicted.every((value) => value > 200 && value < 500)).toBe(true);
    expect(next.stderr).toContain('Left out "closed":');
    const scored = await lstmWebgpu(['evaluate', 'all.st', 'other.csv', '--test-rows', '20', '--json']);
    expect(seriesOf(scored).map(({ id }) => id)).toEqual(['north', 'south', 'east']);
    const onward = [
      ...['train', 'other.csv', '--from', 'all.st', '--scaler-fit', 'train', '--epochs', '1', '--model-out'],
    ];
    expect(seriesOf(await lstmWebgpu([...onward, 'on.st', '--json']))).toHaveLength(3);
    expect(parseModelFile(readFileSync(inFolder('on.st'))).ids).toEqual(['north', 'south', 'east']);
  });

  test('goes on from a checkpoint with the series it had, whatever their order in the file', async () => {
    write('shops.csv', longCsv());
    const whole = await lstmWebgpu([...EACH, '--model-out', 'whole.st', '--checkpoint', 'c.st', '--json']);
    expect(whole.code, whole.stderr).toBe(0);
    write('turned.csv', longCsv(SHOPS).split('\n').toSorted().toReversed().join('\n'));
    const lines = longCsv().trim().split('\n');
    write(
      'mixed.csv',
      [lines[0], ...lines.slice(1).toSorted((a, b) => b.split(',')[1]!.localeCompare(a.split(',')[1]!))].join('\n'),
    );
    const resumed = await lstmWebgpu(['train', 'mixed.csv', '--resume', 'c.st', '--model-out', 'resumed.st', '--json']);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(readFileSync(inFolder('resumed.st')).equals(readFileSync(inFolder('whole.st')))).toBe(true);
    write('fewer.csv', longCsv(['north', 'south']));
    const fewer = await lstmWebgpu(['train', 'fewer.csv', '--resume', 'c.st']);
    expect(fewer.stderr).toContain('series "west", which was trained on: it is not in the file.');
    expect(fewer.code).toBe(1);
  });

  test('is asked for where a file has several series, and refused where a model has one', async () => {
    write('shops.csv', longCsv());
    const without = await lstmWebgpu(TRAIN);
    expect(without.stderr).toContain('read them all (--id "shop", or readManySeries)');
    const ensemble = await lstmWebgpu([...EACH, '--ensemble', '2']);
    expect(ensemble.stderr).toContain('--ensemble: got 2, but with --id every series has one model.');
    const alone = await lstmWebgpu([...TRAIN, '--global']);
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('--global: there is one series')]);
    const none = await lstmWebgpu([...EACH, '--window', '200']);
    expect(none.stderr).toContain('none of the 5 series can be used. The first, "north": series: got 84 rows');
    write(
      'one.csv',
      longCsv()
        .split('\n')
        .filter((line) => !/south|west|closed|new/.test(line))
        .join('\n'),
    );
    const one = ['train', 'one.csv', '--window', '7', '--epochs', '1', '--batch', '16', '--model-out', 'one.st'];
    expect((await lstmWebgpu(one)).code).toBe(0);
    const asked = await lstmWebgpu(['predict', 'one.st', 'shops.csv', '--id', 'shop']);
    expect(asked.stderr).toContain('--id: the model was trained on one series.');
  });
});

describeGpu('backtest --id', () => {
  test('gives each series the folds and scores of its own backtest, and writes every scored row', async () => {
    write('shops.csv', longCsv());
    const shape = ['--window', '7', '--hidden', '4', '--batch', '16', '--epochs', '2', '--plan', 'timestep'];
    const args = ['backtest', 'shops.csv', '--id', 'shop', ...shape, '--folds', '2', '--test-rows', '14'];
    const more = ['--validation', '0.3', '--interval', '0.7', '--season', '7', '--predictions-out', 'folds.csv'];
    const run = await lstmWebgpu([...args, ...more, '--json']);
    const told = events(run);
    const scores = seriesOf(run);
    expect(scores.map(({ id }) => id)).toEqual(SHOPS);
    const data = told.find(({ type }) => type === 'data') as { leftOut: { id: string }[] };
    expect(data.leftOut.map(({ id }) => id)).toEqual(['closed', 'new']);
    const folds = told.filter(({ type }) => type === 'fold');
    expect(folds.map(({ id, fold }) => [id, fold])).toEqual(SHOPS.flatMap((id) => [1, 2].map((fold) => [id, fold])));
    const series = SHOPS.map((_, n) => Array.from({ length: DAYS }, (_, k) => Number(salesOf(n, k))));
    const options = {
      ...{ device: testDevice(), folds: 2, testRows: 14, interval: 0.7, season: 7 },
      model: { windowLength: 7, hiddenSize: 4 },
      fit: { epochs: 2, batchSize: 16, validation: 0.3, plan: 'timestep' },
    } as const;
    const expected = await backtest(series, options);
    expect(expected[1]!.metrics).toEqual((await backtest(series[1]!, options)).metrics); // as it does alone, bit for bit
    expect(scores).toMatchObject(expected.map(({ metrics }) => metrics));
    expect(resultOf(run)).toMatchObject({ folds: 2, testRows: 84 });
    expect(resultOf(run).verdict).toMatch(/for \d of 3 series/);
    const table = parseCsv(readFileSync(inFolder('folds.csv')));
    expect(table.columns.slice(0, 4).map(({ name }) => name)).toEqual(['series', 'fold', 'row', 'date']);
    expect(table.numRows).toBe(3 * 2 * 14);

    const { stdout, code } = await lstmWebgpu(args);
    expect(code).toBe(0);
    expect(stdout).toContain('south, Fold [1/2], RMSE: ');
    expect(stdout).toContain('\nScores over the 84 test rows of 2 folds of each of 3 series, one row ahead:\n');
    expect(stdout).toMatch(/\n {2}south +[\d.]+ +[\d.]+/);
    await expect(backtest([series[0]!, [1, 2]], options)).rejects.toThrow(/^series 2 of 2: backtest: got 2 rows/);
  });
});
