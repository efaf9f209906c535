import type { BaselineName } from '../data/baselines.ts';
import type { ForecastMetrics } from '../data/metrics.ts';
import { ConfigError } from '../errors.ts';
import { check } from '../kinds.ts';
import { checkSeed } from '../model/init.ts';
import { checkOptions, type OptionNames } from '../options.ts';
import { type RecoveryOptions, TOGETHER_CONTROLS, type TogetherControls } from '../train/controls.ts';
import type { EpochLoss } from '../train/report.ts';
import type { ScheduleOptions } from '../train/schedules.ts';
import { horizonKind } from '../train/settings.ts';
import { evaluateSamples } from './evaluation.ts';
import { FittedSeries, type Fold } from './fitted.ts';
import type { OneSeries } from './frame.ts';
import { modelFile } from './model_file.ts';
import { ForecastModels } from './models.ts';
import type { FitOptions, ForecasterOptions } from './options.ts';
import { checkTestRows, testSamples } from './origins.ts';
import { type FitSettings, fitSettings, jointSettings, LEARNING_OPTIONS } from './settings.ts';
import { type ForecastShape, forecastShape } from './shape.ts';
import { decodeEach, trainTogether } from './together.ts';

/** Settings shared by all jobs of a pack, which train in one dispatch; `epochs` and `schedule` are defaults for its jobs. */
export interface PackSettings {
  model: Omit<ForecasterOptions, 'device' | 'seed' | 'ensemble' | 'target' | 'idColumn'>;
  fit: Omit<FitOptions, 'from' | 'lr' | 'global' | keyof TogetherControls | keyof RecoveryOptions>;
  /** Steps ahead to score from every origin, 1 to 10,000. Default: the model's horizon. */
  ahead?: number;
}

/** A single training. */
export interface PackJob {
  series: OneSeries;
  /** As in `torch.manual_seed(seed)`; also seeds the order of samples and dropout. */
  seed: number;
  /** Default: the optimizer's. */
  lr?: number;
  /** Passes over its training samples; after that its weights stay fixed. Default: from the settings. */
  epochs?: number;
  /** Its learning rate schedule. Default: from the settings. */
  schedule?: ScheduleOptions;
  /** Default: the split in the settings. */
  fold?: Fold;
}

/** Training options of a pack; the compiler requires every option. */
export const PACK_FIT_OPTIONS: OptionNames<PackSettings['fit']> = { ...LEARNING_OPTIONS, split: true };

const JOB_OPTIONS: OptionNames<PackJob> = {
  ...{ series: true, seed: true, lr: true, epochs: true, schedule: true, fold: true },
};

/** The outcome of a job. */
export type PackResult =
  | {
      ok: true;
      /** Over the test set and all steps ahead, for the model and for simple methods. */
      metrics: ForecastMetrics;
      baselines: Readonly<Partial<Record<BaselineName, ForecastMetrics>>>;
      /** For each step ahead. */
      steps: ForecastMetrics[];
      /** Up to the last one before it stopped. */
      epochs: EpochLoss[];
      /** A model file, as returned by `Forecaster.save`. */
      model: Uint8Array<ArrayBuffer>;
    }
  | { ok: false; error: Error };

/**
 * Trains many models of one shape at once, each on its own series, and scores each alongside simple methods. A job that cannot
 * be trained fails alone; results are bit-identical whatever else is in the pack.
 * @returns one result per job, in order.
 * @throws ConfigError for invalid settings. @throws DeviceError when the pack does not fit the device, or the device is lost.
 */
export async function trainPack(
  device: GPUDevice,
  shared: PackSettings,
  jobs: readonly PackJob[],
  controls: TogetherControls = {},
): Promise<PackResult[]> {
  checkOptions('trainPack', shared, { model: true, fit: true, ahead: true });
  checkOptions('trainPack: controls', controls, TOGETHER_CONTROLS);
  const { model, fit } = shared;
  checkOptions('fit', fit, PACK_FIT_OPTIONS);
  const shape = forecastShape(model);
  const { ahead = shape.horizon } = shared;
  check('ahead', ahead, horizonKind);
  const settings = jointSettings(fit, shape, 1);
  const results: PackResult[] = [];
  const able: { place: number; job: PackJob; series: FittedSeries; own: FitSettings }[] = [];
  for (const [place, job] of jobs.entries())
    try {
      able.push({ place, job, ...prepared(job, shape, { fit, ahead }) });
    } catch (error) {
      results[place] = { ok: false, error: error as Error };
    }
  if (able.length === 0) return results;
  const models = new ForecastModels(
    device,
    shape,
    able.map(({ job }) => job.seed),
  );
  try {
    const all = able.map(({ series }) => series);
    const budgets = able.map(({ own }) => own);
    const lr = budgets.flatMap((own) => own.lr);
    const { fit: report, failures } = await trainTogether(models, all, { ...settings, lr }, controls, budgets);
    const tests = all.map((series) => testSamples(series, ahead));
    const decoded = await decodeEach(models, all, tests, { ahead, failures, signal: controls.signal });
    const weights = await models.readWeights('trainPack');
    for (const [k, { place, job, series, own }] of able.entries())
      try {
        if (failures.has(k)) throw failures.get(k);
        const { overall, steps } = evaluateSamples(decoded[k]!, {}, undefined);
        const last = report.epochs.findIndex(({ models }) => models[k]!.stopped);
        const epochs = report.epochs.slice(0, last < 0 ? own.epochs : last + 1);
        const saved = { shape, seed: job.seed, scalers: [series.scalers], ids: [], seriesOf: [[0]], residuals: [] };
        results[place] = {
          ...{ ok: true, ...overall, steps: steps.map(({ metrics }) => metrics) },
          epochs: epochs.map(({ models }) => ({ loss: models[k]!.loss, lastLoss: models[k]!.lastLoss })),
          model: modelFile({ ...saved, members: [weights[k]!] }),
        };
      } catch (error) {
        results[place] = { ok: false, error: error as Error };
      }
    return results;
  } finally {
    models.dispose();
  }
}

/** @throws ConfigError, DataError for a job that cannot be trained. */
function prepared(
  job: PackJob,
  shape: ForecastShape,
  { fit, ahead }: Required<Omit<PackSettings, 'model'>>,
): { series: FittedSeries; own: FitSettings } {
  checkOptions('job', job, JOB_OPTIONS);
  const { series, seed, lr, epochs = fit.epochs, schedule = fit.schedule, fold } = job;
  checkOptions('fold', fold, { firstRow: true, trainRows: true, testRows: true });
  checkSeed(seed);
  const own = fitSettings({ ...fit, lr, epochs, schedule }, shape, 1);
  if (fold && fit.split !== undefined)
    throw new ConfigError(
      `split: got ${fit.split} with a fold, which already sets the training rows; leave one of them out.`,
    );
  const fitted = new FittedSeries(series, shape, { ...own, fold });
  checkTestRows(fitted, ahead);
  return { own, series: fitted };
}
