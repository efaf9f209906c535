import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { beforeAll, expect, test } from 'vitest';
import { built, folder, inFolder, lstmWebgpu, type Run, write } from './command.ts';
import { manySeries, numbersOf, panelCsv, TINY } from './many_series.ts';
import { describeRedis, TestRedis } from './redis.ts';
import { startWorker, stopWorker } from './workers.ts';

const read = (name: string) => readFileSync(inFolder(name), 'utf8');
const LONG = 90_000;

/** The results of the sweep in one process. */
let here: Map<string, object>;

const sweep = (results: string, ...args: string[]): string[] => [
  ...['sweep', 'plan.json', 'panel.csv', '--id', 'id', '--results-out', results, '--json'],
  ...args,
];

/** Acts when the first results are there. */
function atFirstResult(act: (child: ChildProcess) => void) {
  let acted = false;
  return (child: ChildProcess, { stdout }: Run) => {
    if (acted || !stdout.includes('"type":"job"')) return;
    acted = true;
    act(child);
  };
}

describeRedis('a sweep through Redis', () => {
  beforeAll(async () => {
    const series = manySeries(40);
    for (const broken of ['constant', 'short', 'holes']) series.delete(broken);
    write('plan.json', JSON.stringify({ grid: TINY }));
    write('panel.csv', panelCsv(series));
    await lstmWebgpu(sweep('here.jsonl'));
    here = numbersOf(read('here.jsonl'));
    expect(here.size).toBe(74);
  });

  test('survives SIGKILL of a worker in the middle of a pack', { timeout: LONG }, async () => {
    const redis = await TestRedis.start();
    const doomed = await startWorker(redis.url, (child) => child.kill('SIGKILL'));
    const run = lstmWebgpu(sweep('worker-killed.jsonl', '--queue', redis.url, '--pack', '20'));
    const { code, stdout } = await doomed.ended;
    expect(code).toBe(137);
    expect(stdout).toContain('"type":"pack"');
    expect(stdout).not.toContain('"type":"done"');
    const worker = await startWorker(redis.url);
    const { code: done, stderr } = await run;
    expect(done).toBe(0);
    expect(stderr).toMatch(/\n\d+ of 74 jobs done\.\n(.*\n)*74 of 74 jobs done\.\n$/);
    expect(numbersOf(read('worker-killed.jsonl'))).toEqual(here);
    await stopWorker(worker);
    await redis.remove();
  });

  test('survives SIGKILL of Redis, which has its append-only file', { timeout: LONG }, async () => {
    const redis = await TestRedis.start();
    const worker = await startWorker(redis.url);
    let back: Promise<void> | undefined;
    const watch = atFirstResult(() => {
      worker.child.kill('SIGSTOP'); // otherwise a fast one finishes before Redis is gone
      back = redis.kill().then(async () => {
        await redis.start();
        worker.child.kill('SIGCONT');
      });
    });
    const run = await lstmWebgpu(sweep('redis-killed.jsonl', '--queue', redis.url, '--pack', '1'), { watch });
    expect(back).toBeDefined();
    expect(run.stderr).toContain(`The queue at ${redis.url} is gone`);
    expect(run.code).toBe(0);
    expect(numbersOf(read('redis-killed.jsonl'))).toEqual(here);
    await stopWorker(worker);
    await redis.remove();
  });

  test('survives its own SIGKILL: started again it collects what workers did meanwhile, and does the rest', {
    timeout: LONG,
  }, async () => {
    const redis = await TestRedis.start();
    const worker = await startWorker(redis.url);
    const args = sweep('sweep-killed.jsonl', '--queue', redis.url, '--pack', '4');
    const killed = await lstmWebgpu(args, { watch: atFirstResult((child) => child.kill('SIGKILL')) });
    expect(killed.code).toBe(137);
    expect(numbersOf(read('sweep-killed.jsonl')).size).toBeLessThan(here.size);
    expect((await lstmWebgpu(args)).code).toBe(0);
    expect(numbersOf(read('sweep-killed.jsonl'))).toEqual(here);
    await stopWorker(worker);
    await redis.remove();
  });

  test('a full disk ends it with a clear error, keeps complete lines, and nothing is lost', {
    timeout: LONG,
  }, async () => {
    const redis = await TestRedis.start();
    const worker = await startWorker(redis.url);
    const args = [...sweep('full.jsonl', '--queue', redis.url, '--pack', '4')];
    const script = 'ulimit -f 9 && exec "$0" "$@"'; // no file above 9 KiB, in a process that needs no GPU
    const child = spawn('bash', ['-c', script, process.execPath, built('node/cli.js'), ...args], { cwd: folder });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdout.resume();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(1);
    const kept = read('full.jsonl');
    const { size } = numbersOf(kept);
    expect(size).toBeGreaterThan(0);
    expect(stderr).toContain('full.jsonl: cannot be written: EFBIG');
    expect(stderr).toContain(
      `The ${size} earlier results are safe; free some space and run the same command to resume.`,
    );
    expect((await lstmWebgpu(args)).code).toBe(0);
    expect(read('full.jsonl').startsWith(kept)).toBe(true);
    expect(numbersOf(read('full.jsonl'))).toEqual(here);
    await stopWorker(worker);
    await redis.remove();
  });

  test('a worker that is stopped returns its pack at once', { timeout: LONG }, async () => {
    const redis = await TestRedis.start();
    write('long.json', JSON.stringify({ grid: { ...TINY, epochs: 300, lr: 0.01 } }));
    const leaving = await startWorker(redis.url, (child) => child.kill('SIGTERM'));
    const args = [
      'sweep',
      'long.json',
      'panel.csv',
      '--id',
      'id',
      '--results-out',
      'stopped.jsonl',
      '--queue',
      redis.url,
    ];
    let coordinator: ChildProcess | undefined;
    const run = lstmWebgpu(args, { started: (child) => (coordinator = child) });
    expect((await leaving.ended).code).toBe(143);
    const client = new Redis(redis.url);
    expect(await client.llen('lstm-webgpu:packs-0.1.0:active')).toBe(0);
    expect(await client.llen('lstm-webgpu:packs-0.1.0:wait')).toBe(2);
    client.disconnect();
    coordinator!.kill('SIGINT');
    expect((await run).stderr).toContain('Stopped by SIGINT. 0 of 37 jobs are done');
    await redis.remove();
  });

  test('a worker survives invalid packs, and trains the next one', async () => {
    const redis = await TestRedis.start();
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    const queue = new Queue('packs-0.1.0', { connection, prefix: 'lstm-webgpu' });
    const job = { key: 'k', series: 0, seed: 0 };
    const settings = { model: { windowLength: 4, hiddenSize: 4 }, fit: { epochs: 1, batchSize: 8 } };
    const values = Float64Array.from({ length: 30 }, (_, k) => Math.sin(k));
    const good = { settings, series: [Buffer.from(values.buffer).toString('base64')], jobs: [job], models: false };
    const bad = {
      ...{ null: null, text: 'x', empty: {}, jobless: { ...good, jobs: [] }, bytes: { ...good, series: ['###'] } },
      ...{
        path: { ...good, jobs: [{ ...job, key: '../../x' }] },
        keyless: { ...good, jobs: [{ ...job, key: { a: 1 } }] },
      },
      ...{ units: { ...good, settings: { model: { hiddenSize: 1e9 }, fit: {} } } },
      ...{ proto: { ...good, settings: JSON.parse('{"model":{"__proto__":{"hiddenSize":4}},"fit":{}}') as object } },
    };
    for (const [name, data] of Object.entries(bad)) await queue.add('pack', data, { attempts: 3, jobId: name });
    const torn = await queue.add('pack', good, { jobId: 'torn' });
    await connection.hset(`lstm-webgpu:packs-0.1.0:${torn.id}`, 'data', '{"settings":');
    const large = { ...good, settings: { ...settings, model: { hiddenSize: 20_000 } } };
    await queue.add('pack', { ...large, jobs: [{ ...job, key: 'large' }] }, { jobId: 'large' });
    await queue.add('pack', good, { jobId: 'good' });
    const worker = await startWorker(redis.url);
    await expect.poll(() => connection.hget('lstm-webgpu:outcomes', 'k'), { timeout: 30_000 }).toContain('"ok":true');
    const tooLarge = await connection.hget('lstm-webgpu:outcomes', 'large');
    expect(tooLarge).toContain('this device allows');
    expect(await connection.hlen('lstm-webgpu:outcomes')).toBe(2);
    for (const name of Object.keys(bad)) expect(await queue.getJobState(name), name).toBe('failed');
    const { stderr } = await stopWorker(worker);
    expect(stderr).toContain('A pack failed: jobs[0]: key: got "../../x"');
    await queue.close();
    connection.disconnect();
    await redis.remove();
  });

  test('a worker rejects a queue with packs only for another version, and leaves them there', async () => {
    const redis = await TestRedis.start();
    const client = new Redis(redis.url);
    await client.sadd('lstm-webgpu:versions', '0.0.9', 'a:b', '\u001b[2J', 'x'.repeat(1e6));
    await client.rpush('lstm-webgpu:packs-0.0.9:wait', '1');
    const run = await lstmWebgpu(['worker', '--queue', redis.url]);
    expect(run.stderr).toContain('The queue has packs for lstm-webgpu 0.0.9, which this worker (');
    expect(run.stderr).toContain('Install the same version in both places.');
    expect(run.code).toBe(1);
    expect(await client.lrange('lstm-webgpu:packs-0.0.9:wait', 0, -1)).toEqual(['1']);
    client.disconnect();
    await redis.remove();
  });
});
