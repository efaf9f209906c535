// TEMPORARY: every job trains in a Forecaster of its own.
import type { ForecastMetrics } from '../data/metrics.ts';
import { DataError } from '../errors.ts';
import type { Progress } from '../train/trainer.ts';
import { Forecaster } from './forecaster.ts';
import type { FitOptions, ForecasterOptions } from './options.ts';

/** What all jobs of a pack have in common. */
export interface PackSettings {
  model: Omit<ForecasterOptions, 'device' | 'seed' | 'ensemble'>;
  fit: Omit<FitOptions, 'lr' | 'signal' | 'beforeSlice' | 'onProgress'>;
}

export interface PackJob {
  series: ArrayLike<number>;
  seed: number;
  lr?: number;
  /** Rolling origin: train on rows 0 .. trainRows - 1, score the testRows after them. Default: the split of `fit`. */
  fold?: { trainRows: number; testRows: number };
}

export type PackResult =
  | {
      ok: true;
      metrics: ForecastMetrics;
      baselines: Record<string, ForecastMetrics>;
      epochs: { loss: number; lastLoss: number }[];
      model: Uint8Array;
    }
  | { ok: false; error: Error };

export interface PackControls {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  beforeSlice?: () => PromiseLike<void> | undefined;
}

/** One result a job, in order; a job that cannot be trained fails by itself. Numbers do not depend on what else is in the pack. */
export async function trainPack(
  device: GPUDevice,
  settings: PackSettings,
  jobs: readonly PackJob[],
  controls: PackControls = {},
): Promise<PackResult[]> {
  const results: PackResult[] = [];
  for (const job of jobs) {
    controls.signal?.throwIfAborted();
    results.push(await trainOne(device, settings, job, controls));
  }
  return results;
}

async function trainOne(
  device: GPUDevice,
  { model, fit }: PackSettings,
  { series, seed, lr, fold }: PackJob,
  controls: PackControls,
): Promise<PackResult> {
  const forecaster = await Forecaster.create({ device, ...model, seed });
  try {
    let values = Array.from(series);
    let { split } = fit;
    if (fold) {
      const samples = fold.trainRows + fold.testRows - forecaster.windowLength;
      const train = fold.trainRows - forecaster.windowLength;
      if (train < 1 || fold.trainRows + fold.testRows > values.length)
        throw new DataError(`series: got ${values.length} rows, too few for a fold of ${fold.trainRows} rows.`);
      values = values.slice(0, fold.trainRows + fold.testRows);
      split = (train + 0.5) / samples;
    }
    const { epochs } = await forecaster.fit(values, { ...fit, split, lr, ...controls });
    const { metrics, naive, actual } = await forecaster.evaluate();
    const baselines = { naive: { ...metrics, mae: metrics.naiveMae, rmse: metrics.naiveRmse } };
    if (naive.length !== actual.length) throw new DataError('series: no test rows.');
    return { ok: true, metrics, baselines, epochs, model: await forecaster.save() };
  } catch (error) {
    if (controls.signal?.aborted) throw error;
    return { ok: false, error: error as Error };
  } finally {
    forecaster.destroy();
  }
}
