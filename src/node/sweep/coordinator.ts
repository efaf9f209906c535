import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SweepJob } from '../../sweep/jobs.ts';
import { packJobs, type SweepPack } from '../../sweep/packs.ts';
import type { FinishedJob } from '../../sweep/sweep.ts';
import type { PackQueue } from './queue.ts';
import { packMessage, readOutcome } from './wire.ts';

/** Packs that lie in the queue at once: enough for many workers, and a bound for what Redis has to hold. */
const MAX_OUTSTANDING = 64;
const POLL_MS = 300;
/** Keys asked for at once. */
const MAX_KEYS = 1000;
/** How long nobody may take a pack before we ask whether there are workers. */
const LONELY_MS = 10_000;

/** A pack that fails is tried again, here or by another worker; one that fails for good is taken apart. */
const DELIVERY = { attempts: 3, backoff: { type: 'exponential', delay: 1000 }, removeOnComplete: true };

/** A job whose training did not come to an end, however often it was tried. */
export interface UndoneJob {
  job: SweepJob;
  reason: string;
}

export interface CoordinatorOptions {
  packSize: number;
  models: boolean;
  signal: AbortSignal;
  /** Keeps results; when it returns they are safe, and the queue may forget them. */
  keep: (finished: FinishedJob[]) => void;
  note: (text: string) => void;
}

/**
 * Has workers train jobs: puts packs into the queue, keeps their outcomes, and puts packs there again that got lost.
 * It can die at any time: outcomes stay in the queue until another coordinator of the same jobs keeps them.
 * @returns jobs that could not be done. @throws the signal's reason.
 */
export async function coordinate(
  queue: PackQueue,
  jobs: readonly SweepJob[],
  options: CoordinatorOptions,
): Promise<UndoneJob[]> {
  const { packSize, models, signal, note } = options;
  await queue.announce();
  const waiting = packJobs(await fetchEarlier(queue, jobs, options), packSize);
  const outstanding = new Map<string, SweepPack>();
  const undone: UndoneJob[] = [];
  let movedMs = performance.now();

  const check = async (id: string, pack: SweepPack): Promise<void> => {
    const state = await queue.queue.getJobState(id); // before the outcomes: a pack is gone only when they are there
    const finished = await fetchOutcomes(queue, pack.jobs, options);
    if (finished.length === pack.jobs.length) {
      await keepOutcomes(queue, finished, options);
      outstanding.delete(id);
      movedMs = performance.now();
    } else if (state === 'unknown') {
      await submit(queue, pack, models); // Redis lost it
    } else if (state === 'failed') {
      outstanding.delete(id);
      const reason = await takeAway(queue, id);
      if (pack.jobs.length > 1) waiting.push(...pack.jobs.map((job) => ({ settings: pack.settings, jobs: [job] })));
      else undone.push({ job: pack.jobs[0]!, reason });
    } else if (state === 'active') movedMs = performance.now();
  };

  while (waiting.length + outstanding.size > 0) {
    signal.throwIfAborted();
    while (waiting.length > 0 && outstanding.size < MAX_OUTSTANDING) {
      const pack = waiting.shift()!;
      outstanding.set(await submit(queue, pack, models), pack);
    }
    await Promise.all([...outstanding].map(([id, pack]) => check(id, pack)));
    if (performance.now() - movedMs > LONELY_MS && (await queue.queue.getWorkersCount()) === 0) {
      note(
        `No worker takes packs: start lstm-webgpu worker --queue ${queue.address}, of this version (${queue.name}).`,
      );
      movedMs = Infinity; // once
    }
    if (outstanding.size > 0) await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  return undone;
}

/** Keeps what workers did for an earlier coordinator. @returns the jobs that are still to be done. */
async function fetchEarlier(
  queue: PackQueue,
  jobs: readonly SweepJob[],
  options: CoordinatorOptions,
): Promise<SweepJob[]> {
  const left: SweepJob[] = [];
  for (let first = 0; first < jobs.length; first += MAX_KEYS) {
    const some = jobs.slice(first, first + MAX_KEYS);
    const finished = await fetchOutcomes(queue, some, options);
    if (finished.length > 0) await keepOutcomes(queue, finished, options);
    const known = new Set(finished.map(({ job }) => job));
    left.push(...some.filter((job) => !known.has(job)));
  }
  return left;
}

/** The jobs that have an outcome in the queue, with a model where models are wanted. */
async function fetchOutcomes(
  queue: PackQueue,
  jobs: readonly SweepJob[],
  { models }: CoordinatorOptions,
): Promise<FinishedJob[]> {
  const texts = await queue.getOutcomes(jobs.map(({ key }) => key));
  return jobs.flatMap((job, k) => {
    const outcome = readOutcome(texts[k]!, models);
    return outcome ? { job, outcome } : [];
  });
}

/** Keeps outcomes, and then the queue forgets them. */
async function keepOutcomes(queue: PackQueue, finished: FinishedJob[], { keep }: CoordinatorOptions): Promise<void> {
  keep(finished);
  await queue.dropOutcomes(finished.map(({ job }) => job.key));
}

/** Puts a pack into the queue; one that is there already stays as it is. @returns its id. */
async function submit({ queue }: PackQueue, pack: SweepPack, models: boolean): Promise<string> {
  const hash = createHash('sha256').update(pack.jobs.map(({ key }) => key).join());
  const id = hash.update(String(models)).digest('hex').slice(0, 32);
  if ((await queue.getJobState(id)) === 'failed') await queue.remove(id); // an earlier sweep left it
  await queue.add('pack', packMessage(pack, models), { ...DELIVERY, jobId: id });
  return id;
}

/** Removes a pack that failed. @returns why it did. */
async function takeAway({ queue }: PackQueue, id: string): Promise<string> {
  const job = await queue.getJob(id);
  await job?.remove();
  return job?.failedReason ?? 'unknown';
}
