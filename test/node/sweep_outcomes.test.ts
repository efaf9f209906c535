import { Worker } from 'bullmq';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { coordinate } from '../../src/node/sweep/coordinator.ts';
import { PackQueue } from '../../src/node/sweep/queue.ts';
import { outcomeText, type PackMessage, readPackMessage } from '../../src/node/sweep/wire.ts';
import { listJobs, type SweepJob } from '../../src/sweep/jobs.ts';
import type { TrainedJob } from '../../src/sweep/results.ts';
import type { FinishedJob } from '../../src/sweep/sweep.ts';
import { describeRedis, TestRedis } from './redis.ts';

const metrics = { mae: 1, rmse: 1, smape: 0, naiveMae: 2, naiveRmse: 2 };
const nulls = { mape: null, mase: null, relativeMae: null, r2: null, directionalAccuracy: null, coverage: null };
const trained: TrainedJob = {
  ...{ ok: true, metrics: { ...metrics, ...nulls }, baselines: {}, epochs: 1, loss: 0, device: 'd', seconds: 1 },
  ...{ packed: 1, model: Uint8Array.of(1, 2, 3) },
};

describeRedis('outcomes that lie in the queue', () => {
  let redis: TestRedis;
  let queue: PackQueue;
  let worker: Worker<PackMessage>;
  let jobs: SweepJob[];
  /** Keys that the worker was given. */
  let given: string[];

  beforeAll(async () => {
    redis = await TestRedis.start();
    queue = await PackQueue.open(redis.url, () => undefined);
    worker = new Worker<PackMessage>(
      queue.name,
      async ({ data }) => {
        const { keys } = readPackMessage(data);
        given.push(...keys);
        await queue.putOutcomes(new Map(keys.map((key) => [key, outcomeText(trained, data.models)])));
      },
      queue.options,
    );
    jobs = await listJobs(Array.from({ length: 3 }, (_, k) => ({ id: `s${k}`, values: [k] })));
  });
  beforeEach(() => {
    given = [];
  });
  afterAll(async () => {
    await worker?.close();
    await queue?.close();
    await redis?.remove();
  });

  /** What a coordinator keeps, by the names of the series. */
  async function kept(models: boolean): Promise<Map<string, FinishedJob['outcome']>> {
    const finished: FinishedJob[] = [];
    const undone = await coordinate(queue, jobs, {
      ...{ packSize: 2, models, signal: new AbortController().signal },
      keep: (some) => finished.push(...some),
      note: () => undefined,
    });
    expect(undone).toEqual([]);
    expect(await queue.getOutcomes(jobs.map(({ key }) => key))).toEqual([null, null, null]);
    return new Map(finished.map(({ job, outcome }) => [job.series.id, outcome]));
  }

  test('without a model are done again for a sweep that keeps models, and taken by one that does not', async () => {
    const left = (models: boolean) => new Map(jobs.slice(0, 2).map(({ key }) => [key, outcomeText(trained, models)]));
    await queue.putOutcomes(left(false));
    expect([...(await kept(true)).values()]).toEqual([trained, trained, trained]);
    expect(given.sort()).toEqual(jobs.map(({ key }) => key).sort());

    given = [];
    await queue.putOutcomes(left(false));
    expect((await kept(false)).size).toBe(3);
    expect(given).toEqual([jobs[2]!.key]);
    await queue.putOutcomes(left(true));
    expect((await kept(true)).get('s0')).toEqual(trained);
  });

  test('that another sweep fetches at the same time are kept, or done again', async () => {
    await queue.putOutcomes(new Map([[jobs[0]!.key, outcomeText(trained, false)]]));
    const getOutcomes = queue.getOutcomes.bind(queue);
    queue.getOutcomes = async (keys) => {
      queue.getOutcomes = getOutcomes;
      const texts = await getOutcomes(keys);
      await queue.dropOutcomes(keys); // by the other one
      return texts;
    };
    expect([...(await kept(false)).keys()].sort()).toEqual(['s0', 's1', 's2']);
  });
});
