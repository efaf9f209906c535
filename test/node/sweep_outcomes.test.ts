import { Worker } from 'bullmq';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { coordinate } from '../../src/node/sweep/coordinator.ts';
import { PackQueue } from '../../src/node/sweep/queue.ts';
import { outcomeText, type PackMessage, readPackMessage } from '../../src/node/sweep/wire.ts';
import { listJobs, type SweepJob } from '../../src/sweep/jobs.ts';
import type { TrainedJob } from '../../src/sweep/results.ts';
import type { FinishedJob } from '../../src/sweep/sweep.ts';
import { trainedAs } from '../outcomes.ts';
import { describeRedis, TestRedis } from './redis.ts';

describeRedis('outcomes in the queue', () => {
  let redis: TestRedis;
  let queue: PackQueue;
  let worker: Worker<PackMessage>;
  let jobs: SweepJob[];
  /** Of every job: jobs differ only in their series. */
  let outcome: TrainedJob;
  /** Notes of the coordinator. */
  let notes: string[];
  /** Keys that the worker got. */
  let given: string[];

  beforeAll(async () => {
    redis = await TestRedis.start();
    queue = await PackQueue.open(redis.url, () => undefined);
    worker = new Worker<PackMessage>(
      queue.name,
      async ({ data }) => {
        const { keys } = readPackMessage(data);
        given.push(...keys);
        await queue.putOutcomes(new Map(keys.map((key) => [key, outcomeText(outcome, data.models)])));
      },
      queue.options,
    );
    jobs = await listJobs(Array.from({ length: 3 }, (_, k) => ({ id: `s${k}`, values: [k] })));
    outcome = trainedAs(jobs[0]!);
  });
  beforeEach(() => {
    given = [];
    notes = [];
  });
  afterAll(async () => {
    await worker?.close();
    await queue?.close();
    await redis?.remove();
  });

  /** The outcomes that a coordinator keeps, by series. */
  async function kept(models: boolean): Promise<Map<string, FinishedJob['outcome']>> {
    const finished: FinishedJob[] = [];
    const undone = await coordinate(queue, jobs, {
      ...{ packSize: 2, models, signal: new AbortController().signal },
      keep: (some) => finished.push(...some),
      note: (text) => notes.push(text),
    });
    expect(undone).toEqual([]);
    expect(await queue.getOutcomes(jobs.map(({ key }) => [key, Infinity]))).toEqual([null, null, null]);
    return new Map(finished.map(({ job, outcome }) => [job.series.id, outcome]));
  }

  test('without a model are done again for a sweep that keeps models, and used by one that does not', async () => {
    const left = (models: boolean) => new Map(jobs.slice(0, 2).map(({ key }) => [key, outcomeText(outcome, models)]));
    await queue.putOutcomes(left(false));
    expect([...(await kept(true)).values()]).toEqual([outcome, outcome, outcome]);
    expect(given.sort()).toEqual(jobs.map(({ key }) => key).sort());

    given = [];
    await queue.putOutcomes(left(false));
    expect((await kept(false)).size).toBe(3);
    expect(given).toEqual([jobs[2]!.key]);
    await queue.putOutcomes(left(true));
    expect((await kept(true)).get('s0')).toEqual(outcome);
  });

  test('that another sweep fetches at the same time are kept, or done again', async () => {
    await queue.putOutcomes(new Map([[jobs[0]!.key, outcomeText(outcome, false)]]));
    const getOutcomes = queue.getOutcomes.bind(queue);
    queue.getOutcomes = async (keys) => {
      queue.getOutcomes = getOutcomes;
      const texts = await getOutcomes(keys);
      await queue.dropOutcomes(keys.map(([key]) => key)); // by the other sweep
      return texts;
    };
    expect([...(await kept(false)).keys()].sort()).toEqual(['s0', 's1', 's2']);
  });

  test('that are invalid are dropped with a note, and their jobs are done again', async () => {
    const evil = JSON.stringify({ ...JSON.parse(outcomeText(outcome, true)), key: '../../escaped' });
    const texts = ['{"ok":tru', evil, `{"ok":false,"reason":"${'x'.repeat(2e6)}"}`];
    await queue.putOutcomes(new Map(jobs.map(({ key }, k) => [key, texts[k]!])));
    expect([...(await kept(true)).values()]).toEqual([outcome, outcome, outcome]);
    expect(given.sort()).toEqual(jobs.map(({ key }) => key).sort());
    expect(notes.map((note) => note.replace(/.*, of series /, ''))).toEqual([
      's0, has an invalid outcome in the queue: outcome: expected JSON. It will be done again.',
      expect.stringContaining('s1, has an invalid outcome in the queue: outcome: unknown key "key".'),
      expect.stringMatching(
        /^s2, has an invalid outcome in the queue: it is longer than \d+ characters, the limit for its model\./,
      ),
    ]);
  });

  test('a job that gets only invalid ones is given up, with the reason; the rest of its pack is kept', async () => {
    const putOutcomes = queue.putOutcomes.bind(queue);
    queue.putOutcomes = (outcomes) => {
      const spoilt = [...outcomes].map(([key, text]): [string, string] => [key, key === jobs[1]!.key ? 'null' : text]);
      return putOutcomes(new Map(spoilt));
    };
    const keep: string[] = [];
    const options = { packSize: 3, models: false, signal: new AbortController().signal, note: () => undefined };
    const undone = await coordinate(queue, jobs, {
      ...options,
      keep: (some) => keep.push(...some.map(({ job }) => job.series.id)),
    });
    queue.putOutcomes = putOutcomes;
    expect(undone).toEqual([
      { job: jobs[1], reason: expect.stringContaining('The queue had no valid outcome: ok: got') },
    ]);
    expect(keep).toEqual(['s0', 's2']);
  });
});
