import type { PackJob, PackSettings } from '../../forecast/pack.ts';
import type { SweepPack } from '../../sweep/packs.ts';
import type { FailedJob, Outcome, TrainedJob } from '../../sweep/results.ts';
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
  const list = [...new Set(jobs.map(({ series }) => series))];
  const series = list.map(({ values: { buffer, byteOffset, byteLength } }) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
  );
  const numbered = jobs.map((job) => ({ ...packJob(job), key: job.key, series: list.indexOf(job.series) }));
  return { settings, series, jobs: numbered, models };
}

/** The jobs of a message, and their keys beside them. */
export function readPackMessage({ series, jobs }: PackMessage): { keys: string[]; jobs: PackJob[] } {
  const values = series.map((text) => new Float64Array(new Uint8Array(Buffer.from(text, 'base64')).buffer));
  return {
    keys: jobs.map(({ key }) => key),
    jobs: jobs.map(({ series, seed, lr, fold }) => ({ series: values[series]!, seed, lr, fold })),
  };
}

/** An outcome as text, the model in base64 where it is wanted. */
export function outcomeText(outcome: Outcome, models: boolean): string {
  if (!outcome.ok) return JSON.stringify(outcome);
  const { model, ...rest } = outcome;
  return JSON.stringify({ ...rest, ...(models && { model: Buffer.from(model).toString('base64') }) });
}

/** @returns undefined where there is none, or its model is wanted and was not kept: the job is to be done again. */
export function readOutcome(text: string | null, models: boolean): Outcome | undefined {
  if (text === null) return undefined;
  const outcome = JSON.parse(text) as FailedJob | (Omit<TrainedJob, 'model'> & { model?: string });
  if (!outcome.ok) return outcome;
  const { model = '', ...rest } = outcome;
  return models && model === '' ? undefined : { ...rest, model: new Uint8Array(Buffer.from(model, 'base64')) };
}
