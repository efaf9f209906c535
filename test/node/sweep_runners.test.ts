import { mkdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { describeGpu } from '../gpu/device.ts';
import { inFolder, lstmWebgpu, write } from './command.ts';
import { FAILED_JOBS, manySeries, numbersOf, seriesCsv, TINY } from './many_series.ts';
import { describeRedis, TestRedis } from './redis.ts';
import { startWorker, stopWorker } from './workers.ts';

const SERIES = 150;
const JOBS = 2 * SERIES;
const MINUTES = 180_000;

const read = (name: string) => readFileSync(inFolder(name), 'utf8');

let here: Map<string, object>;

describeGpu('150 series with 2 configurations', () => {
  beforeAll(async () => {
    const series = manySeries(SERIES);
    write('plan.json', JSON.stringify({ grid: TINY }));
    mkdirSync(inFolder('series'));
    for (const [id, rows] of series) write(`series/${id}.csv`, seriesCsv(rows));
    const run = await lstmWebgpu(['sweep', 'plan.json', 'series/*.csv', '--results-out', 'here.jsonl']);
    expect(run.stderr).toContain(`lstm-webgpu: ${FAILED_JOBS} jobs failed; the first, of series constant:`);
    expect(run.code).toBe(1);
    here = numbersOf(read('here.jsonl'));
  }, MINUTES);

  test('in this process: one line per job, and the broken series fail alone, with their reasons', () => {
    expect(here.size).toBe(JOBS);
    const rows = [...here.values()] as { series: string; ok: boolean; reason?: string; code?: string }[];
    const failed = rows.filter(({ ok }) => !ok);
    expect(failed).toHaveLength(FAILED_JOBS);
    const reasons = Object.fromEntries(failed.map(({ series, reason }) => [series, reason]));
    expect(reasons).toEqual({
      constant: expect.stringContaining('A constant series has nothing to learn'),
      short: expect.stringContaining('got 3 rows, but a window of 4 needs at least 6'),
      holes: expect.stringMatching(/column "value": got "", expected a number/),
    });
    const codes = Object.fromEntries(failed.map(({ series, code }) => [series, code]));
    expect(codes).toEqual({ constant: 'constant', short: 'too-short', holes: 'csv-hole' });
  });

  test('in 3 shards: the same results, bit for bit, each in one shard', { timeout: MINUTES }, async () => {
    const parts: string[] = [];
    for (const index of [0, 1, 2]) {
      const { code } = await lstmWebgpu([
        'sweep',
        'plan.json',
        'series/*.csv',
        '--shard',
        `${index}/3`,
        '--pack',
        '17',
      ]);
      const part = read(`results-${index}-of-3.jsonl`);
      expect(code).toBe(part.includes('"ok":false') ? 1 : 0);
      parts.push(part);
    }
    for (const part of parts) expect(numbersOf(part).size).toBe(JOBS / 3);
    expect(numbersOf(parts.join(''))).toEqual(here);
    write('joined.jsonl', parts.join(''));
    const again = ['sweep', 'plan.json', 'series/*.csv', '--results-out', 'joined.jsonl', '--summary-out', 'best.csv'];
    const { stdout } = await lstmWebgpu([...again, '--json']);
    expect(stdout).not.toContain('"type":"job"'); // no jobs were left
    expect(stdout).toContain(`{"type":"sweep","series":${SERIES},"jobs":${JOBS},"done":${JOBS}`);
    expect(read('best.csv').trimEnd().split('\n')).toHaveLength(1 + SERIES);
  });
});

describeRedis('the same through Redis', () => {
  test('with 2 worker processes: the same results, bit for bit, each key once', { timeout: MINUTES }, async () => {
    const redis = await TestRedis.start();
    const workers = await Promise.all([startWorker(redis.url), startWorker(redis.url)]);
    const args = ['sweep', 'plan.json', 'series/*.csv', '--queue', redis.url, '--results-out', 'queue.jsonl'];
    const run = await lstmWebgpu(args);
    expect(run.stderr).toContain(`lstm-webgpu: ${FAILED_JOBS} jobs failed`);
    expect(run.code).toBe(1);
    expect(numbersOf(read('queue.jsonl'))).toEqual(here);
    for (const worker of workers) {
      const { code, stdout } = await stopWorker(worker);
      expect(stdout).toContain('"type":"done"'); // each took some
      expect(code).toBe(143);
    }
    await redis.remove();
  });
});
