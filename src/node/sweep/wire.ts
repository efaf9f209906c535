import { estimateMemory } from '../../engine/memory.ts';
import { ConfigError, DataError } from '../../errors.ts';
import { parseModelFile } from '../../forecast/model_file.ts';
import type { PackJob, PackSettings } from '../../forecast/pack.ts';
import { forecastShape } from '../../forecast/shape.ts';
import { anObject, atLeastZero, integer, list, onOff, positiveInteger } from '../../kinds.ts';
import { MAX_SEED } from '../../model/init.ts';
import { within } from '../../placing.ts';
import type { SweepJob } from '../../sweep/jobs.ts';
import type { SweepPack } from '../../sweep/packs.ts';
import { type Configuration, canonical, packSettings } from '../../sweep/plan.ts';
import type { Outcome } from '../../sweep/results.ts';
import { FOLD, fields, jobKey, needed, readOutcome } from '../../sweep/stored.ts';
import { packJob } from '../../sweep/sweep.ts';

/** A pack in the queue: all that a worker needs, each series once. */
export interface PackMessage {
  settings: PackSettings;
  /** The bytes of float64 values, in base64. */
  series: string[];
  /** `series` is an index into the list above. */
  jobs: (Omit<PackJob, 'series'> & { key: string; series: number })[];
  /** Whether models are wanted. */
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

/** A pack as a worker reads it: jobs, with their keys. */
export interface ReadPack {
  /** Checked by `trainPack`. */
  settings: PackSettings;
  keys: string[];
  jobs: PackJob[];
  models: boolean;
}

/** Reads a pack; its source is not trusted. @throws ConfigError naming the first invalid part. */
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
      // trainPack checks the schedule
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

/** The bytes of base64, checked to the last character: Buffer would skip invalid ones. */
function base64Bytes(text: unknown): Uint8Array<ArrayBuffer> {
  if (typeof text !== 'string' || text.length % 4 > 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw new ConfigError(`got ${typeof text === 'string' ? 'other text' : typeof text}, expected base64.`);
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Maximum length of an outcome: base64 takes 4 characters for 3 bytes, and a model file is little more than its weights. */
export function mostLetters(configuration: Configuration): number {
  const known = letters.get(configuration);
  if (known !== undefined) return known;
  const { config, windowLength } = forecastShape(packSettings(configuration).model);
  const most = 2 * estimateMemory(config, { windowLength }).weights + 2 ** 20;
  letters.set(configuration, most);
  return most;
}
const letters = new WeakMap<Configuration, number>();

/** An outcome as text, with the model in base64 if it is wanted. */
export function outcomeText(outcome: Outcome, models: boolean): string {
  if (!outcome.ok) return JSON.stringify(outcome);
  const { model, ...rest } = outcome;
  return JSON.stringify({ ...rest, ...(models && { model: Buffer.from(model).toString('base64') }) });
}

/**
 * Reads an outcome; its source is not trusted.
 * @param models whether they are wanted. @returns undefined if the model is wanted and was not kept: the job must be done again.
 * @throws ConfigError, DataError if it is not an outcome of this job.
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
    throw new DataError('expected JSON.', { cause });
  }
}

/** @throws DataError for a file that is not a model of this job. */
function checkModel(bytes: Uint8Array, { configuration, seed }: SweepJob): void {
  const { shape, seed: own, members } = parseModelFile(bytes);
  const asked = forecastShape(packSettings(configuration).model);
  if (canonical(shape) !== canonical(asked) || own !== seed || members.length !== 1)
    throw new DataError('model: its configuration or seed is not that of the job.');
}
