import { modelFile } from '../src/forecast/model_file.ts';
import { forecastShape } from '../src/forecast/shape.ts';
import { initialWeights } from '../src/model/init.ts';
import type { SweepJob } from '../src/sweep/jobs.ts';
import { packSettings } from '../src/sweep/plan.ts';
import type { TrainedJob } from '../src/sweep/results.ts';

const numbers = { mae: 1, rmse: 1, smape: 0, naiveMae: 2, naiveRmse: 2 };
const nulls = { mape: null, mase: null, relativeMae: null, r2: null, directionalAccuracy: null, coverage: null };
export const METRICS = { ...numbers, ...nulls };

/** Its initial weights, as a file. */
export function modelOf({ configuration, seed }: Pick<SweepJob, 'configuration' | 'seed'>): Uint8Array {
  const shape = forecastShape(packSettings(configuration).model);
  const saved = { shape, seed, scalers: [], ids: [], seriesOf: [], residuals: [] };
  return modelFile({ ...saved, members: [initialWeights(shape.config, seed)] });
}

/** The outcome of a job, as a worker would write it. */
export const trainedAs = (job: Pick<SweepJob, 'configuration' | 'seed'>): TrainedJob => ({
  ...{ ok: true, metrics: METRICS, baselines: { naive: METRICS }, epochs: 1, loss: 0, device: 'd', seconds: 1 },
  ...{ packed: 1, model: modelOf(job) },
});
