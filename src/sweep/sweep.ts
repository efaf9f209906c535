import { DeviceError, DeviceLostError } from '../errors.ts';
import { type PackJob, type PackSettings, trainPack } from '../forecast/pack.ts';
import { describeDevice } from '../gpu/device.ts';
import { checkPositiveInteger } from '../model/config.ts';
import { checkOptions, type OptionNames } from '../options.ts';
import { TOGETHER_CONTROLS, type TogetherControls } from '../train/controls.ts';
import { listJobs, type SweepJob, type SweepSeries } from './jobs.ts';
import { jobsPerPack, packJobs } from './packs.ts';
import { PLAN_OPTIONS, type SweepPlan } from './plan.ts';
import { describeJob, failed, type Outcome, type SweepResult } from './results.ts';

/** Options of a sweep: plan, series, device and controls. */
export interface SweepOptions extends SweepPlan, TogetherControls {
  /** A device of the caller's; never destroyed here. */
  device: GPUDevice;
  series: readonly SweepSeries[];
  /** Keys of jobs to skip, from the results of an earlier run. */
  done?: Iterable<string>;
  /** Most jobs that train together. Default: what suits the device. */
  packSize?: number;
}

/** Complete, by its type. */
const OPTIONS: OptionNames<SweepOptions> = {
  ...{ ...PLAN_OPTIONS, ...TOGETHER_CONTROLS, device: true, series: true, done: true, packSize: true },
};

/**
 * Trains every series with every configuration of a plan, as many at once as the device can take, and yields the results pack by
 * pack. A job that cannot be trained, such as one with a model that is too large, is a result with its reason; results that were
 * yielded stay valid when the rest fails.
 * If the signal aborts with a DeviceError, the pack under way is not yielded; with another reason it is, if it was trained.
 * @throws ConfigError for an invalid plan. @throws DeviceLostError when the device is gone, or the signal's reason.
 */
export async function* sweep(options: SweepOptions): AsyncGenerator<SweepResult, void, undefined> {
  checkOptions('sweep', options, OPTIONS);
  const {
    device,
    series,
    done = [],
    packSize = jobsPerPack(device),
    signal,
    onProgress,
    beforeSlice,
    ...plan
  } = options;
  checkPositiveInteger('packSize', packSize);
  const known = new Set(done);
  const jobs = (await listJobs(series, plan)).filter(({ key }) => !known.has(key));
  for await (const finished of trainJobs(device, jobs, packSize, { signal, onProgress, beforeSlice }))
    for (const { job, outcome } of finished) yield { ...describeJob(job), ...outcome };
}

/** A job and its outcome. */
export interface FinishedJob {
  job: SweepJob;
  outcome: Outcome;
}

/** Trains jobs on one device: yields the jobs of a pack together, first those whose series could not be read. */
export async function* trainJobs(
  device: GPUDevice,
  jobs: readonly SweepJob[],
  packSize: number,
  controls: TogetherControls = {},
): AsyncGenerator<FinishedJob[], void, undefined> {
  const { unreadable, readable } = splitReadable(jobs);
  if (unreadable.length > 0) yield unreadable;
  for (const pack of packJobs(readable, packSize)) {
    controls.signal?.throwIfAborted();
    const outcomes = await trainOutcomes(device, pack.settings, pack.jobs.map(packJob), controls);
    yield pack.jobs.map((job, k) => ({ job, outcome: outcomes[k]! }));
  }
}

/** Jobs whose series could not be read are finished before any training. */
export function splitReadable(jobs: readonly SweepJob[]): { unreadable: FinishedJob[]; readable: SweepJob[] } {
  const unreadable: FinishedJob[] = [];
  const readable = jobs.filter((job) => {
    const { problem, problemCode } = job.series;
    if (problem !== undefined)
      unreadable.push({ job, outcome: { ok: false, reason: problem, ...(problemCode && { code: problemCode }) } });
    return problem === undefined;
  });
  return { unreadable, readable };
}

export const packJob = ({ series, seed, configuration, fold }: SweepJob): PackJob => ({
  series: series.values,
  seed,
  lr: configuration.lr,
  epochs: configuration.epochs,
  schedule: configuration.schedule,
  fold,
});

/**
 * Trains one pack. A pack that does not fit the device is split, and a job that does not fit by itself fails alone. Jobs that were
 * scored before the signal aborted are kept.
 * @throws DeviceLostError when the device is gone. @throws the signal's reason.
 */
export async function trainOutcomes(
  device: GPUDevice,
  settings: PackSettings,
  jobs: readonly PackJob[],
  controls: TogetherControls = {},
): Promise<Outcome[]> {
  try {
    return await trainAtOnce(device, settings, jobs, controls);
  } catch (error) {
    if (controls.signal?.aborted || !isTooMuch(error)) throw error;
    if (jobs.length === 1) return [failed(error)];
    const half = Math.ceil(jobs.length / 2);
    const first = await trainOutcomes(device, settings, jobs.slice(0, half), controls);
    return [...first, ...(await trainOutcomes(device, settings, jobs.slice(half), controls))];
  }
}

/** Whether the device or this process ran out of room; a smaller pack may fit. */
const isTooMuch = (error: unknown): boolean =>
  error instanceof RangeError || (error instanceof DeviceError && !(error instanceof DeviceLostError));

async function trainAtOnce(
  device: GPUDevice,
  settings: PackSettings,
  jobs: readonly PackJob[],
  controls: TogetherControls,
): Promise<Outcome[]> {
  const startMs = performance.now();
  const results = await trainPack(device, settings, jobs, controls);
  const seconds = (performance.now() - startMs) / 1000;
  const { name } = describeDevice(device);
  return results.map((result) => {
    if (!result.ok) {
      if (result.error instanceof DeviceError) throw result.error;
      return failed(result.error);
    }
    const { metrics, baselines, epochs, model } = result;
    const { loss } = epochs.at(-1)!;
    return {
      ok: true,
      metrics,
      baselines,
      epochs: epochs.length,
      loss,
      device: name,
      seconds,
      packed: jobs.length,
      model,
    };
  });
}
