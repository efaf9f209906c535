import { UnrecoverableError, Worker } from 'bullmq';
import { expect, test } from 'vitest';
import { coordinate } from '../../src/node/sweep/coordinator.ts';
import { PackQueue } from '../../src/node/sweep/queue.ts';
import { outcomeText, type PackMessage, readPackMessage } from '../../src/node/sweep/wire.ts';
import { listJobs } from '../../src/sweep/jobs.ts';
import { trainOutcomes } from '../../src/sweep/sweep.ts';
import { testDevice } from '../gpu/device.ts';
import { TINY } from './many_series.ts';
import { describeRedis, TestRedis } from './redis.ts';

describeRedis('a pack that no worker can do', () => {
  test('is split: the job that crashes workers is left out, and the others are done', async () => {
    const redis = await TestRedis.start();
    const queue = await PackQueue.open(redis.url, () => undefined);
    const values = Float64Array.from({ length: 30 }, (_, k) => Math.sin(k));
    const series = Array.from({ length: 6 }, (_, k) => ({ id: `s${k}`, values: values.map((value) => value + k) }));
    const jobs = await listJobs(series, { grid: { ...TINY, lr: 0.01 } });
    const poison = jobs[2]!;

    const worker = new Worker<PackMessage>(
      queue.name,
      async ({ data }) => {
        const { keys, jobs } = readPackMessage(data);
        if (keys.includes(poison.key)) throw new UnrecoverableError('out of memory');
        const outcomes = await trainOutcomes(testDevice(), data.settings, jobs);
        await queue.putOutcomes(new Map(keys.map((key, k) => [key, outcomeText(outcomes[k]!, data.models)])));
      },
      queue.options,
    );
    const kept: string[] = [];
    const undone = await coordinate(queue, jobs, {
      packSize: 4,
      models: false,
      signal: new AbortController().signal,
      keep: (finished) => kept.push(...finished.map(({ job, outcome }) => `${job.series.id} ${outcome.ok}`)),
      note: () => undefined,
    });
    expect(undone).toEqual([{ job: poison, reason: 'out of memory' }]);
    expect(kept.sort()).toEqual(['s0 true', 's1 true', 's3 true', 's4 true', 's5 true']);
    const counts = await queue.queue.getJobCounts(); // nothing is left
    expect(Object.values(counts).every((count) => count === 0)).toBe(true);
    await worker.close();
    await queue.close();
    await redis.remove();
  });
});
