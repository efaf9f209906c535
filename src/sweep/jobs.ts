import { COPIED, float64s, type NumericArray } from '../arrays.ts';
import { sampleOrder } from '../data/windows.ts';
import { ConfigError, type ErrorCode, LstmError } from '../errors.ts';
import type { Fold } from '../forecast/fitted.ts';
import { checkOptions } from '../options.ts';
import { shown } from '../shown.ts';
import { VERSION } from '../version.ts';
import { type Configuration, canonical, checkPlan, configurations, type SweepPlan } from './plan.ts';

/** A series of a sweep. */
export interface SweepSeries {
  /** Its name in the results; no two series of a sweep share one. */
  id: string;
  /** [rows], oldest first, finite; jobs of a series with other values fail. */
  values: NumericArray;
  /** Why there are no values, where it could not be read: its jobs fail with this reason. */
  problem?: string;
  /** Of the error that is the problem. */
  problemCode?: ErrorCode;
}

/** A series that was read: of one that cannot be, no values and the problem. */
interface ReadSeries extends SweepSeries {
  values: Float64Array;
}

/** One model to be trained. */
export interface SweepJob {
  /** Hash of configuration, series, fold, seed and version of the engine: 32 hexadecimal digits. */
  key: string;
  series: ReadSeries;
  configuration: Configuration;
  seed: number;
  /** Undefined where the configuration's `split` says what is scored. */
  fold: Fold | undefined;
}

/**
 * Every job of a sweep: for each series all configurations, for each of them all seeds, for each of them all folds; or the
 * plan's sample of these, in the same order. The same input gives the same list on every machine.
 * @throws ConfigError for a plan that cannot be, no series, or two of one name.
 */
export async function listJobs(series: readonly SweepSeries[], plan: SweepPlan = {}): Promise<SweepJob[]> {
  const { grid = {}, seeds = [0], folds, sample } = checkPlan(plan);
  if (!Array.isArray(series) || series.length === 0)
    throw new ConfigError(`series: got ${Array.isArray(series) ? 'none' : shown(series)}, expected at least one.`);
  for (const [k, one] of series.entries())
    if (typeof one?.id !== 'string')
      throw new ConfigError(`series[${k}]: got ${shown(one)}, expected { id, values }, with a name for the id.`);
  const ids = new Set<string>();
  for (const [k, one] of series.entries()) {
    checkOptions(`series[${k}]`, one, { id: true, values: true, problem: true, problemCode: true });
    const { id } = one;
    if (ids.has(id))
      throw new ConfigError(`series: two of them are called ${JSON.stringify(id)}; give each its own id.`);
    ids.add(id);
  }
  const all = series
    .map(readValues)
    .flatMap((one) =>
      configurations(grid).flatMap((configuration) =>
        seeds.flatMap((seed) => foldsOf(one, folds).map((fold) => ({ series: one, configuration, seed, fold }))),
      ),
    );
  const jobs = sample ? drawn(all, sample) : all;
  const dataHashes = new Map<ReadSeries, Promise<string>>();
  const dataHash = (one: ReadSeries) => {
    const known = dataHashes.get(one) ?? hashSeries(one);
    dataHashes.set(one, known);
    return known;
  };
  return Promise.all(
    jobs.map(async ({ series, configuration, seed, fold }) => {
      const data = await dataHash(series);
      const text = canonical({ version: VERSION, data, configuration, seed, fold });
      return { key: await hash(new TextEncoder().encode(text)), series, configuration, seed, fold };
    }),
  );
}

function readValues(series: SweepSeries): ReadSeries {
  try {
    return { ...series, values: float64s('series', series.values, COPIED) };
  } catch (error) {
    if (!(error instanceof LstmError)) throw error;
    const own = series.problem === undefined && { problem: error.message, problemCode: error.code };
    return { ...series, values: new Float64Array(), ...own };
  }
}

function foldsOf({ values }: ReadSeries, folds: SweepPlan['folds']): (Fold | undefined)[] {
  if (!folds) return [undefined];
  const { count, testRows } = folds;
  return Array.from({ length: count }, (_, k) => ({ trainRows: values.length - (count - k) * testRows, testRows }));
}

/** Some of the jobs, in their order. */
function drawn<Job>(jobs: readonly Job[], { jobs: count, seed = 0 }: NonNullable<SweepPlan['sample']>): Job[] {
  const order = sampleOrder(jobs.length, { shuffle: true, seed, epoch: 1 });
  return [...order.slice(0, count)].sort((a, b) => a - b).map((k) => jobs[k]!);
}

function hashSeries({ id, values, problem = '' }: ReadSeries): Promise<string> {
  const name = new TextEncoder().encode(JSON.stringify([id, problem]));
  const numbers = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(name.length + numbers.length);
  bytes.set(name);
  bytes.set(numbers, name.length);
  return hash(bytes);
}

/** The first half of SHA-256, in hexadecimal digits. */
async function hash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
