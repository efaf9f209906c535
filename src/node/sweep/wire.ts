import { estimateMemory } from '../../engine/memory.ts';
import { ConfigError, DataError } from '../../errors.ts';
import { parseModelFile } from '../../forecast/model_file.ts';
import type { PackJob, PackSettings } from '../../forecast/pack.ts';
import { forecastShape } from '../../forecast/shape.ts';
import { atLeastZero, integer, list, onOff, positiveInteger } from '../../kinds.ts';
import { MAX_SEED } from '../../model/init.ts';
import { within } from '../../placing.ts';
import type { SweepJob } from '../../sweep/jobs.ts';
import type { SweepPack } from '../../sweep/packs.ts';
import { type Configuration, canonical, packSettings } from '../../sweep/plan.ts';
import type { Outcome } from '../../sweep/results.ts';
import { anObject, FOLD, fields, jobKey, needed, readOutcome } from '../../sweep/stored.ts';
import { packJob } from '../../sweep/sweep.ts';

/** A pack as it lies in the queue: all that a worker needs, each series once. */
export interface PackMessage {
  settings: PackSettings;
  /** The bytes of float64 values, in base64. */
  series: string[];
  /** `series` is a place in the list above. */
  jobs: (Omit<PackJob, 'series'> & { key: string; series: number })[];
  /** Whether the models are wanted, too. */
  models: boolean;
}

export function packMessage({ settings, jobs }: SweepPack, models: boolean): PackMessage {
  const places = new Map([...new Set(jobs.map(({ series }) => series))].map((one, place) => [one, place]));
  const series = Array.from(places.keys(), ({ values: { buffer, byteOffset, byteLength } }) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
  );
  const numbered = jobs.map((job) => ({ ...packJob(job), key: job.key, series: places.get(job.series)! }));
  return { settings, series, jobs: numbered, models };
}

const aList = list<unknown>('', () => undefined, 'a list');
const MESSAGE = { settings: needed(anObject), series: needed(aList), jobs: needed(aList), models: needed(onOff) };

/** What a worker does: jobs, and their keys beside them. */
export interface ReadPack {
  /** That they are a model's, `trainPack` says. */
  settings: PackSettings;
  keys: string[];
  jobs: PackJob[];
  models: boolean;
}

/** Reads a pack, which anybody may have put into the queue. @throws ConfigError naming the first part that cannot be. */
export function readPackMessage(message: unknown): ReadPack {
  const { settings, series, jobs, models } = fields('pack', message, MESSAGE);
  const values = series.map((text, k) => within(`series[${k}]`, () => float64sOf(text)));
  if (jobs.length === 0) throw new ConfigError('jobs: got none, expected at least one.');
  const JOB = {
    ...{ key: needed(jobKey), series: needed(integer(0, values.length - 1)), seed: needed(integer(0, MAX_SEED)) },
    ...{
      lr: { kind: atLeastZero },
      epochs: { kind: positiveInteger },
      schedule: { kind: anObject },
      fold: { kind: anObject },
    },
  } as const;
  const read = jobs.map((job, k) =>
    within(`jobs[${k}]`, () => {
      const { fold, schedule, ...own } = fields('job', job, JOB);
      // which schedule it is, trainPack looks at
      return { ...own, schedule: schedule as PackJob['schedule'], fold: fold && fields('fold', fold, FOLD) };
    }),
  );
  return {
    settings: settings as PackSettings,
    keys: read.map(({ key }) => key),
    jobs: read.map(({ key: _, series, ...own }) => ({ ...own, series: values[series]! })),
    models,
  };
}

function float64sOf(text: unknown): Float64Array {
  const { buffer, byteLength } = base64Bytes(text);
  if (byteLength % Float64Array.BYTES_PER_ELEMENT > 0)
    throw new ConfigError(`got ${byteLength} bytes, expected float64 values of 8 bytes each.`);
  return new Float64Array(buffer);
}

/** The bytes of a text that is base64 to the last letter: Buffer leaves out what is not. */
function base64Bytes(text: unknown): Uint8Array<ArrayBuffer> {
  if (typeof text !== 'string' || text.length % 4 > 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw new ConfigError(`got ${typeof text === 'string' ? 'other text' : typeof text}, expected bytes in base64.`);
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Characters of an outcome, at most: its model takes 4 for 3 bytes, and what the file has beside the weights is little. */
export function mostLetters(configuration: Configuration): number {
  const known = letters.get(configuration);
  if (known !== undefined) return known;
  const { config, windowLength } = forecastShape(packSettings(configuration).model);
  const most = 2 * estimateMemory(config, { windowLength }).weights + 2 ** 20;
  letters.set(configuration, most);
  return most;
}
const letters = new WeakMap<Configuration, number>();

/** An outcome as text, the model in base64 where it is wanted. */
export function outcomeText(outcome: Outcome, models: boolean): string {
  if (!outcome.ok) return JSON.stringify(outcome);
  const { model, ...rest } = outcome;
  return JSON.stringify({ ...rest, ...(models && { model: Buffer.from(model).toString('base64') }) });
}

/**
 * Reads an outcome, which anybody may have put into the queue.
 * @param models whether they are wanted. @returns undefined where its model is wanted and was not kept: the job is to be done
 * again. @throws ConfigError, DataError where it is none of this job.
 */
export function outcomeOf(text: string, job: SweepJob, models: boolean): Outcome | undefined {
  const given = within('outcome', () => parsed(text));
  const { model, ...rest } = given as { model?: unknown };
  const outcome = readOutcome(rest);
  if (!outcome.ok) return outcome;
  if (!models) return { ...outcome, model: new Uint8Array() };
  if (model === undefined) return undefined;
  const bytes = within('model', () => base64Bytes(model));
  checkModel(bytes, job);
  return { ...outcome, model: bytes };
}

function parsed(text: string): object {
  try {
    return Object(JSON.parse(text)) as object;
  } catch (cause) {
    throw new DataError('got what is no JSON.', { cause });
  }
}

/** @throws DataError for a file that is no model of this job. */
function checkModel(bytes: Uint8Array, { configuration, seed }: SweepJob): void {
  const { shape, seed: own, members } = parseModelFile(bytes);
  const asked = forecastShape(packSettings(configuration).model);
  if (canonical(shape) !== canonical(asked) || own !== seed || members.length !== 1)
    throw new DataError('model: it is of another configuration or seed than the job.');
}
