import { readFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { parseCsv } from '../../src/data/csv.ts';
import { backtest } from '../../src/forecast/backtest.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { parseModelFile } from '../../src/forecast/model_file.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { events, inFolder, lstmWebgpu, type Run, resultOf, TUTORIAL, write } from './command.ts';

const DAYS = 84;
const SHOPS = ['north', 'south', 'west'];
const day = (k: number) => new Date(Date.UTC(2024, 0, 1 + k)).toISOString().slice(0, 10);
const salesOf = (shop: number, k: number) =>
  (100 * (shop + 1) + 20 * Math.sin((2 * Math.PI * (k + shop)) / 7) + k / 3).toFixed(2);

/** Daily rows of three shops, of one that sells nothing, and of one that has just opened. */
function longCsv(shops = SHOPS): string {
  const rows: string[] = [];
  for (let k = 0; k < DAYS; k++) {
    for (const [n, shop] of shops.entries()) rows.push(`${day(k)},${shop},${salesOf(n, k)}`);
    rows.push(`${day(k)},closed,0`);
    if (k >= DAYS - 5) rows.push(`${day(k)},new,${k}`);
  }
  return `date,shop,sales\n${rows.join('\n')}\n`;
}

/** The same side by side; the shop that has just opened has no earlier numbers. */
function wideCsv(shops = SHOPS): string {
  const rows = Array.from({ length: DAYS }, (_, k) => {
    const cells = shops.map((_, n) => salesOf(n, k));
    return [day(k), ...cells, 0, k >= DAYS - 5 ? k : ''].join(',');
  });
  return `date,${shops.join(',')},closed,new\n${rows.join('\n')}\n`;
}

const SMALL = [...TUTORIAL, '--window', '7', '--horizon', '3', '--hidden', '4', '--batch', '16', '--epochs', '3'];
const TRAIN = ['train', 'shops.csv', ...SMALL];
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
    expect(next.stderr).toContain('no model was trained on the series "new"');
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
    expect(page).toContain('3 steps ahead for each of 3 series.');
    // like the scores of its test set in training, on the same rows
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
    // also beyond the model's horizon, up to the steps that --ahead has measured
    const far = ['predict', 'm.st', 'shops.csv', '--interval', '0.7', '--horizon'];
    expect(seriesOf(await lstmWebgpu([...far, '5', '--json']))[2]!.interval!.low).toHaveLength(5);
    expect((await lstmWebgpu([...far, '6'])).stderr).toContain('(train --ahead 6)');
    const unmeasured = await lstmWebgpu([...EACH, '--ahead', '5']);
    expect(unmeasured.stderr).toContain(
      '--ahead: intervals are measured on validation windows, and there are none; add --validation',
    );
    const alone = await lstmWebgpu(['predict', 'm.st', 'shops.csv']);
    expect(alone.stdout.split('\n')[3]).toMatch(new RegExp(`^south {2}${day(DAYS)} {2}[\\d.]+$`));
  });

  test('trains one model of all series with --global, which can forecast others', async () => {
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

  test('resumes from a checkpoint with its series, in any order in the file', async () => {
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
    expect(fewer.stderr).toContain('series "west", which the model was trained on: it is not in the file.');
    expect(fewer.code).toBe(1);
  });

  test('is required if a file has several series, and rejected if a model has one', async () => {
    write('shops.csv', longCsv());
    const without = await lstmWebgpu(TRAIN);
    expect(without.stderr).toContain('read them all (--id "shop", or readManySeries)');
    const ensemble = await lstmWebgpu([...EACH, '--ensemble', '2']);
    expect(ensemble.stderr).toContain('--ensemble: got 2, but each of several series has one model.');
    const alone = await lstmWebgpu([...TRAIN, '--global']);
    expect([alone.code, alone.stderr]).toEqual([
      2,
      expect.stringContaining('--global: the file is read as one series'),
    ]);
    const none = await lstmWebgpu([...EACH, '--window', '200']);
    expect(none.stderr).toContain('none of the 5 series can be used. The first, "north": series: got 84 rows');
    write(
      'one.csv',
      longCsv()
        .split('\n')
        .filter((line) => !/south|west|closed|new/.test(line))
        .join('\n'),
    );
    const one = [
      'train',
      'one.csv',
      ...TUTORIAL,
      '--window',
      '7',
      '--epochs',
      '1',
      '--batch',
      '16',
      '--model-out',
      'one.st',
    ];
    expect((await lstmWebgpu(one)).code).toBe(0);
    const asked = await lstmWebgpu(['predict', 'one.st', 'shops.csv', '--id', 'shop']);
    expect(asked.stderr).toContain('--id: the model was trained on one series.');
  });
});

describeGpu('--columns', () => {
  const COLUMNS = 'north,south,west,closed,new';
  const train = (...more: string[]) => lstmWebgpu(['train', 'wide.csv', '--columns', COLUMNS, ...SMALL, ...more]);
  beforeEach(() => {
    write('shops.csv', longCsv());
    write('wide.csv', wideCsv());
  });

  test('gives bit-identical trainings, forecasts and scores as --id for the same series under one another', async () => {
    const both = async (args: (form: 'long' | 'wide') => string[]) => {
      const [long, wide] = [
        await lstmWebgpu([...args('long'), '--json']),
        await lstmWebgpu([...args('wide'), '--json']),
      ];
      expect(seriesOf(wide)).toEqual(seriesOf(long));
      return wide;
    };
    const naming = { long: ['shops.csv', '--id', 'shop'], wide: ['wide.csv', '--columns', COLUMNS] };
    const more = (form: string) => ['--calendar', 'auto', '--model-out', `${form}.st`, '--chart-out', `${form}.html`];
    const trained = await both((form) => ['train', ...naming[form], ...SMALL, ...more(form)]);
    expect(trained.stderr).toContain('\n3 series: "north", "south", "west".\n');
    expect(trained.stderr).toContain('Left out "closed": MinMaxScaler: the values range from 0 to 0');
    expect(trained.stderr).toContain('Left out "new": CSV row 2, column "new": got ""');
    const data = events(trained).find(({ type }) => type === 'data')!;
    expect(data).not.toHaveProperty('column');
    const { ids, shape } = parseModelFile(readFileSync(inFolder('wide.st')));
    expect([ids, shape.idColumn, shape.target]).toEqual([SHOPS, undefined, undefined]);
    expect(readFileSync(inFolder('wide.html'), 'utf8').match(/data-chart>/g)).toHaveLength(3);

    const file = { long: ['long.st', 'shops.csv'], wide: ['wide.st', 'wide.csv'] };
    await both((form) => ['predict', ...file[form], '--horizon', '5', '--predictions-out', `${form}_next.csv`]);
    const [long, wide] = ['long', 'wide'].map((form) => readFileSync(inFolder(`${form}_next.csv`), 'utf8'));
    expect(wide).toBe(long);
    expect(wide).toMatch(/^series,step,date,predicted\nnorth,1,/);
    await both((form) => ['evaluate', ...file[form], '--test-rows', '20']);
    const folds = ['--folds', '2', '--test-rows', '14'];
    const tested = await both((form) => ['backtest', ...naming[form], ...SMALL, ...folds]);
    expect(resultOf(tested)).toMatchObject({ folds: 2 });
  });

  test('resumes from a checkpoint, and continues from weights, in the columns of the training', async () => {
    const whole = await train('--model-out', 'whole.st', '--checkpoint', 'c.st');
    expect(whole.code, whole.stderr).toBe(0);
    const resumed = await lstmWebgpu(['train', 'wide.csv', '--resume', 'c.st', '--model-out', 'resumed.st']);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(readFileSync(inFolder('resumed.st')).equals(readFileSync(inFolder('whole.st')))).toBe(true);
    write('other.csv', wideCsv().replace(/,\d+\.\d+,/g, ',99,'));
    const other = await lstmWebgpu(['train', 'other.csv', '--resume', 'c.st']);
    expect(other.stderr).toContain('other.csv: its 84 rows of "north" are not the values that c.st was trained on');
    const further = ['train', 'wide.csv', '--from', 'whole.st', '--epochs', '1', '--model-out', 'on.st', '--json'];
    expect(seriesOf(await lstmWebgpu(further)).map(({ id }) => id)).toEqual(SHOPS);
    // the same models for the file in its other form
    expect(seriesOf(await lstmWebgpu(['predict', 'whole.st', 'shops.csv', '--id', 'shop', '--json']))).toEqual(
      seriesOf(await lstmWebgpu(['predict', 'whole.st', 'wide.csv', '--json'])),
    );
  });

  test('trains one model of all columns with --global, which can forecast others', async () => {
    const trained = await train('--global', '--model-out', 'all.st', '--json');
    expect(seriesOf(trained)).toHaveLength(3);
    write('east.csv', wideCsv(['north', 'east']));
    const next = await lstmWebgpu(['predict', 'all.st', 'east.csv', '--columns', 'east,1', '--json']);
    expect(seriesOf(next).map(({ id }) => id)).toEqual(['east', 'north']);
  });

  test('rejects two ways to name series, and a file without the columns of the training, with what to do', async () => {
    const refused = async (message: string, ...args: string[]) => {
      const { code, stderr } = await lstmWebgpu(args);
      expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining(message)]);
      return code;
    };
    const both = ['train', 'wide.csv', '--columns', 'north,south'];
    expect(await refused('--columns and --id: give one of the two', ...both, '--id', 'date')).toBe(2);
    expect(await refused('--columns and --column: give one of the two', ...both, '--column', 'west')).toBe(2);
    await refused('columns: "north" is already used by columns.', 'train', 'wide.csv', '--columns', 'north,1');
    await refused('past: "north" is already used by columns.', ...both, '--past', 'north');
    expect((await train('--model-out', 'm.st')).code).toBe(0);
    const where = 'Give their columns with --columns, or the column that names them with --id.';
    const notThere =
      'columns: got "north", but the file has 0 "date", 1 "shop", 2 "sales". Use one of these names or indices. ';
    await refused(`${notThere}The model was trained on this series. ${where}`, 'predict', 'm.st', 'shops.csv');
    const of = 'the model was trained on several series: ';
    await refused(`--column: got "west", but ${of}`, 'evaluate', 'm.st', 'wide.csv', '--column', 'west');
    const one = ['train', 'wide.csv', '--column', 'west', ...SMALL, '--model-out', 'one.st'];
    expect((await lstmWebgpu(one)).code).toBe(0);
    const asked = ['predict', 'one.st', 'wide.csv', '--columns', 'west'];
    await refused('--columns: the model was trained on one series. Train it with --columns', ...asked);
  });

  test('does not read columns by index for a model whose series have numbers as ids', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 7, hiddenSize: 4, ensemble: 2 });
    const series = [1, 2].map((n) => ({ id: String(n), target: Array.from({ length: 40 }, (_, k) => +salesOf(n, k)) }));
    await forecaster.fit(series, { epochs: 1, batchSize: 16 });
    write('program.st', await forecaster.save());
    const { code, stderr } = await lstmWebgpu(['predict', 'program.st', 'wide.csv']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('wide.csv: the model was trained on the series ["1","2"], and no column has such a name'),
    ]);
    const named = `date,1,2\n${wideCsv(['1', '2']).split('\n').slice(1).join('\n')}`.replace(/(,0,\d*)$/gm, '');
    write('named.csv', named);
    expect(seriesOf(await lstmWebgpu(['predict', 'program.st', 'named.csv', '--json'])).map(({ id }) => id)).toEqual([
      '1',
      '2',
    ]);
  });
});

describeGpu('backtest --id', () => {
  test('gives each series the folds and scores of its own backtest, and writes every scored row', async () => {
    write('shops.csv', longCsv());
    const shape = [
      ...TUTORIAL,
      '--window',
      '7',
      '--hidden',
      '4',
      '--batch',
      '16',
      '--epochs',
      '2',
      '--plan',
      'timestep',
    ];
    const args = ['backtest', 'shops.csv', '--id', 'shop', ...shape, '--folds', '2', '--test-rows', '14'];
    const more = ['--validation', '0.3', '--interval', '0.7', '--season', '7', '--predictions-out', 'folds.csv'];
    const run = await lstmWebgpu([...args, ...more, '--json']);
    const lines = events(run);
    const scores = seriesOf(run);
    expect(scores.map(({ id }) => id)).toEqual(SHOPS);
    const data = lines.find(({ type }) => type === 'data') as { leftOut: { id: string }[] };
    expect(data.leftOut.map(({ id }) => id)).toEqual(['closed', 'new']);
    const folds = lines.filter(({ type }) => type === 'fold');
    expect(folds.map(({ id, fold }) => [id, fold])).toEqual(SHOPS.flatMap((id) => [1, 2].map((fold) => [id, fold])));
    const series = SHOPS.map((_, n) => Array.from({ length: DAYS }, (_, k) => Number(salesOf(n, k))));
    const options = {
      ...{ device: testDevice(), folds: 2, testRows: 14, interval: 0.7, season: 7 },
      model: { windowLength: 7, hiddenSize: 4 },
      fit: { epochs: 2, batchSize: 16, validation: 0.3, plan: 'timestep' },
    } as const;
    const expected = await backtest(series, options);
    expect(expected[1]!.metrics).toEqual((await backtest(series[1]!, options)).metrics); // like alone, bit for bit
    expect(scores).toMatchObject(expected.map(({ metrics }) => metrics));
    expect(resultOf(run)).toMatchObject({ folds: 2, testRows: 84 });
    expect(resultOf(run).verdict).toMatch(/for \d of 3 series/);
    const table = parseCsv(readFileSync(inFolder('folds.csv')));
    expect(table.columns.slice(0, 4).map(({ name }) => name)).toEqual(['series', 'fold', 'row', 'date']);
    expect(table.numRows).toBe(3 * 2 * 14);

    const { stdout, code } = await lstmWebgpu(args);
    expect(code).toBe(0);
    expect(stdout).toContain('south, Fold [1/2], RMSE: ');
    expect(stdout).toContain('\nScores over the 84 test rows of 2 folds of each of 3 series, one step ahead:\n');
    expect(stdout).toMatch(/\n {2}south +[\d.]+ +[\d.]+/);
    await expect(backtest([series[0]!, [1, 2]], options)).rejects.toThrow(/^series 2 of 2: backtest: got 2 rows/);
  });
});
