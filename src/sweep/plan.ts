import { ConfigError } from '../errors.ts';
import { PACK_FIT_OPTIONS, type PackSettings } from '../forecast/pack.ts';
import { jointSettings } from '../forecast/settings.ts';
import { forecastShape } from '../forecast/shape.ts';
import { check, integer, positiveInteger } from '../kinds.ts';
import type { OptionNames } from '../options.ts';
import { placed } from '../placing.ts';
import { shown } from '../shown.ts';
import { suggestion } from '../suggestion.ts';
import { FORECASTER, horizonKind, SHAPE } from '../train/settings.ts';
import { type Axis, Combinations } from './combinations.ts';

/** Options of `Forecaster.create` and `fit` in one object, and the steps ahead that are scored. */
export type Configuration = Omit<PackSettings['model'], 'past' | 'future'> &
  PackSettings['fit'] & {
    /** Learning rate, >= 0. Default: the optimizer's. */
    lr?: number;
    /** Steps ahead that are scored from every origin, 1 to 10,000. Default: the horizon. */
    ahead?: number;
  };

const { target, idColumn, past, future, ...OF_MODEL } = SHAPE;
/** Options of a model; complete, by its type. */
const MODEL: OptionNames<Omit<PackSettings['model'], 'past' | 'future'>> = OF_MODEL;

/** Each option with one value, or a list of values to try; `quantiles`, itself a list, with one list or a list of lists. */
export type Grid = { readonly [Key in keyof Configuration]: Configuration[Key] | readonly Configuration[Key][] };

/** What to try on every series. */
export interface SweepPlan {
  /** All combinations of the values; several grids one after the other. Default: one model with all defaults. */
  grid?: Grid | readonly Grid[];
  /** Each configuration is trained once with each. Default [0]. */
  seeds?: readonly number[];
  /**
   * Backtest with a rolling origin: the last `count * testRows` rows of a series are scored in `count` parts, each by a
   * model that was trained on all rows before it. Default: once, by the configuration's `split`.
   */
  folds?: { count: number; testRows: number };
  /** A random sample of `jobs` of all jobs, without replacement; the others are never created. */
  sample?: { jobs: number; seed?: number };
}

/** Most jobs of one sweep: each takes about 2 KiB of memory, and a line of the results. */
export const MAX_JOBS = 500_000;

/** Most values of one option: each is checked, even if a sample leaves it out. */
const MAX_VALUES = 10_000;

/** The options that a grid may vary. */
export const GRID_OPTIONS = {
  model: Object.keys(MODEL),
  fit: [...Object.keys(PACK_FIT_OPTIONS).filter((name) => name !== 'from'), 'lr'], // each training starts from initial weights
  score: ['ahead'],
} as const;

/** Options of a plan; complete, by its type. */
export const PLAN_OPTIONS: OptionNames<SweepPlan> = { grid: true, seeds: true, folds: true, sample: true };

/**
 * Checks a plan from any source.
 * @throws ConfigError naming the first invalid part, by its place in the plan.
 */
export function checkPlan(plan: unknown): SweepPlan {
  checkKeys('plan', plan, Object.keys(PLAN_OPTIONS));
  const { grid = {}, seeds = [0], folds, sample } = plan as SweepPlan;
  const tried = configurations(grid);
  checkList('seeds', seeds);
  if (folds !== undefined) {
    checkKeys('folds', folds, ['count', 'testRows']);
    for (const name of ['count', 'testRows'] as const) check(`folds.${name}`, folds[name], positiveInteger);
    const [split] = [grid].flat().flatMap((one) => one.split ?? []);
    if (split !== undefined)
      throw new ConfigError(
        `grid.split: got ${split}, but folds already decide what is scored; leave one of the two out.`,
      );
  }
  if (sample !== undefined) {
    checkKeys('sample', sample, ['jobs', 'seed']);
    check('sample.jobs', sample.jobs, integer(1, MAX_JOBS));
    if (sample.seed !== undefined) check('sample.seed', sample.seed, FORECASTER.seed.kind);
  }
  countJobs({ grid, seeds, folds, sample }, 1); // before any loop over them
  for (const [k, seed] of seeds.entries()) check(`seeds[${k}]`, seed, FORECASTER.seed.kind);
  const twice = firstDouble(seeds);
  if (twice !== undefined) throw new ConfigError(`seeds: ${twice} occurs twice; remove one.`);
  checkEach(grid, tried.length > MAX_JOBS);
  return { grid, seeds, folds, sample };
}

/**
 * The jobs of a checked plan, before a sample is drawn.
 * @throws ConfigError with the numbers, if there are more than a sweep can have, or than can be sampled.
 */
export function countJobs({ grid = {}, seeds = [0], folds, sample }: SweepPlan, series: number): number {
  const counts = { series, configurations: configurations(grid).length, seeds: seeds.length, folds: folds?.count ?? 1 };
  const jobs = Object.values(counts).reduce((product, count) => product * count);
  if (jobs <= (sample ? Number.MAX_SAFE_INTEGER : MAX_JOBS)) return jobs;
  const factors = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  throw new ConfigError(
    `plan: ${factors.join(' x ')} are ${jobs} jobs, ` +
      (sample
        ? `but a sample is drawn from at most ${Number.MAX_SAFE_INTEGER}. Try fewer values.`
        : `but a sweep has at most ${MAX_JOBS}. Try fewer values, or draw a sample: "sample": { "jobs": 1000 }.`),
  );
}

/** The first value that occurs twice. */
function firstDouble<Value>(values: Iterable<Value>): Value | undefined {
  const seen = new Set<Value>();
  for (const value of values) if (seen.size === seen.add(value).size) return value;
  return undefined;
}

/**
 * The configurations of a grid, in order: the last option changes fastest.
 * @throws ConfigError naming the grid, and an unknown option or one without values.
 */
export const configurations = (grid: Grid | readonly Grid[]): Combinations<Configuration> =>
  new Combinations(gridsOf(grid).map(({ axes }) => axes));

function gridsOf(grid: Grid | readonly Grid[]): { where: string; axes: Axis[] }[] {
  const isList = Array.isArray(grid);
  const grids = (isList ? grid : [grid]) as readonly Grid[];
  checkList('grid', grids);
  return grids.map((one, k) => {
    const where = isList ? `grid[${k}]` : 'grid';
    return { where, axes: axesOf(one, where) };
  });
}

/**
 * Checks every configuration, or if there are very many, every value: then sampled configurations are checked later.
 * @throws ConfigError naming the grid, the option, and the expected value.
 */
function checkEach(grid: Grid | readonly Grid[], isLong: boolean): void {
  const grids = gridsOf(grid);
  for (const { where, axes } of grids) {
    for (const [name, values] of axes) {
      const twice = firstDouble(texts(values));
      if (twice !== undefined) throw new ConfigError(`${where}.${name}: ${twice} occurs twice; remove one.`);
    }
    for (const configuration of isLong ? eachValue(axes) : new Combinations<Configuration>([axes]))
      checkConfiguration(configuration, where);
  }
  const twice = grids.length > 1 && !isLong ? firstDouble(texts(configurations(grid))) : undefined;
  if (twice !== undefined) throw new ConfigError(`grid: the configuration ${twice} occurs twice; remove one.`);
}

function axesOf(grid: Grid, where: string): Axis[] {
  checkKeys(where, grid, Object.values(GRID_OPTIONS).flat());
  return Object.entries(grid).map(([name, given]): Axis => {
    const isOne = !Array.isArray(given) || (name === 'quantiles' && typeof given[0] === 'number');
    const values = (isOne ? [given] : given) as readonly unknown[];
    checkList(`${where}.${name}`, values);
    if (values.length > MAX_VALUES)
      throw new ConfigError(`${where}.${name}: got ${values.length} values to try, expected at most ${MAX_VALUES}.`);
    return [name, values];
  });
}

/** Configurations with each value at least once, and the first values of the other options. */
function* eachValue(axes: readonly Axis[]): Generator<Configuration, void, undefined> {
  for (const axis of axes)
    yield* new Combinations<Configuration>([
      axes.map(([name, values]) => (name === axis[0] ? axis : [name, values.slice(0, 1)])),
    ]);
}

function* texts(values: Iterable<unknown>): Generator<string, void, undefined> {
  for (const value of values) yield canonical(value);
}

/** Checks what a training would check, and what only text from a file can get wrong. */
export function checkConfiguration(configuration: Configuration, where: string): void {
  const { lr, epochs, schedule, quantiles, ahead } = configuration;
  if (quantiles !== undefined) checkList(`${where}.quantiles`, quantiles);
  try {
    if (lr !== undefined && typeof lr !== 'number') throw new ConfigError(`lr: got ${shown(lr)}, expected a number.`);
    if (ahead !== undefined) check('ahead', ahead, horizonKind);
    const { model, fit } = packSettings(configuration);
    jointSettings({ ...fit, lr, epochs, schedule }, forecastShape(model), 1);
  } catch (error) {
    throw placed(error, where, '.');
  }
}

/** Jobs that train together may differ in these. */
const { epochs: _, schedule: __, ...SHARED } = PACK_FIT_OPTIONS;

/** What the jobs of one pack share. */
export const packSettings = (configuration: Configuration): PackSettings => ({
  model: part(configuration, MODEL),
  fit: part(configuration, SHARED),
  ...part(configuration, { ahead: true }),
});

/** Steps ahead that the errors of a configuration are over. */
export const aheadOf = ({ ahead, horizon = SHAPE.horizon.usual }: Configuration): number => ahead ?? horizon;

const part = (configuration: Configuration, names: object): object =>
  Object.fromEntries(Object.entries(configuration).filter(([name]) => Object.hasOwn(names, name)));

/** JSON with sorted names: equal for equal content. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkKeys(where: string, value: unknown, known: readonly string[]): void {
  if (!isObject(value))
    throw new ConfigError(`${where}: got ${shown(value)}, expected an object with ${known.join(', ')}.`);
  for (const name of Object.keys(value))
    if (!known.includes(name))
      throw new ConfigError(
        `${where}: unknown key ${shown(name)}.${suggestion(name, known) || ` Known: ${known.join(', ')}.`}`,
      );
}

function checkList(where: string, value: unknown): void {
  if (!Array.isArray(value) || value.length === 0)
    throw new ConfigError(`${where}: got ${shown(value)}, expected a list with at least one entry.`);
}
