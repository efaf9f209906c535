import { conformalRadius } from '../data/conformal.ts';
import { guessSeason } from '../data/season.ts';
import type { RuleName } from '../data/verdict.ts';
import { ConfigError, DataError } from '../errors.ts';
import { check, onOff } from '../kinds.ts';
import { checkPositiveInteger } from '../model/config.ts';
import { checkOptions, notAChoice, type OptionNames } from '../options.ts';
import { placed, within } from '../placing.ts';
import { type RecoveryOptions, TOGETHER_CONTROLS, type TogetherControls } from '../train/controls.ts';
import type { FitReport, Progress } from '../train/report.ts';
import { FORECASTER, horizonKind } from '../train/settings.ts';
import { Calibration } from './calibration.ts';
import type { Decoded } from './decoded.ts';
import { type Evaluation, evaluateSamples, pooledScores } from './evaluation.ts';
import { FittedSeries, type Fold } from './fitted.ts';
import { frameOf, type OneSeries, type SeriesInput, seriesList } from './frame.ts';
import { ForecastModels } from './models.ts';
import type { FitOptions, ForecasterOptions } from './options.ts';
import { checkTestRows, numValidated, samplesAhead, testSamples } from './origins.ts';
import { type PooledScores, scoresOf } from './pooled_scores.ts';
import { type FitSettings, jointSettings, LEARNING_OPTIONS } from './settings.ts';
import { type ForecastShape, forecastShape } from './shape.ts';
import { decodeEach, trainTogether } from './together.ts';

/** A rolling-origin backtest: for every fold the model is retrained on the rows before it. */
export interface BacktestOptions {
  /** The caller's device; never destroyed here. */
  device: GPUDevice;
  /** >= 2. Default 12. */
  folds?: number;
  /**
   * Rows in each fold's test set; the test sets are consecutive and reach the end. Default: three quarters of the rows, split
   * evenly.
   */
  testRows?: number;
  /**
   * Every fold trains on as many rows as the first one ('sliding', default), or on all rows before it ('expanding'), which
   * takes several times as long.
   */
  scheme?: 'expanding' | 'sliding';
  /** The model to train; every fold starts from the same initial weights. */
  model?: Omit<ForecasterOptions, 'device' | 'ensemble'>;
  /** How to train it; without `split`, which the folds replace. */
  fit?: Omit<FitOptions, 'from' | 'split' | 'global' | keyof TogetherControls | keyof RecoveryOptions>;
  /** Steps ahead to score from every origin, 1 to 10,000. Default: the model's horizon. */
  ahead?: number;
  /** Coverage of the conformal prediction intervals, between 0 and 1; needs a validation set. Default: no intervals. */
  interval?: number;
  /** Rows per season; 0 means none. Default: detected from the rows before the first fold. */
  season?: number;
  /** Also score exponential smoothing, fitted on the rows before each fold, as `evaluate` does. Default false. */
  ets?: boolean;
  /** Stops after the current slice; the call then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called before every slice of the joint training, which waits for the promise it returns. */
  beforeSlice?: () => PromiseLike<void> | undefined;
  /** Called after every slice of the joint training. */
  onProgress?: (progress: Progress) => void;
}

export const BACKTEST_DEFAULTS = { folds: 12, scheme: 'sliding' } as const;

/** The compiler requires every option. */
const OPTIONS: OptionNames<BacktestOptions> = {
  ...{ ...TOGETHER_CONTROLS, device: true, folds: true, testRows: true, scheme: true, model: true, fit: true },
  ...{ ahead: true, interval: true, season: true, ets: true },
};

/** One fold: its rows, and how its model did on its test set. */
export interface BacktestFold extends Required<Fold> {
  evaluation: Evaluation;
}

/** The scores of the folds, separately and pooled. */
export interface BacktestReport extends PooledScores {
  folds: BacktestFold[];
  /**
   * Steps ahead scored from every origin. `metrics` cover all of them; `mase` is the mean over the folds, each with its own
   * scale.
   */
  ahead: number;
  /** The same for each step separately. */
  steps: PooledScores[];
  fit: FitReport;
}

/**
 * Measures how a model would have done on a series: trains one model for each of several origins, all of them together on the
 * GPU, and scores each on the rows after its origin.
 * @see Hyndman & Athanasopoulos 2021, section 5.10; Tashman 2000, "Out-of-sample tests of forecasting accuracy"
 * @throws ConfigError, DataError naming the option or the data at fault. @throws TrainingError when the loss of a fold is not
 *   finite.
 */
export function backtest(series: OneSeries, options: BacktestOptions): Promise<BacktestReport>;
/** One report per series: the same as each gets alone, but all are trained together. @throws as for one series. */
export function backtest(series: readonly OneSeries[], options: BacktestOptions): Promise<BacktestReport[]>;
export async function backtest(
  series: SeriesInput,
  options: BacktestOptions,
): Promise<BacktestReport | BacktestReport[]> {
  const { several, list, places } = seriesList(series);
  const { shape, seed, fit, ahead } = asked(options);
  const rowsOf = (one: OneSeries) => frameOf(one, shape).target.length;
  const folds = list.map((one, k) => within(places[k], () => foldsOf(rowsOf(one), options)));
  const settings = jointSettings(fit, shape, folds.flat().length);
  const all = folds.flatMap((own, k) => cutFolds(list[k]!, own, settings, shape, { ...options, ahead }, places[k]));
  const fitted = all.map((one) => one.fitted);
  const { device, interval, ets, signal, beforeSlice, onProgress } = options;
  const models = new ForecastModels(
    device,
    shape,
    all.map(() => seed),
  );
  try {
    const { fit: report, failures } = await trainTogether(models, fitted, settings, {
      signal,
      beforeSlice,
      onProgress,
    });
    const forecasts = async (samplesOf: (own: FittedSeries) => Uint32Array): Promise<Decoded[]> => {
      const decoded = await decodeEach(models, fitted, fitted.map(samplesOf), { ahead, failures, signal });
      for (const [model, error] of failures) throw placed(error, all[model]!.place);
      return decoded as Decoded[];
    };
    const validated =
      interval === undefined ? [] : await forecasts((own) => samplesAhead(own, own.parts.validation.first, ahead));
    const calibrations = validated.map((one, k) => Calibration.of(one, numValidated(fitted[k]!, ahead)));
    const tests = await forecasts((own) => testSamples(own, ahead));
    let next = 0;
    const reports = folds.map((own): BacktestReport => {
      const season = options.season ?? guessSeason(fitted[next]!.trainActual) ?? 0;
      const scored = own.map((fold): BacktestFold => {
        const k = next++;
        const radii = calibrations[k]?.radiiAt(tests[k]!.samples, interval!);
        return { ...fold, evaluation: evaluateSamples(tests[k]!, { season, interval, ets }, radii) };
      });
      const { overall, steps } = pooled(scored);
      return { folds: scored, ahead, ...overall, steps, fit: report };
    });
    return several ? reports : reports[0]!;
  } finally {
    models.dispose();
  }
}

/**
 * Checks that a series can be backtested.
 * @throws as {@link backtest}.
 */
export function checkBacktest(series: OneSeries, options: Omit<BacktestOptions, 'device'>): void {
  const { shape, fit, ahead } = asked(options);
  const folds = foldsOf(frameOf(series, shape).target.length, options);
  cutFolds(series, folds, jointSettings(fit, shape, folds.length), shape, { ...options, ahead });
}

/** What to train, and how. @throws ConfigError for options that do not fit together. */
function asked(options: Omit<BacktestOptions, 'device'>) {
  checkOptions('backtest', options, OPTIONS);
  const { model = {}, fit = {}, interval, season = 0, ets = false } = options;
  check('ets', ets, onOff);
  checkOptions('fit', fit, { ...LEARNING_OPTIONS, lr: true });
  if (season !== 0) checkPositiveInteger('season', season);
  const { seed = FORECASTER.seed.usual, ...shaped } = model;
  const shape = forecastShape(shaped);
  const { ahead = shape.horizon } = options;
  check('ahead', ahead, horizonKind);
  if (interval !== undefined && jointSettings(fit, shape, 1).validation === 0)
    throw new ConfigError('interval: intervals are measured on validation windows; pass fit: { validation: 0.2 }.');
  return { shape, seed, fit, ahead };
}

/** A series, split for each fold. */
const cutFolds = (
  series: OneSeries,
  folds: readonly Required<Fold>[],
  settings: FitSettings,
  shape: ForecastShape,
  { interval, ahead }: Pick<BacktestOptions, 'interval'> & { ahead: number },
  of?: string,
): { place: string; fitted: FittedSeries }[] =>
  folds.map((fold, k) => {
    const place = `${of === undefined ? '' : `${of}, `}fold ${k + 1} of ${folds.length}`;
    return within(place, () => {
      const fitted = new FittedSeries(series, shape, { ...settings, fold });
      checkTestRows(fitted, ahead);
      // throws for an invalid level, or for too few validation rows
      if (interval !== undefined) conformalRadius(new Float64Array(numValidated(fitted, ahead)), interval);
      return { place, fitted };
    });
  });

/** The folds of a series; their test sets are consecutive and reach the end. @throws as {@link backtest}. */
export function foldsOf(
  rows: number,
  options: Pick<BacktestOptions, 'folds' | 'scheme' | 'testRows'>,
): Required<Fold>[] {
  const { folds = BACKTEST_DEFAULTS.folds, scheme = BACKTEST_DEFAULTS.scheme } = options;
  const { testRows = Math.floor((0.75 * rows) / folds) } = options;
  if (options.testRows !== undefined) checkPositiveInteger('testRows', testRows);
  checkPositiveInteger('folds', folds);
  if (folds < 2) throw new ConfigError(`folds: got ${folds}, expected at least 2; for a single fold, use evaluate().`);
  if (scheme !== 'expanding' && scheme !== 'sliding') throw notAChoice('scheme', scheme, ['expanding', 'sliding']);
  if (testRows < 1)
    throw new DataError(
      `backtest: got ${rows} rows, but ${folds} folds need at least ${Math.ceil(folds / 0.75)}: three quarters of the rows are ` +
        'scored. Use more rows or fewer folds.',
      { code: 'too-short', details: { rows, needed: Math.ceil(folds / 0.75) } },
    );
  const firstTrain = rows - folds * testRows;
  if (firstTrain < 1)
    throw new DataError(
      `backtest: got ${rows} rows, but ${folds} folds of ${testRows} rows need more than ${folds * testRows}: the first one is ` +
        'trained on the rows before all of these. Use more rows, fewer folds, or fewer test rows per fold.',
      { code: 'too-short', details: { rows, needed: folds * testRows + 1 } },
    );
  return Array.from({ length: folds }, (_, k) => ({
    firstRow: scheme === 'sliding' ? k * testRows : 0,
    trainRows: firstTrain + k * testRows,
    testRows,
  }));
}

/** One score over all folds, and one for each step. */
function pooled(folds: readonly BacktestFold[]): { overall: PooledScores; steps: PooledScores[] } {
  const evaluations = folds.map(({ evaluation }) => evaluation);
  const ofStep = (k: number) => evaluations.map(({ steps }) => steps[k]!);
  return {
    overall: withMase(
      pooledScores(evaluations.flatMap(({ steps }) => steps)),
      evaluations.map(({ overall }) => overall),
    ),
    steps: evaluations[0]!.steps.map((_, k) => withMase(pooledScores(ofStep(k)), ofStep(k).map(scoresOf))),
  };
}

/** Replaces scores that each fold scales differently by their mean over the folds. */
function withMase({ metrics, baselines }: PooledScores, folds: readonly PooledScores[]): PooledScores {
  const mean = (all: readonly (number | null)[]): number | null => {
    const known = all.filter((mase) => mase !== null);
    return known.length < all.length ? null : known.reduce((sum, mase) => sum + mase, 0) / known.length;
  };
  const rule = (name: RuleName) => mean(folds.map((fold) => fold.baselines[name]!.mase));
  return {
    metrics: { ...metrics, mase: mean(folds.map((fold) => fold.metrics.mase)) },
    baselines: Object.fromEntries(
      Object.entries(baselines).map(([name, own]) => [name, { ...own, mase: rule(name as RuleName) }]),
    ),
  };
}
