import { lossOf } from '../engine/losses.ts';
import type { TogetherControls } from '../train/controls.ts';
import type { FitReport } from '../train/report.ts';
import { FitRun } from '../train/run.ts';
import { createSchedule } from '../train/schedules.ts';
import { Training, type TrainingJob } from '../train/training.ts';
import { Decoded } from './decoded.ts';
import type { FittedSeries } from './fitted.ts';
import type { ForecastModels } from './models.ts';
import { lookAhead } from './outlook.ts';
import { type FitSettings, settingsLoss, settingsOptimizer } from './settings.ts';

/** How long a model trains, and its schedule: models that train together may differ in these. */
type Budget = Pick<FitSettings, 'epochs' | 'schedule'>;

/**
 * Lays out series and creates the job to train models on them.
 * @param seriesOf for each model the indices of its series. @param load queues the weights to start from. Default: the initial
 *   ones. @param budgets for each model. Default: the settings'.
 */
export function forecastJob(
  models: ForecastModels,
  settings: FitSettings,
  { series, seriesOf }: { series: readonly FittedSeries[]; seriesOf: readonly (readonly number[])[] },
  load = () => models.load(),
  budgets: readonly Budget[] = models.seeds.map(() => settings),
): TrainingJob {
  models.layOut(series);
  const loss = settingsLoss(settings, models.shape);
  return {
    ...{ start: settings.from, settings, loss: lossOf(loss), optimizer: settingsOptimizer(settings, 0) },
    ...{ clip: settings.clip, rates: settings.lr, epochs: budgets.map(({ epochs }) => epochs) },
    schedules: budgets.map(({ schedule }) => createSchedule(schedule)),
    data: models.trainingData(seriesOf, loss),
    before: { epochs: 0, steps: 0 },
    load,
  };
}

/**
 * Trains each model on its own series, from its initial weights. A model whose loss is not finite stops alone.
 * @param budgets for each model. Default: the settings'. @returns the report, and the errors by model.
 */
export async function trainTogether(
  models: ForecastModels,
  series: readonly FittedSeries[],
  settings: FitSettings,
  { signal, beforeSlice, onProgress }: TogetherControls,
  budgets?: readonly Budget[],
): Promise<{ fit: FitReport; failures: Map<number, Error> }> {
  const failures = new Map<number, Error>();
  const isolate = (model: number, error: Error) => void failures.set(model, error);
  const training = new Training(models, 'fit', { signal, beforeSlice, onProgress, isolate }, () =>
    forecastJob(models, settings, { series, seriesOf: series.map((_, model) => [model]) }, undefined, budgets),
  );
  return { fit: await new FitRun(training.epochs()), failures };
}

/**
 * Each model's forecasts for samples of its only series: directly if `ahead` is the horizon, otherwise rolled out.
 * @param samples for each model, at least one. @param failures receives models whose forecasts are not finite.
 * @returns for each model; undefined for one that failed, now or before.
 */
export async function decodeEach(
  models: ForecastModels,
  series: readonly FittedSeries[],
  samples: readonly Uint32Array[],
  { ahead, failures, signal }: { ahead: number; failures: Map<number, Error>; signal?: AbortSignal | undefined },
): Promise<(Decoded | undefined)[]> {
  const ofEach = (decode: (own: FittedSeries, model: number) => Decoded) =>
    series.map((own, model) => (failures.has(model) ? undefined : decode(own, model)));
  if (ahead === models.shape.horizon) {
    const outputs = await models.outputsOfEach(series, samples);
    return ofEach((own, model) => Decoded.ofOutputs(own, samples[model]!, [outputs[model]!]));
  }
  // all models forecast from the same number of origins
  const most = Math.max(...samples.map(({ length }) => length));
  const origins = series.map((own, model) => {
    const [first] = samples[model]!;
    const at = (k: number) => own.known(samples[model]![k] ?? first!);
    return Array.from({ length: most }, (_, k) => ({ frame: at(k), scalers: own.scalers }));
  });
  const isolate = (model: number, error: Error) => void (failures.has(model) || failures.set(model, error));
  const said = await lookAhead(models, origins, ahead, signal, isolate);
  return ofEach((own, model) => new Decoded(own, samples[model]!, [said[model]!.slice(0, samples[model]!.length)]));
}
