import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { english } from '../../src/report/format.ts';
import { describeGpu } from '../gpu/device.ts';
import { testWith } from '../skips.ts';
import {
  built,
  events,
  inFolder,
  lstmWebgpu,
  NUM_ROWS,
  QUICK,
  type Run,
  resultOf,
  TUTORIAL,
  wave,
  waveCsv,
  write,
} from './command.ts';

const SP500 = 'node_modules/vega-datasets/data/sp500-2000.csv';

const csvRows = (name: string): string[][] =>
  readFileSync(inFolder(name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

const rmse = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, value, k) => sum + (value - b[k]!) ** 2, 0) / a.length);

describeGpu('lstm-webgpu train', () => {
  let run: Run;
  beforeAll(async () => {
    write('wave.csv', waveCsv);
    const outputs = ['--model-out', 'out/a/model.safetensors', '--predictions-out', 'out/test.csv'];
    run = await lstmWebgpu(['train', 'wave.csv', ...QUICK, ...outputs, '--json']);
  });

  test('--json prints device, data, an event per epoch and the result, and nothing else', () => {
    expect(run.code).toBe(0);
    const [device, data, ...rest] = events(run);
    expect(device).toMatchObject({ type: 'device', name: expect.any(String), vendor: expect.any(String) });
    expect(typeof device!.software).toBe('boolean');
    expect(data).toMatchObject({ type: 'data', file: 'wave.csv', column: 'close', rows: NUM_ROWS });
    expect(data!.note).toContain('chosen by its usual name (use --column to change it');
    expect(rest.map(({ type }) => type)).toEqual(['epoch', 'epoch', 'result']);
    for (const [k, epoch] of rest.slice(0, -1).entries()) {
      expect(Object.keys(epoch)).toEqual(['type', 'epoch', 'loss', 'lastLoss', 'stepsPerSecond']);
      expect(epoch.epoch).toBe(k + 1);
      for (const name of ['loss', 'lastLoss', 'stepsPerSecond']) expect(epoch[name]).toBeGreaterThan(0);
    }
    // 55 windows, int(0.8 * 55) = 44 of them to train on: 6 batches of at most 8, twice
    expect(rest.at(-1)).toMatchObject({ plan: 'resident', steps: 12, testRows: 11, epochs: 2 });
    for (const name of ['rmse', 'mae', 'mape', 'smape', 'mase', 'naiveRmse', 'naiveMae', 'relativeMae'])
      expect(rest.at(-1)![name], name).toBeGreaterThan(0);
    for (const name of ['submits', 'dispatches', 'seconds']) expect(rest.at(-1)![name], name).toBeGreaterThan(0);
  });

  test('progress and notes go to stderr, without control characters if it is not a terminal', () => {
    expect(run.stderr).toContain('Device: ');
    expect(run.stderr).toContain('44 windows to train on, 11 to test on');
    expect(run.stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  test('--predictions-out has the test rows with their dates, and the scores match', () => {
    const [header, ...rows] = csvRows('out/test.csv');
    expect(header).toEqual(['row', 'date', 'actual', 'predicted', 'naive']);
    const first = NUM_ROWS - 11;
    expect(rows.map(([row]) => Number(row))).toEqual(Array.from({ length: 11 }, (_, k) => first + k + 1));
    expect(rows.map((row) => row[1])).toEqual(wave.slice(first).map(({ date }) => date));
    expect(rows.map((row) => Number(row[2]))).toEqual(wave.slice(first).map(({ value }) => Number(value)));
    expect(rows.map((row) => Number(row[4]))).toEqual(wave.slice(first - 1, -1).map(({ value }) => Number(value)));
    const column = (k: number) => rows.map((row) => Number(row[k]));
    expect(rmse(column(2), column(3))).toBeCloseTo(resultOf(run).rmse as number, 10);
    expect(rmse(column(2), column(4))).toBeCloseTo(resultOf(run).naiveRmse as number, 10);
  });

  test('missing folders are created, and only the outputs are left in them', () => {
    expect(readdirSync(inFolder('out'), { recursive: true }).sort()).toEqual(['a', 'a/model.safetensors', 'test.csv']);
  });

  test('from all rows but the last, the model predicts the same as training did for the last', async () => {
    write('shorter.csv', waveCsv.split('\n').slice(0, -2).join('\n'));
    const args = ['predict', 'out/a/model.safetensors', 'shorter.csv', '--horizon', '3'];
    const predicted = await lstmWebgpu([...args, '--predictions-out', 'next.csv']);
    const lines = predicted.stdout.trimEnd().split('\n');
    const dates = ['2024-02-29', '2024-03-01', '2024-03-02']; // in the format of the file, after its last date
    expect(lines.map((line) => line.split('  ')[0])).toEqual(dates);
    const [header, ...rows] = csvRows('next.csv');
    expect(header).toEqual(['step', 'date', 'predicted']);
    expect(rows.map((row) => row.slice(0, 2))).toEqual(dates.map((date, k) => [String(k + 1), date]));
    const values = rows.map((row) => Number(row[2]));
    expect(values[0]).toBeCloseTo(Number(csvRows('out/test.csv').at(-1)![3]), 4);
    expect(lines.map((line) => line.split('  ')[1])).toEqual(values.map((value) => english.value(value))); // fewer digits
    const asJson = await lstmWebgpu([...args, '--json']);
    expect(events(asJson).map(({ type }) => type)).toEqual(['device', 'data', 'result']);
    expect(resultOf(asJson)).toMatchObject({ horizon: 3, predicted: values, dates });
  });

  test("prints the tutorial's line per epoch, the scores next to the naive forecast's, and a verdict", async () => {
    const { code, stdout } = await lstmWebgpu(['train', 'wave.csv', ...QUICK]);
    expect(code).toBe(0);
    const epochs = events(run).filter(({ type }) => type === 'epoch') as { loss: number; lastLoss: number }[];
    const lines = epochs.map(
      ({ loss, lastLoss }, k) => `Epoch [${k + 1}/2], Loss: ${lastLoss.toPrecision(5)} (mean ${loss.toPrecision(5)})\n`,
    );
    expect(stdout.startsWith(lines.join(''))).toBe(true);
    expect(stdout).toMatch(
      /model +naive +ETS\n +RMSE( +[\d.]+){3}\n +MAE( +[\d.]+){3}\n +MAPE .*\n +MASE( +[\d.]+){3}\n/,
    );
    expect(stdout).toMatch(
      /\n(Better|Worse) than (the naive forecast \(tomorrow = today\)|exponential smoothing \(ETS\)): average error /,
    );
    expect(stdout).toMatch(/\nPlan resident: 12 steps in /);
  });

  test('a software adapter is reported as one', async () => {
    const { stdout, stderr } = await lstmWebgpu(['devices']);
    const line = events(await lstmWebgpu(['devices', '--json']))[0]!;
    expect(stdout.startsWith(`${line.name}${line.software ? ' (software adapter: runs on the CPU)' : ''}\n`)).toBe(
      true,
    );
    expect(stderr).toBe('');
    expect(line.limits).toMatchObject({ maxBufferSize: expect.any(Number) });
    expect(run.stderr.includes('software adapter')).toBe(line.software);
  });

  test('the same file gives the same numbers from stdin, with decimal commas, and with the newest row first', async () => {
    const { rmse, mae, mase, naiveRmse, steps, verdict } = resultOf(run);
    const expected = { rmse, mae, mase, naiveRmse, steps, verdict };
    const rows = wave.map(({ date, value }) => `${date.split('-').reverse().join('.')};${value.replace('.', ',')}`);
    write('komma.csv', ['Datum;Schlusskurs', ...rows, ''].join('\r\n'));
    write('newest.csv', ['Date,Close', ...wave.map(({ date, value }) => `${date},${value}`).reverse()].join('\n'));
    for (const [name, stdin] of [['-', waveCsv], ['komma.csv'], ['newest.csv']] as const)
      expect(resultOf(await lstmWebgpu(['train', name, ...QUICK, '--json'], { stdin })), name).toMatchObject(expected);
  });

  test('--rows uses the last rows, and --column any other column', async () => {
    const args = ['--rows', '40', '--column', '1', '--predictions-out', 'volume.csv', '--json'];
    const [, data] = events(await lstmWebgpu(['train', 'wave.csv', ...QUICK, ...args]));
    expect(data).toMatchObject({ column: 'volume', rows: 40, trainWindows: 28, testWindows: 7 });
    expect(csvRows('volume.csv').at(-1)!.slice(0, 3)).toEqual(['40', wave.at(-1)!.date, String(NUM_ROWS - 1)]);
  });

  test('--missing drop and interpolate train on a file with holes', async () => {
    write('holes.csv', waveCsv.replace(/(2024-01-09,8,).*/, '$1'));
    const rowsWith = async (policy: string) =>
      events(await lstmWebgpu(['train', 'holes.csv', ...QUICK, '--missing', policy, '--json']))[1];
    expect(await rowsWith('drop')).toMatchObject({ rows: NUM_ROWS - 1, note: expect.stringContaining('1 row') });
    expect(await rowsWith('interpolate')).toMatchObject({ rows: NUM_ROWS, note: expect.stringContaining('1 hole') });
  });

  test('a file without dates gives predictions without them', async () => {
    write('bare.csv', wave.map(({ value }) => value).join('\n'));
    await lstmWebgpu(['train', 'bare.csv', ...QUICK, '--predictions-out', 'bare-test.csv']);
    expect(csvRows('bare-test.csv')[0]).toEqual(['row', 'actual', 'predicted', 'naive']);
  });

  test('--ensemble trains several models, and writes their mean and spread', async () => {
    const outputs = ['--predictions-out', 'many.csv', '--chart-out', 'many.html', '--model-out', 'many.safetensors'];
    const run = await lstmWebgpu(['train', 'wave.csv', ...QUICK, '--ensemble', '3', ...outputs, '--json']);
    expect(run.code).toBe(0);
    expect(events(run).at(-1)).toMatchObject({ type: 'result', ensemble: 3 });
    const [header, ...rows] = readFileSync(inFolder('many.csv'), 'utf8').trim().split('\n');
    expect(header).toBe('row,date,actual,predicted,naive,q0.1,q0.9');
    for (const row of rows) {
      const [, , , predicted, , low, high] = row.split(',').map(Number);
      expect(low).toBeLessThan(predicted!);
      expect(high).toBeGreaterThan(predicted!);
    }
    expect(readFileSync(inFolder('many.html'), 'utf8')).toContain('"quantiles":[{"level":0.1,');
    const next = await lstmWebgpu(['predict', 'many.safetensors', 'wave.csv']);
    expect(next.code).toBe(0);
  });

  test('a constant series is rejected', async () => {
    write('constant.csv', `price\n${'7\n'.repeat(30)}`);
    const { code, stdout, stderr } = await lstmWebgpu(['train', 'constant.csv', ...QUICK]);
    expect(stderr).toContain('A constant series has nothing to learn');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('a learning rate that diverges exits with 1, names the epoch, and keeps the last good weights', async () => {
    const args = ['--lr', '1e30', '--model-out', 'good.safetensors', '--predictions-out', 'none.csv', '--json'];
    const blown = await lstmWebgpu(['train', 'wave.csv', ...QUICK, ...args]);
    expect(blown.stderr).toMatch(/\nlstm-webgpu: Epoch 1, step \d+: .* smaller learning rate.*good\.safetensors/);
    expect(blown.code).toBe(1);
    expect(resultOf(blown)).toMatchObject({ type: 'error', message: expect.stringContaining('Epoch 1, step') });
    expect(readdirSync(inFolder('.'))).not.toContain('none.csv');
    const { code, stdout } = await lstmWebgpu(['predict', 'good.safetensors', 'wave.csv']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2024-03-01 {2}-?[\d.]+\n$/);
  });

  test('a plan that cannot run the model is wrong usage', async () => {
    const run = await lstmWebgpu(['train', 'wave.csv', '--plan', 'resident', '--hidden', '300']);
    expect(run.stderr).toContain("plan: 'resident' cannot run this model: hiddenSize is 300");
    expect(run).toMatchObject({ code: 2, stdout: '' });
  });

  test('a file that is not a model is rejected by name', async () => {
    const { code, stderr } = await lstmWebgpu(['predict', 'wave.csv', 'wave.csv']);
    expect(stderr).toMatch(/lstm-webgpu: wave\.csv: expected a model, but this is text/);
    expect(code).toBe(1);
  });

  test('too few rows for the window of a model are rejected', async () => {
    write('few.csv', 'price\n1\n2\n3\n');
    const predict = ['predict', 'out/a/model.safetensors', 'few.csv'];
    const { code, stderr } = await lstmWebgpu(predict);
    expect(stderr).toContain('few.csv: column: got "close", but the file has 0 "price".');
    expect(stderr).toContain('The model was trained on this column; use --column if it has another name here.');
    expect(code).toBe(1);
    const asked = await lstmWebgpu([...predict, '--column', 'price']);
    expect(asked.stderr).toContain('got 3 rows, but the model needs the last 5');
    expect(asked.code).toBe(1);
  });

  testWith(process.platform === 'win32' ? 'named pipes, which Windows has none of' : undefined)(
    'an output that is a link or a pipe stays one',
    async () => {
      write('target.csv', 'old');
      symlinkSync('target.csv', inFolder('symbolic.csv'));
      execFileSync('mkfifo', [inFolder('pipe')]);
      const piped = readFile(inFolder('pipe'), 'utf8');
      await lstmWebgpu(['train', 'wave.csv', ...QUICK, '--predictions-out', 'symbolic.csv', '--model-out', 'pipe']);
      expect(await piped).toContain('lstm.weight_ih_l0');
      expect(lstatSync(inFolder('pipe')).isFIFO()).toBe(true);
      expect(lstatSync(inFolder('symbolic.csv')).isSymbolicLink()).toBe(true);
      expect(csvRows('target.csv')).toEqual(csvRows('out/test.csv'));
    },
  );

  test('the S&P 500 trains with the plan that auto chooses', async () => {
    const path = `${process.cwd()}/${SP500}`;
    const run = await lstmWebgpu(['train', path, ...TUTORIAL, '--rows', '200', '--epochs', '1', '--json']);
    expect(run.code).toBe(0);
    expect(events(run)[1]).toMatchObject({ file: 'sp500-2000.csv', column: 'close', rows: 200 });
    expect(resultOf(run)).toMatchObject({ plan: 'resident', steps: 152, testRows: 38 });
  });

  test('the built command is a script that a shell can start', () => {
    expect(readFileSync(built('node/cli.js'), 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });
});

describeGpu('lstm-webgpu train with another model', () => {
  const cell = ['--cell', 'gru', '--layers', '2', '--bidirectional', '--dropout', '0.2'];
  const another = [...cell, '--plan', 'timestep', '--optimizer', 'adamw'];
  const settings = ['--weight-decay', '0.01', '--loss', 'huber', '--clip-norm', '1'];

  test('trains it, lists its settings in the chart, and predicts from its file', async () => {
    const outputs = ['--model-out', 'out/gru.safetensors', '--chart-out', 'out/gru.html'];
    const run = await lstmWebgpu(['train', 'wave.csv', ...QUICK, ...another, ...settings, ...outputs, '--json']);
    expect(run.stderr).not.toContain('does nothing');
    expect(run.code).toBe(0);
    expect(resultOf(run)).toMatchObject({ plan: 'timestep' });
    const chart = readFileSync(inFolder('out/gru.html'), 'utf8');
    for (const word of ['gru', 'adamw', 'huber', 'clip norm', 'weight decay']) expect(chart).toContain(word);
    const predicted = await lstmWebgpu(['predict', 'out/gru.safetensors', 'wave.csv', '--json']);
    expect(predicted.code).toBe(0);
  });

  test('--tune times kernels and plans, and keeps the results for the next time', async () => {
    const TIMED = /Tuned: \d+ products and trainings were timed/;
    const cache = inFolder('cache');
    const args = ['train', write('wave.csv', waveCsv), ...QUICK, '--plan', 'auto', '--tune'];
    const tuned = async () => {
      const run = await lstmWebgpu(args, { env: { XDG_CACHE_HOME: cache } });
      expect(run.code, run.stderr).toBe(0);
      return run.stderr;
    };
    expect(await tuned()).toMatch(TIMED);
    const [name] = readdirSync(join(cache, 'lstm-webgpu')).filter((file) => file.startsWith('tuning-'));
    const path = join(cache, 'lstm-webgpu', name!);
    const kept = readFileSync(path, 'utf8');
    expect(await tuned()).toContain(`Tuned: nothing was left to time; the results are in ${path}`);
    expect(readFileSync(path, 'utf8')).toBe(kept);
    const foreign = { ...(JSON.parse(kept) as object), version: '0.0.0' };
    for (const [content, reason] of [
      [kept.slice(1), 'JSON'],
      [JSON.stringify(foreign), 'autotune: tuning.version: got "0.0.0"'],
    ] as const) {
      writeFileSync(path, content);
      const notes = await tuned();
      expect(notes).toMatch(new RegExp(`${name} cannot be used, so everything is timed again: .*${reason}`));
      expect(notes).toMatch(TIMED);
      expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object)).toEqual(Object.keys(foreign));
    }
  });

  test('rejects incompatible flags', async () => {
    const projected = await lstmWebgpu(['train', 'wave.csv', ...QUICK, '--cell', 'gru', '--projection', '2']);
    expect(projected.code).not.toBe(0);
    expect(projected.stderr).toContain('only an LSTM has a projection');
    const wrong = await lstmWebgpu(['train', 'wave.csv', '--cell', 'elman']);
    expect(wrong.stderr).toMatch(/--cell: .*elman.*lstm/);
    const idle = await lstmWebgpu(['train', 'wave.csv', ...QUICK, '--dropout', '0.5']);
    expect(idle.stderr).toContain('--dropout 0.5 does nothing with one layer');
  });
});
