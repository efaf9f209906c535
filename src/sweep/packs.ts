import { estimateMemory } from '../engine/memory.ts';
import type { PackSettings } from '../forecast/pack.ts';
import { type ForecastShape, forecastShape } from '../forecast/shape.ts';
import { describeDevice } from '../gpu/device.ts';
import { CONTROLS } from '../train/settings.ts';
import type { SweepJob } from './jobs.ts';
import { type Configuration, canonical, packSettings } from './plan.ts';

/** Jobs that train together: models of one shape with equal settings, each with its series, seed, rate, schedule, epochs and fold. */
export interface SweepPack {
  settings: PackSettings;
  /** At least one. */
  jobs: SweepJob[];
}

/** A GPU has room for many small models at once; a software adapter has a few cores. */
const JOBS_ON_GPU = 256;
const JOBS_ON_SOFTWARE = 32;

/** For packs whose device is unknown. */
export const JOBS_ON_ANY = 32;

/** The buffer size that every WebGPU device supports. A pack that takes less in total needs no buffer that is too large. */
const PACK_BYTES = 128 * 2 ** 20;

/** How many jobs a pack has on a device, unless memory limits it. */
export const jobsPerPack = (device: GPUDevice): number =>
  describeDevice(device).software ? JOBS_ON_SOFTWARE : JOBS_ON_GPU;

/**
 * Puts jobs that can train together into packs, next to those with similar epochs and lengths of series. The same jobs and size
 * give the same packs; the result of a job does not depend on its pack.
 * @param size largest number of jobs in a pack, >= 1.
 */
export function packJobs(jobs: readonly SweepJob[], size: number): SweepPack[] {
  const packs: SweepPack[] = [];
  for (const group of groupJobs(jobs)) {
    const settings = packSettings(group[0]!.configuration);
    const shape = forecastShape(settings.model);
    const modelBytes = bytesOfModel(shape, settings);
    let bytes = Infinity;
    for (const job of group) {
      const own = modelBytes + bytesOfInputs(shape, job);
      if (bytes + own > PACK_BYTES || packs.at(-1)!.jobs.length === size) {
        packs.push({ settings, jobs: [] });
        bytes = 0;
      }
      packs.at(-1)!.jobs.push(job);
      bytes += own;
    }
  }
  return packs;
}

/**
 * The jobs of shard `index` of `count`: dealt out like cards in the order of {@link packJobs}, so that every shard gets its share of
 * long series and large models. Does not depend on the device.
 * @param index from 0.
 */
export function shardOf(jobs: readonly SweepJob[], index: number, count: number): SweepJob[] {
  const mine = new Set(
    groupJobs(jobs)
      .flat()
      .filter((_, k) => k % count === index),
  );
  return jobs.filter((job) => mine.has(job));
}

/** Jobs by what a pack has in common, in the order of their first job; within a group, those with the fewest epochs and rows first. */
function groupJobs(jobs: readonly SweepJob[]): SweepJob[][] {
  const groups = new Map<string, SweepJob[]>();
  const names = new Map<Configuration, string>();
  for (const job of jobs) {
    const name = names.get(job.configuration) ?? canonical(packSettings(job.configuration));
    names.set(job.configuration, name);
    const group = groups.get(name);
    if (group) group.push(job);
    else groups.set(name, [job]);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => epochsOf(a) - epochsOf(b) || rowsOf(a) - rowsOf(b)));
}

const epochsOf = ({ configuration: { epochs = CONTROLS.epochs.usual } }: SweepJob): number => epochs;

const rowsOf = ({ series, fold }: SweepJob): number => fold?.trainRows ?? series.values.length;

function bytesOfModel({ config, windowLength }: ForecastShape, { fit }: PackSettings): number {
  const { batchSize, optimizer } = fit;
  return estimateMemory(config, { windowLength, batchSize, optimizer }).total;
}

/** For a series on the device: its rows once, or, if each window has its own scale, every window with the rows that it forecasts. */
function bytesOfInputs({ config, windowLength, horizon, scalePer }: ForecastShape, { series, fold }: SweepJob): number {
  const rows = series.values.length;
  const windowRows = windowLength + horizon;
  const samples = (fold ? fold.trainRows + fold.testRows : rows) - windowRows + 1;
  return 4 * config.inputSize * (scalePer === 'series' ? rows : Math.max(0, samples) * windowRows);
}
