import { COPIED, float64s, type NumericArray } from '../arrays.ts';
import { drawPlaces } from '../data/windows.ts';
import { ConfigError, type ErrorCode, LstmError } from '../errors.ts';
import type { Fold } from '../forecast/fitted.ts';
import { checkOptions } from '../options.ts';
import { shown } from '../shown.ts';
import { VERSION } from '../version.ts';
import type { Combinations } from './combinations.ts';
import {
  type Configuration,
  canonical,
  checkConfiguration,
  checkPlan,
  configurations,
  countJobs,
  MAX_JOBS,
  type SweepPlan,
} from './plan.ts';

/** Pending promises at the same time. */
const HASHED_AT_ONCE = 1000;

/** A series of a sweep. */
export interface SweepSeries {
  /** Its name in the results; unique in a sweep. */
  id: string;
  /** [rows], oldest first, finite; jobs of a series with other values fail. */
  values: NumericArray;
  /** Why it could not be read: its jobs fail with this reason. */
  problem?: string;
  /** Code of that error. */
  problemCode?: ErrorCode;
}

/** A series that was read: if it failed, with no values and the problem. */
interface ReadSeries extends SweepSeries {
  values: Float64Array;
}

/** One model to train. */
export interface SweepJob {
  /** Hash of configuration, series, fold, seed and version of the engine: 32 hexadecimal digits. */
  key: string;
  series: ReadSeries;
  configuration: Configuration;
  seed: number;
  /** Undefined if the configuration's `split` decides what is scored. */
  fold: Fold | undefined;
}

/**
 * Every job of a sweep: for each series all configurations, for each of them all seeds, for each of them all folds; or the
 * plan's sample of these, in the same order. The same input gives the same list on every machine.
 * @throws ConfigError for an invalid plan, no series, or two with the same name.
 */
export async function listJobs(series: readonly SweepSeries[], plan: SweepPlan = {}): Promise<SweepJob[]> {
  const checked = checkPlan(plan);
  if (!Array.isArray(series) || series.length === 0)
    throw new ConfigError(`series: got ${Array.isArray(series) ? 'none' : shown(series)}, expected at least one.`);
  for (const [k, one] of series.entries())
    if (typeof one?.id !== 'string')
      throw new ConfigError(`series[${k}]: got ${shown(one)}, expected { id, values }, with a name for the id.`);
  const ids = new Set<string>();
  for (const [k, one] of series.entries()) {
    checkOptions(`series[${k}]`, one, { id: true, values: true, problem: true, problemCode: true });
    const { id } = one;
    if (ids.has(id)) throw new ConfigError(`series: two have the id ${JSON.stringify(id)}; give each its own.`);
    ids.add(id);
  }
  const total = countJobs(checked, series.length);
  const { sample } = checked;
  const places = sample
    ? drawPlaces(total, Math.min(sample.jobs, total), sample.seed ?? 0)
    : Uint32Array.from({ length: total }, (_, k) => k);
  const all = new PlannedJobs(series.map(readValues), checked);
  const jobs: SweepJob[] = [];
  for (let first = 0; first < places.length; first += HASHED_AT_ONCE) {
    const some = Array.from(places.slice(first, first + HASHED_AT_ONCE), (place) => all.at(place));
    jobs.push(...(await Promise.all(some.map(withKey))));
  }
  return jobs;
}

/** The jobs of a plan, by index: each is created on request. */
class PlannedJobs {
  readonly #series: readonly ReadSeries[];
  readonly #configurations: Combinations<Configuration>;
  readonly #isLong: boolean;
  /** By index; jobs share them. */
  readonly #made = new Map<number, Configuration>();
  readonly #seeds: readonly number[];
  readonly #folds: SweepPlan['folds'];

  constructor(series: readonly ReadSeries[], { grid = {}, seeds = [0], folds }: SweepPlan) {
    this.#series = series;
    this.#configurations = configurations(grid);
    this.#isLong = this.#configurations.length > MAX_JOBS;
    this.#seeds = seeds;
    this.#folds = folds;
  }

  /** Of series, configuration, seed and fold, the last changes fastest. */
  at(place: number): Omit<SweepJob, 'key'> {
    const [before, fold] = divided(place, this.#folds?.count ?? 1);
    const [row, seed] = divided(before, this.#seeds.length);
    const [first, configuration] = divided(row, this.#configurations.length);
    const series = this.#series[first]!;
    return {
      ...{ series, configuration: this.#configuration(configuration), seed: this.#seeds[seed]! },
      fold: this.#folds && foldOf(series, this.#folds, fold),
    };
  }

  #configuration(place: number): Configuration {
    const known = this.#made.get(place);
    if (known) return known;
    const configuration = this.#configurations.at(place);
    if (this.#isLong) checkConfiguration(configuration, 'grid');
    this.#made.set(place, configuration);
    return configuration;
  }
}

const divided = (place: number, size: number): [whole: number, rest: number] => [
  Math.floor(place / size),
  place % size,
];

async function withKey(job: Omit<SweepJob, 'key'>): Promise<SweepJob> {
  const { series, configuration, seed, fold } = job;
  const text = canonical({ version: VERSION, data: await hashSeries(series), configuration, seed, fold });
  return { key: await hash(new TextEncoder().encode(text)), ...job };
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

function foldOf({ values }: ReadSeries, { count, testRows }: NonNullable<SweepPlan['folds']>, fold: number): Fold {
  return { trainRows: values.length - (count - fold) * testRows, testRows };
}

const hashes = new WeakMap<ReadSeries, Promise<string>>();

function hashSeries(series: ReadSeries): Promise<string> {
  const known = hashes.get(series) ?? hashOf(series);
  hashes.set(series, known);
  return known;
}

function hashOf({ id, values, problem = '' }: ReadSeries): Promise<string> {
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
