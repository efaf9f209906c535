import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeGpu } from '../gpu/device.ts';
import { events, inFolder, lstmWebgpu, type Run, write } from './command.ts';
import { manySeries, numbersOf, panelCsv, seriesCsv, TINY } from './many_series.ts';

const read = (name: string) => readFileSync(inFolder(name), 'utf8');

const series = manySeries(12);

beforeAll(() => {
  for (const broken of ['constant', 'short', 'holes']) series.delete(broken);
  write('plan.json', JSON.stringify({ grid: TINY }));
  write('panel.csv', panelCsv(series));
  write('one.csv', `value\n${Array.from({ length: 40 }, (_, k) => `${Math.sin(k)}\n`).join('')}`);
});

const sweep = (...args: string[]): string[] => ['sweep', 'plan.json', 'panel.csv', '--id', 'id', ...args];

describeGpu('lstm-webgpu sweep', () => {
  test('exits with 0 when all jobs are done, with models, a summary, and Parquet', async () => {
    const outputs = ['--models-out', 'models', '--summary-out', 'best.csv', '--parquet-out', 'all.parquet'];
    const run = await lstmWebgpu(sweep('--results-out', 'whole.jsonl', ...outputs));
    expect(run.stdout).toMatch(/^18 jobs of 9 series, 0 failed\.\nThe best configuration beats the naive forecast/);
    expect(run.stderr).toMatch(/\n18 of 18 jobs done\.\n$/);
    expect(run.code).toBe(0);
    const rows = read('whole.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(readdirSync(inFolder('models')).sort()).toEqual(rows.map(({ key }) => `${String(key)}.safetensors`).sort());
    const predicted = await lstmWebgpu(['predict', String(rows[0]!.modelFile), 'one.csv']);
    expect(predicted.stdout).toMatch(/^-?\d+(\.\d+)?\n$/);
    expect(read('best.csv')).toMatch(/^series,ahead,mae,rmse,naive_mae,beats_naive,best_rule,/);

    const { buffer } = new Uint8Array(readFileSync(inFolder('all.parquet')));
    const table = await parquetReadObjects({ file: buffer });
    const byKey = new Map(rows.map((row) => [row.key, row]));
    expect(table).toHaveLength(18);
    for (const row of table) {
      const {
        series: id,
        metrics,
        modelFile,
      } = byKey.get(row.key) as {
        series: string;
        metrics: { mae: number };
        modelFile: string;
      };
      expect(row).toMatchObject({ series: id, ok: true, mae: metrics.mae, train_rows: null, model_file: modelFile });
    }
  });

  test('a folder of files gives the same results as one file with an id column', async () => {
    mkdirSync(inFolder('series'));
    for (const [id, rows] of series) write(`series/${id}.csv`, seriesCsv(rows));
    const run = await lstmWebgpu(['sweep', 'plan.json', 'series/*.csv', '--results-out', 'files.jsonl']);
    expect(run.code).toBe(0);
    expect(numbersOf(read('files.jsonl'))).toEqual(numbersOf(read('whole.jsonl')));
  });

  test('reports how many earlier results have no model', async () => {
    const again = (...args: string[]) => lstmWebgpu(sweep(...args, '--models-out', 'later'));
    const { code, stderr } = await again('--results-out', 'files.jsonl');
    expect(stderr).toContain(
      '--models-out: 18 results in files.jsonl without a model file will not get one; for models',
    );
    expect(code).toBe(0);
    expect((await again('--results-out', 'whole.jsonl')).stderr).not.toContain('--models-out');
  });

  test('Ctrl-C keeps what is done, and the same command resumes from there', async () => {
    let sent = false;
    const watch = (child: ChildProcess, { stdout }: Run) => {
      if (!sent && stdout.includes('"type":"job"')) sent = child.kill('SIGINT');
    };
    const args = sweep('--results-out', 'stopped.jsonl', '--pack', '2', '--json');
    const stopped = await lstmWebgpu(args, { watch });
    expect(stopped.stderr).toMatch(
      /Stopped by SIGINT\. \d+ of 18 jobs are done and in stopped\.jsonl; the same command resumes/,
    );
    expect(stopped.stderr).toContain('\n2 of 18 jobs done.\n');
    expect(stopped.stdout).not.toContain('jobs done.');
    expect(stopped.code).toBe(130);
    const before = read('stopped.jsonl');
    expect(numbersOf(before).size).toBeLessThan(18);

    const again = await lstmWebgpu(args);
    expect(again.code).toBe(0);
    const after = read('stopped.jsonl');
    expect(after.startsWith(before)).toBe(true);
    expect(events(again).filter(({ type }) => type === 'job')).toHaveLength(18 - numbersOf(before).size);
    expect(numbersOf(after)).toEqual(numbersOf(read('whole.jsonl')));
  });

  test('folds score the end of a series in parts; a series that is too short fails alone', async () => {
    write('folds.json', JSON.stringify({ grid: { ...TINY, lr: 0.01 }, folds: { count: 3, testRows: 10 } }));
    const run = await lstmWebgpu(['sweep', 'folds.json', 'one.csv', '--results-out', 'folds.jsonl', '--rows', '38']);
    expect(run.code).toBe(0);
    const rows = read('folds.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { fold: object });
    expect(rows.map(({ fold }) => fold)).toEqual([8, 18, 28].map((trainRows) => ({ trainRows, testRows: 10 })));
    const short = await lstmWebgpu(['sweep', 'folds.json', 'one.csv', '--results-out', 'short.jsonl', '--rows', '30']);
    expect(short.stdout).toContain('3 jobs of 1 series, 1 failed.');
    expect(short.code).toBe(1);
  });
});

describe('wrong usage of sweep and worker exits with 2, or 1 for a file, and writes no results', () => {
  write('typo.json', '{ "grid": { "hidenSize": 4 } }');
  write('broken.json', '{ "grid": ');
  write('plain.json', '{}');
  write('twice.json', '{ "grid": { "lr": 1, "lr": 2 } }');
  write('busy.jsonl.lock', JSON.stringify({ host: hostname(), pid: process.pid, run: 'other' }));
  const cases: [args: string[], code: number, message: string][] = [
    [['sweep'], 2, '<plan.json> is missing'],
    [['sweep', 'plain.json'], 2, '<files.csv...> is missing'],
    [['sweep', 'typo.json', 'one.csv'], 2, 'typo.json: grid: unknown key "hidenSize". Did you mean hiddenSize?'],
    [['sweep', 'broken.json', 'one.csv'], 2, 'broken.json: Unexpected end of JSON input'],
    [['sweep', 'none.json', 'one.csv'], 1, 'none.json: there is no such file.'],
    [['sweep', 'plain.json', 'none-*.csv'], 1, 'none-*.csv: no file matches this pattern.'],
    [['sweep', 'plain.json', 'none.csv'], 1, 'none.csv: there is no such file.'],
    [['sweep', 'plain.json', 'one.csv', '--id', 'shop'], 1, 'one.csv: id: got "shop", but the file has 0 "value"'],
    [
      ['sweep', 'plain.json', 'one.csv', '--shard', '3/3'],
      2,
      '--shard: got "3/3", expected I/N with I from 0 to N - 1',
    ],
    [['sweep', 'plain.json', 'one.csv', '--pack', '0'], 2, '--pack: got "0", expected a whole number of at least 1.'],
    [['sweep', 'plain.json', 'one.csv', '--shard', '0/3', '--queue', 'redis://x'], 2, '--shard and --queue: give one'],
    [['sweep', 'plain.json', 'one.csv', '--queue', 'localhost:1'], 2, '--queue: expected an address such as'],
    [['sweep', 'plain.json', 'one.csv', '--results-out', 'one.csv'], 2, 'one.csv is also the input file one.csv'],
    [
      ['sweep', 'plain.json', 'one.csv', '--results-out', '/dev/null'],
      1,
      '/dev/null: cannot be written: this is a pipe or a device, expected a file',
    ],
    [['sweep', 'plain.json', 'one.csv', '--results-out', 'busy.jsonl'], 1, 'another sweep writes there (process '],
    [['sweep', 'twice.json', 'one.csv'], 2, 'twice.json: grid: duplicate key "lr" in line 1'],
    [['worker'], 2, '--queue is missing'],
    [['worker', '--queue', 'http://localhost'], 2, '--queue: expected an address such as'],
    [
      ['worker', '--queue', 'redis://:secret@127.0.0.1:1'],
      1,
      '--queue: no answer from Redis at redis://127.0.0.1:1: connect ECONNREFUSED',
    ],
  ];
  test.each(cases)('%j', async (args, code, message) => {
    const run = await lstmWebgpu(args);
    expect(run.stderr).toContain(message);
    expect(run.stderr).not.toMatch(/^ +at /m);
    expect(run.stderr).not.toContain('secret');
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code, stdout: '' });
    if (code === 2) expect(existsSync(inFolder('results.jsonl'))).toBe(false);
  });
});
