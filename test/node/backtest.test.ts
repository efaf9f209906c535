import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { backtest } from '../../src/forecast/backtest.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { events, inFolder, lstmWebgpu, NUM_ROWS, QUICK, wave, waveCsv, write } from './command.ts';

describeGpu('lstm-webgpu backtest', () => {
  const args = ['backtest', 'wave.csv', ...QUICK, '--folds', '3', '--test-rows', '6', '--scheme', 'sliding'];
  const more = ['--validation', '0.3', '--interval', '0.7', '--season', '5'];
  beforeAll(() => {
    write('wave.csv', waveCsv);
  });

  test('prints a line per fold and the numbers of the library, and writes every scored row', async () => {
    const run = await lstmWebgpu([...args, ...more, '--predictions-out', 'folds.csv', '--json']);
    expect(run.code, run.stderr).toBe(0);
    const expected = await backtest(
      wave.map(({ value }) => Number(value)),
      {
        ...{ device: testDevice(), folds: 3, testRows: 6, scheme: 'sliding', interval: 0.7, season: 5 },
        model: { hiddenSize: 4, windowLength: 5 },
        fit: { epochs: 2, batchSize: 8, validation: 0.3 },
      },
    );
    const lines = events(run);
    expect(lines.map(({ type }) => type)).toEqual(['device', 'data', 'fold', 'fold', 'fold', 'result']);
    const folds = expected.folds.map(({ firstRow, trainRows, testRows, evaluation: { metrics } }, k) => ({
      ...{ fold: k + 1, firstRow, trainRows, testRows, ...metrics },
    }));
    expect(lines.slice(2, -1)).toMatchObject(folds);
    expect(folds.map(({ firstRow, trainRows }) => [firstRow, trainRows])).toEqual([
      [0, 42],
      [6, 48],
      [12, 54],
    ]);
    expect(lines.at(-1)).toMatchObject({ ...expected.metrics, folds: 3, testRows: 18, season: 5 });
    expect(Object.keys(lines.at(-1)!.baselines as object)).toContain('seasonalNaive');
    const [header, ...rows] = readFileSync(inFolder('folds.csv'), 'utf8').trimEnd().split('\n');
    expect(header).toBe('fold,row,date,actual,predicted,naive,low,high');
    const places = rows.map((row) => row.split(',').slice(0, 3));
    const scored = Array.from({ length: 18 }, (_, k) => NUM_ROWS - 18 + k);
    expect(places).toEqual(scored.map((row, k) => [`${1 + Math.floor(k / 6)}`, `${row + 1}`, wave[row]!.date]));
  });

  test('prints the folds, the score of all of them, and the verdict', async () => {
    const { code, stdout } = await lstmWebgpu(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Fold \[1\/3\], RMSE: [\d.]+ \(naive [\d.]+\), MASE: [\d.]+, trained on rows 1 to 42, tested on 43 to 48\n/,
    );
    expect(stdout).toContain('\nScores over the 18 test rows of 3 folds, one step ahead:\n');
    expect(stdout).toMatch(/\n(Better|Worse) than (the naive forecast|exponential smoothing)/);
  });

  test.each([
    ['the horizon of the model', ['--horizon', '3'], { horizon: 3 }, undefined],
    ['another one that is requested', ['--ahead', '3'], {}, 3],
  ])('scores over all steps of %s', async (_, flags, model, ahead) => {
    const run = await lstmWebgpu([...args, ...flags, '--json']);
    expect(run.code, run.stderr).toBe(0);
    const expected = await backtest(
      wave.map(({ value }) => Number(value)),
      {
        ...{ device: testDevice(), folds: 3, testRows: 6, ...(ahead && { ahead }) },
        model: { hiddenSize: 4, windowLength: 5, ...model },
        fit: { epochs: 2, batchSize: 8 },
      },
    );
    expect(events(run).at(-1)).toMatchObject({ ...expected.metrics, ahead: 3, testRows: 12 });
    const lines = (await lstmWebgpu([...args, ...flags])).stdout;
    expect(lines).toContain('\nScores from 12 origins in 3 folds, over 3 steps ahead:\n');
    expect(lines).toMatch(/\n {2}ahead .*\n {2}1 .*\n {2}2 .*\n {2}3 /);
  });

  test('reports errors before it trains, and stops by Ctrl-C', async () => {
    const wrong: [args: string[], code: number, message: RegExp][] = [
      [['--folds', '1'], 2, /--folds: got "1", expected a whole number of at least 2/],
      [['--folds', '9', '--test-rows', '7'], 1, /got 60 rows, but 9 folds of 7 rows need more than 63/],
      [['--sheme', 'sliding'], 2, /Unknown flag --sheme\. Did you mean --scheme\?/],
      [['--split', '0.5'], 2, /Unknown flag --split\./],
      [['--interval', '0.9'], 2, /--interval: .*--validation/],
    ];
    await Promise.all(
      wrong.map(async ([more, code, message]) => {
        const run = await lstmWebgpu(['backtest', 'wave.csv', ...more]);
        expect(run.stderr).toMatch(message);
        expect(run).toMatchObject({ code, stdout: '' });
      }),
    );
    let sent = false;
    const run = await lstmWebgpu([...args, '--epochs', '100000'], {
      watch: (child, { stderr }) => {
        if (sent || !stderr.includes('Column')) return;
        sent = true;
        setTimeout(() => child.kill('SIGINT'), 1000);
      },
    });
    expect(run.stderr).toContain('lstm-webgpu: Stopped by SIGINT.\n');
    expect(run).toMatchObject({ code: 130, stdout: '' });
  });
});
