import { mostCommon } from '../data/counts.ts';
import { seriesList } from '../forecast/frame.ts';
import type { FitOptions, ForecasterOptions } from '../forecast/options.ts';
import { checkOptions, type OptionNames } from '../options.ts';
import { within } from '../placing.ts';
import { newestRows } from '../stats/stl_ets.ts';
import { FIT, PARTS, SHAPE } from '../train/settings.ts';
import { cosine } from './direct.ts';
import { possibleSeasons, strongSeasons } from './seasons.ts';
import { type DatedSeries, givenSeries } from './series.ts';
import { RECIPE, STEPS, windowOfSeasons } from './settings.ts';

/** Options of `Forecaster.create` and of its `fit`. */
interface TrainingOptions {
  model: Omit<ForecasterOptions, 'device'>;
  fit: FitOptions;
}

/** Complete, by its type. */
const OPTIONS: OptionNames<TrainingOptions> = { model: true, fit: true };

/** For a model that learns a series with its seasons: this takes more steps, and larger ones, than a deseasonalized series. */
export const LEARNING = {
  hiddenSize: 16,
  lr: { seasonal: 0.01, other: RECIPE.lr.usual },
  epochs: 60,
  mostSteps: 3600,
  clipNorm: 1,
};

/** Windows per step, with few and with many windows to train on. */
export const BATCHES = { few: 16, many: 64 };
/** From this many windows on, they are many. */
const MANY_WINDOWS = 1000;

/**
 * Options of `Forecaster.create` and `fit` that suit one or several series. The window follows from the season, which follows from the
 * moments or the values. With a season, each window has its own scale; without one, training starts from the naive forecast. The
 * number of optimizer steps grows with the rows, and the learning rate falls to 0 along half a cosine.
 * Only the training rows are used: with `fit.split`, those before the test set.
 * @param series as `forecast` takes them. @param decided options to keep.
 * @returns the decided options, and the chosen ones.
 * @throws DataError, ShapeError, ConfigError for an invalid series, or an unknown option.
 */
export function recipeSettings(
  series: DatedSeries | readonly DatedSeries[],
  decided: Partial<TrainingOptions> = {},
): TrainingOptions {
  checkOptions('recipeSettings', decided, OPTIONS);
  const [model, fit] = [given(decided.model), given(decided.fit)];
  const { horizon = SHAPE.horizon.usual } = model;
  const { split = FIT.split.usual, earlyStopping, validation = earlyStopping ? 0.1 : 0 } = fit;
  const { list, places } = seriesList<DatedSeries>(series);
  const known = list.map((one, k) => within(places[k], () => trainingPart(one, split, horizon)));
  const [season] = mostCommon(known.map((one) => one.season));
  const usual = known.map(({ rows }) => rows).toSorted((a, b) => a - b)[known.length >> 1]!;
  const shape = { windowLength: windowOfSeasons(season, horizon, usual), ...scaleFor(season, model, fit), ...model };
  const windows = known.map(({ rows }) => {
    const all = rows - shape.windowLength - (horizon - 1);
    return Math.max(1, all - Math.round(validation * all));
  });
  const hasColumns = known.some((one) => one.hasColumns);
  return {
    model: { hiddenSize: LEARNING.hiddenSize, zeroHead: true, ...shape },
    fit: {
      ...budget(windows, hasColumns, fit),
      ...rateFor(season, fit),
      shuffle: true,
      ...(fit.plan === 'resident' ? {} : { clip: { norm: LEARNING.clipNorm } }), // that plan does not clip
      ...fit,
    },
  };
}

/** Options that are not undefined. */
const given = <Options extends object>(options: Options | undefined): Options =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Options;

/** The facts that decide the options; none depends on values after the training rows. */
function trainingPart(
  series: DatedSeries,
  split: number,
  horizon: number,
): { rows: number; season: number; hasColumns: boolean } {
  const { target, moments, past, future } = givenSeries(series);
  const all = target.length;
  const rows = split < 1 ? Math.max(1, Math.trunc(split * (all - horizon + 1))) : all; // none after the training windows
  const known = target.subarray(0, rows);
  const { seasons } = possibleSeasons(known, moments?.subarray(0, rows));
  const [season = 1] = strongSeasons(newestRows(known, Math.max(1, ...seasons)), seasons); // STL of all rows would be slow
  return { rows, season, hasColumns: Object.keys({ ...past, ...future }).length > 0 };
}

/** A scale that is compatible with the decided options. */
function scaleFor(
  season: number,
  { scaler }: TrainingOptions['model'],
  { scalerFit }: FitOptions,
): Pick<TrainingOptions['model'], 'scaler' | 'scalePer'> {
  if (scalerFit === 'all' || (season === 1 && scaler === 'minmax')) return { scaler: 'standard', scalePer: 'series' };
  return { scaler: 'standard', scalePer: season > 1 ? 'window' : 'last' };
}

/** @param windows of each series to train on. */
function budget(
  windows: readonly number[],
  hasColumns: boolean,
  { batchSize: batch, global = false, epochs: asked }: FitOptions,
): Pick<FitOptions, 'epochs' | 'batchSize' | 'schedule'> {
  const sum = windows.reduce((total, count) => total + count, 0);
  const learned = global ? sum : sum / windows.length;
  const { batchSize = learned < MANY_WINDOWS ? BATCHES.few : BATCHES.many } = { batchSize: batch };
  const perEpoch = (count: number) => Math.ceil(count / batchSize);
  const usual = perEpoch(learned);
  const fewest = hasColumns ? STEPS.withColumns : STEPS.alone;
  const steps = Math.max(fewest, Math.min(LEARNING.mostSteps, LEARNING.epochs * usual));
  const { epochs = Math.ceil(steps / usual) } = { epochs: asked };
  return { epochs, batchSize, schedule: cosine(epochs, global ? usual : perEpoch(Math.max(...windows))) };
}

/** Optimizers other than Adam keep their own rate. */
function rateFor(season: number, { optimizer, lr }: FitOptions): Pick<FitOptions, 'lr'> {
  const { name = PARTS['optimizer.name'].usual, lr: own } = optimizer ?? {};
  if (lr !== undefined || own !== undefined || !name.startsWith('Adam')) return {};
  return { lr: season > 1 ? LEARNING.lr.seasonal : LEARNING.lr.other };
}
