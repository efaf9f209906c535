import { ConfigError } from '../errors.ts';
import { PACK_FIT_OPTIONS, type PackSettings } from '../forecast/pack.ts';
import { fitSettings } from '../forecast/settings.ts';
import { forecastShape } from '../forecast/shape.ts';
import { check, positiveInteger } from '../kinds.ts';
import type { OptionNames } from '../options.ts';
import { placed } from '../placing.ts';
import { suggestion } from '../suggestion.ts';
import { FORECASTER, SHAPE } from '../train/settings.ts';

/** Options of `Forecaster.create` and `fit` in one object: what one model is, and how it learns. */
export type Configuration = Omit<PackSettings['model'], 'past' | 'future'> &
  PackSettings['fit'] & {
    /** Learning rate, >= 0. Default: the optimizer's. */
    lr?: number;
  };

const { target, past, future, ...OF_MODEL } = SHAPE;
/** Options that say what a model is; the compiler asks for every one. */
const MODEL: OptionNames<Omit<PackSettings['model'], 'past' | 'future'>> = OF_MODEL;

/** Each option with one value, or a list of values to try; `quantiles`, a list itself, with one or a list of lists. */
export type Grid = { readonly [Key in keyof Configuration]: Configuration[Key] | readonly Configuration[Key][] };

/** What is to be tried on every series. */
export interface SweepPlan {
  /** All combinations of the values; of several grids one after the other. Default: one model with all defaults. */
  grid?: Grid | readonly Grid[];
  /** Each configuration is trained once with each. Default [0]. */
  seeds?: readonly number[];
  /**
   * Backtest with a rolling origin: the last `count * testRows` rows of a series are scored in `count` parts, each by a
   * model that was trained on all rows before it. Default: once, by the configuration's `split`.
   */
  folds?: { count: number; testRows: number };
  /** Only so many of all jobs, drawn without replacement. */
  sample?: { jobs: number; seed?: number };
}

/** What a grid may vary: what a model is, and how it learns. */
export const GRID_OPTIONS = {
  model: Object.keys(MODEL),
  fit: [...Object.keys(PACK_FIT_OPTIONS).filter((name) => name !== 'from'), 'lr'], // each starts anew
} as const;

/** Of a plan; the compiler asks for every one. */
export const PLAN_OPTIONS: OptionNames<SweepPlan> = { grid: true, seeds: true, folds: true, sample: true };

/**
 * Checks a plan, wherever it comes from.
 * @throws ConfigError naming the first part that cannot be, by its place in the plan.
 */
export function checkPlan(plan: unknown): SweepPlan {
  checkKeys('plan', plan, Object.keys(PLAN_OPTIONS));
  const { grid = {}, seeds = [0], folds, sample } = plan as SweepPlan;
  const tried = configurations(grid);
  checkList('seeds', seeds);
  for (const [k, seed] of seeds.entries()) check(`seeds[${k}]`, seed, FORECASTER.seed.kind);
  const twice = seeds.find((seed, k) => seeds.indexOf(seed) !== k);
  if (twice !== undefined) throw new ConfigError(`seeds: ${twice} is there twice; leave one out.`);
  if (folds !== undefined) {
    checkKeys('folds', folds, ['count', 'testRows']);
    for (const name of ['count', 'testRows'] as const) check(`folds.${name}`, folds[name], positiveInteger);
    const split = tried.find((one) => one.split !== undefined)?.split;
    if (split !== undefined)
      throw new ConfigError(
        `grid.split: got ${split} beside folds, which say what is scored; leave one of the two out.`,
      );
  }
  if (sample !== undefined) {
    checkKeys('sample', sample, ['jobs', 'seed']);
    check('sample.jobs', sample.jobs, positiveInteger);
    if (sample.seed !== undefined) check('sample.seed', sample.seed, FORECASTER.seed.kind);
  }
  return { grid, seeds, folds, sample };
}

/**
 * The configurations of a grid, in order: the last option changes fastest.
 * @throws ConfigError naming the grid, the option, and what it expected.
 */
export function configurations(grid: Grid | readonly Grid[]): Configuration[] {
  const grids = (Array.isArray(grid) ? grid : [grid]) as readonly Grid[];
  checkList('grid', grids);
  const all = grids.flatMap((one, k) => {
    const where = Array.isArray(grid) ? `grid[${k}]` : 'grid';
    checkKeys(where, one, Object.values(GRID_OPTIONS).flat());
    return product(one, where);
  });
  const seen = new Set<string>();
  for (const configuration of all) {
    const text = canonical(configuration);
    if (seen.has(text)) throw new ConfigError(`grid: the configuration ${text} is there twice; leave one out.`);
    seen.add(text);
  }
  return all;
}

function product(grid: Grid, where: string): Configuration[] {
  let list: Configuration[] = [{}];
  for (const [name, given] of Object.entries(grid)) {
    const isOne = !Array.isArray(given) || (name === 'quantiles' && typeof given[0] === 'number');
    const values = (isOne ? [given] : given) as readonly unknown[];
    checkList(`${where}.${name}`, values);
    list = list.flatMap((configuration) => values.map((value) => ({ ...configuration, [name]: value })));
  }
  for (const configuration of list) checkConfiguration(configuration, where);
  return list;
}

/** Asks what a training would ask, before there is one; and what only text from a file can get wrong. */
function checkConfiguration(configuration: Configuration, where: string): void {
  const { lr, quantiles } = configuration;
  if (quantiles !== undefined) checkList(`${where}.quantiles`, quantiles);
  try {
    if (lr !== undefined && typeof lr !== 'number')
      throw new ConfigError(`lr: got ${JSON.stringify(lr)}, expected a number.`);
    const { model, fit } = packSettings(configuration);
    fitSettings({ ...fit, lr }, forecastShape(model), 1);
  } catch (error) {
    throw placed(error, where, '.');
  }
}

/** What the jobs of one pack share. */
export const packSettings = (configuration: Configuration): PackSettings => ({
  model: part(configuration, MODEL),
  fit: part(configuration, PACK_FIT_OPTIONS),
});

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
    throw new ConfigError(`${where}: got ${JSON.stringify(value)}, expected an object with ${known.join(', ')}.`);
  for (const name of Object.keys(value))
    if (!known.includes(name))
      throw new ConfigError(
        `${where}: unknown key ${JSON.stringify(name)}.${suggestion(name, known) || ` Known: ${known.join(', ')}.`}`,
      );
}

function checkList(where: string, value: unknown): void {
  if (!Array.isArray(value) || value.length === 0)
    throw new ConfigError(`${where}: got ${JSON.stringify(value)}, expected a list with at least one entry.`);
}
