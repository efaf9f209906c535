import { atLeastZero, choice, decimalOf, integer, type Kind, list, number, onOff, positiveInteger } from '../kinds.ts';
import { FORECASTER, type Group, horizonKind, type Setting, SHAPE } from '../train/settings.ts';

const inGroup =
  <const G extends Group>(group: G) =>
  <const Flag extends string, Row extends Omit<Setting, 'group' | 'flag'>>(flag: Flag, row: Row) => ({
    ...row,
    ...{ group, flag },
  });
const model = inGroup('Model');
const training = inGroup('Training');
const evaluation = inGroup('Evaluation');

const { usual: _, ...ofWindow } = SHAPE.windowLength;

const seasons = list('N,N,...', decimalOf, 'whole numbers of at least 2, the rows of each season, or 1 for none');
const seasonsKind: Kind<readonly number[]> = {
  ...seasons,
  accepts: (value) => Array.isArray(value) && value.every((season) => positiveInteger.accepts(season)),
  read(text) {
    const read = seasons.read(text);
    return read && seasonsKind.accepts(read) ? read : undefined;
  },
};

/** Limit of the default horizon: a day of minutes. */
export const MOST_AHEAD = 1440;

/** Settings of a forecast: options of `forecast`, and flags of the command. */
export const RECIPE = {
  horizon: model('horizon', {
    kind: horizonKind,
    label: 'Horizon',
    help: 'Steps to forecast',
    usually: `one season, at most ${MOST_AHEAD}; 10 without one`,
  }),
  seasons: model('season', {
    kind: seasonsKind,
    label: 'Seasons',
    help: 'Rows per season, such as 24,168; 1: none',
    usually: 'from the dates and the values',
  }),
  log: model('log', {
    kind: choice({ auto: 'auto', on: 'on', off: 'off' }),
    usual: 'auto' as const,
    label: 'Logarithms',
    help: 'Learn logarithms of the values; auto: if all are above 0',
  }),
  outliers: model('outliers', {
    kind: choice({ replace: 'replace', keep: 'keep' }),
    usual: 'replace' as const,
    label: 'Outliers',
    help: 'Values far outside all others, such as 999999 for a missing one: replace by the mean of their neighbors, or keep',
  }),
  deseasonalize: model('deseasonalize', {
    kind: choice({ auto: 'auto', on: 'on', off: 'off' }),
    usual: 'auto' as const,
    label: 'Deseasonalize',
    help: 'Remove seasons by STL before training; auto: those that stand out',
  }),
  windowLength: { ...ofWindow, usually: 'one season, from 8 to 60 rows; 28 for a longer one, 10 without one' },
  hiddenSize: { ...SHAPE.hiddenSize, usual: 16 },
  steps: training('steps', {
    kind: positiveInteger,
    usually: '400; 1200 with other columns',
    label: 'Steps',
    help: 'Optimizer steps; the learning rate falls to 0 along half a cosine',
  }),
  batchSize: training('batch', { kind: positiveInteger, usual: 16, label: 'Batch size', help: 'Windows per step' }),
  lr: training('lr', { kind: atLeastZero, usual: 0.003, label: 'Learning rate', help: 'Initial learning rate' }),
  seed: FORECASTER.seed,
  folds: evaluation('folds', {
    kind: integer(1, 100),
    usual: 3,
    label: 'Folds',
    help: 'Origins before the end that every method is scored from, one horizon apart',
  }),
  auto: training('auto', {
    kind: onOff,
    usual: false,
    label: 'Several recipes',
    help: 'Try about nine recipes and average the three most accurate; takes about nine times as long',
  }),
  level: evaluation('interval', {
    kind: number({ above: 0, below: 1 }),
    usual: 0.9,
    label: 'Level',
    help: 'Target coverage of the intervals',
  }),
  modelOnly: evaluation('model-only', {
    kind: onOff,
    usual: false,
    label: 'Model only',
    help: 'Forecast with the trained model even if a simpler method was better from the same origins',
  }),
} as const satisfies Readonly<Record<string, Setting>>;

/** Optimizer steps of a model that reads only the series, and of one with other columns, which needs more. */
export const STEPS = { alone: 400, withColumns: 1200 };

/** Rows of a window without a season, and the minimum with one. */
const WITHOUT_SEASON = 10;
const LEAST_WINDOW = 8;
/** The window for seasons of more than `LONGEST_WINDOW` rows is `OF_LONG_SEASON`. */
const LONGEST_WINDOW = 60;
const OF_LONG_SEASON = 28;

/** Rows of a window that suits a season, and leaves enough windows in a series of `rows`. */
export function windowFor(season: number, horizon: number, rows: number): number {
  const usual =
    season === 1 ? WITHOUT_SEASON : season > LONGEST_WINDOW ? OF_LONG_SEASON : Math.max(LEAST_WINDOW, season);
  return fitting(usual, horizon, rows);
}

/** Where seasons are not removed, a window has several short ones: up to this many rows, and a fifth of all. */
const ROWS_OF_SEASONS = 24;
const SHARE_OF_ROWS = 0.2;

/** The same for a model that also learns the seasons: whole ones. */
export function windowOfSeasons(season: number, horizon: number, rows: number): number {
  if (season === 1 || season >= ROWS_OF_SEASONS) return windowFor(season, horizon, rows);
  const several = Math.min(Math.ceil(ROWS_OF_SEASONS / season), Math.floor((SHARE_OF_ROWS * rows) / season));
  return fitting(season * Math.max(1, several), horizon, rows);
}

const fitting = (window: number, horizon: number, rows: number): number =>
  Math.max(1, Math.min(window, Math.floor((rows - horizon) / 2)));
