import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataError } from '../../errors.ts';
import { messageOf } from '../../shown.ts';
import type { SweepJob } from '../../sweep/jobs.ts';
import { packJobs, type SweepPack } from '../../sweep/packs.ts';
import type { FinishedJob } from '../../sweep/sweep.ts';
import { type PackQueue, printable } from './queue.ts';
import { mostLetters, outcomeOf, packMessage } from './wire.ts';

/** Most packs in the queue at once: enough for many workers, and a limit on Redis' memory. */
const MAX_OUTSTANDING = 64;
const POLL_MS = 300;
/** Keys requested at once. */
const MAX_KEYS = 1000;
/** Invalid outcomes of one job until it is given up. */
const MAX_REFUSED = 3;
/** How long no pack may be taken before checking whether there are workers. */
const LONELY_MS = 10_000;

/** A pack that fails is tried again by some worker; one that keeps failing is split into its jobs. */
const DELIVERY = { attempts: 3, backoff: { type: 'exponential', delay: 1000 }, removeOnComplete: true };

/** A job that did not finish in any attempt. */
export interface UndoneJob {
  job: SweepJob;
  reason: string;
}

export interface CoordinatorOptions {
  packSize: number;
  models: boolean;
  signal: AbortSignal;
  /** Keeps results; when it returns they are safe, and the queue can drop them. */
  keep: (finished: FinishedJob[]) => void;
  note: (text: string) => void;
}

/**
 * Has workers train jobs: puts packs into the queue, keeps their outcomes, and resubmits packs that got lost.
 * It can crash at any time: outcomes stay in the queue until another coordinator of the same jobs keeps them.
 * @returns jobs that could not be done. @throws the signal's reason.
 */
export async function coordinate(
  queue: PackQueue,
  jobs: readonly SweepJob[],
  options: CoordinatorOptions,
): Promise<UndoneJob[]> {
  const { packSize, models, signal, note } = options;
  await queue.announce();
  const outcomes = new Outcomes(queue, options);
  const waiting = packJobs(await fetchEarlier(outcomes, jobs), packSize);
  const outstanding = new Map<string, SweepPack>();
  const undone: UndoneJob[] = [];
  let movedMs = performance.now();

  const check = async (id: string, pack: SweepPack): Promise<void> => {
    const state = await queue.queue.getJobState(id); // before the outcomes: a pack disappears only after they are there
    const finished = await outcomes.fetch(pack.jobs);
    const spoilt = pack.jobs.flatMap((job) => outcomes.whySpoilt(job) ?? []);
    if (finished.length + spoilt.length === pack.jobs.length) {
      await outcomes.keep(finished);
      undone.push(...spoilt);
      outstanding.delete(id);
      movedMs = performance.now();
    } else if (state === 'unknown') {
      await submit(queue, pack, models); // Redis lost it
    } else if (state === 'failed') {
      outstanding.delete(id);
      const reason = await removeFailed(queue, id);
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
        `No worker takes packs. Start one of this version (${queue.name}): lstm-webgpu worker --queue ${queue.address}`,
      );
      movedMs = Infinity; // once
    }
    if (outstanding.size > 0) await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  return undone;
}

/** Keeps what workers did for an earlier coordinator. @returns the remaining jobs. */
async function fetchEarlier(outcomes: Outcomes, jobs: readonly SweepJob[]): Promise<SweepJob[]> {
  const left: SweepJob[] = [];
  for (let first = 0; first < jobs.length; first += MAX_KEYS) {
    const some = jobs.slice(first, first + MAX_KEYS);
    const finished = await outcomes.fetch(some);
    if (finished.length > 0) await outcomes.keep(finished);
    const known = new Set(finished.map(({ job }) => job));
    left.push(...some.filter((job) => !known.has(job)));
  }
  return left;
}

/** The outcomes in the queue. An invalid one is dropped with a note, and its job is done again. */
class Outcomes {
  readonly #queue: PackQueue;
  readonly #options: CoordinatorOptions;
  readonly #refused = new Map<SweepJob, { times: number; reason: string }>();

  constructor(queue: PackQueue, options: CoordinatorOptions) {
    this.#queue = queue;
    this.#options = options;
  }

  /** The jobs that have an outcome in the queue, with a model if models are wanted. */
  async fetch(jobs: readonly SweepJob[]): Promise<FinishedJob[]> {
    const texts = await this.#queue.getOutcomes(
      jobs.map(({ key, configuration }) => [key, mostLetters(configuration)]),
    );
    const refused: SweepJob[] = [];
    const finished = jobs.flatMap((job, k): FinishedJob[] => {
      const text = texts[k]!;
      if (text === null || this.whySpoilt(job)) return [];
      try {
        const outcome = text === 'too long' ? tooLong(job) : outcomeOf(text, job, this.#options.models);
        return outcome ? [{ job, outcome }] : [];
      } catch (error) {
        refused.push(job);
        this.#refuse(job, printable(messageOf(error)));
        return [];
      }
    });
    if (refused.length > 0) await this.#queue.dropOutcomes(refused.map(({ key }) => key));
    return finished;
  }

  /** Keeps outcomes, then drops them from the queue. */
  async keep(finished: FinishedJob[]): Promise<void> {
    this.#options.keep(finished);
    await this.#queue.dropOutcomes(finished.map(({ job }) => job.key));
  }

  /** For a job that had only invalid outcomes several times. */
  whySpoilt(job: SweepJob): UndoneJob | undefined {
    const { times = 0, reason = '' } = this.#refused.get(job) ?? {};
    return times < MAX_REFUSED ? undefined : { job, reason: `The queue had no valid outcome: ${reason}` };
  }

  #refuse(job: SweepJob, reason: string): void {
    const times = (this.#refused.get(job)?.times ?? 0) + 1;
    this.#refused.set(job, { times, reason });
    const next = times < MAX_REFUSED ? 'It will be done again' : 'It is given up';
    this.#options.note(
      `Job ${job.key}, of series ${job.series.id}, has an invalid outcome in the queue: ${reason} ${next}.`,
    );
  }
}

function tooLong({ configuration }: SweepJob): never {
  throw new DataError(`it is longer than ${mostLetters(configuration)} characters, the limit for its model.`);
}

/** Puts a pack into the queue, unless it is there already. @returns its id. */
async function submit({ queue }: PackQueue, pack: SweepPack, models: boolean): Promise<string> {
  const hash = createHash('sha256').update(pack.jobs.map(({ key }) => key).join());
  const id = hash.update(String(models)).digest('hex').slice(0, 32);
  if ((await queue.getJobState(id)) === 'failed') await queue.remove(id); // left by an earlier sweep
  await queue.add('pack', packMessage(pack, models), { ...DELIVERY, jobId: id });
  return id;
}

/** Removes a pack that failed. @returns the reason. */
async function removeFailed({ queue }: PackQueue, id: string): Promise<string> {
  const reason = await queue.getJob(id).then(
    (job) => job?.failedReason,
    () => undefined, // not valid JSON any more
  );
  await queue.remove(id);
  return printable(reason ?? 'unknown');
}
