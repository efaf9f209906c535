import { expect, test } from 'vitest';
import type { ForecastMetrics } from '../../src/data/metrics.ts';
import { type SummaryInput, summarize } from '../../src/sweep/summary.ts';

const small = { hiddenSize: 4 };
const large = { hiddenSize: 8 };

function row(series: string, configuration: object, mae: number, naiveMae: number, seed = 0): SummaryInput {
  const metrics: ForecastMetrics = {
    mae,
    naiveMae,
    rmse: 2 * mae,
    naiveRmse: 2 * naiveMae,
    mape: null,
    smape: 0,
    mase: null,
    relativeMae: mae / naiveMae,
    r2: null,
    directionalAccuracy: null,
    coverage: null,
  };
  const job = { key: `${series} ${JSON.stringify(configuration)} ${seed}`, series, configuration, seed, fold: null };
  const trained = { metrics, baselines: {}, epochs: 1, loss: 0, device: 'd', seconds: 1, packed: 1 };
  return { ...job, version: '0', ok: true, ...trained };
}

const failed = (series: string, reason: string): SummaryInput => ({
  ...{ key: series, series, configuration: small, seed: 0, fold: null, version: '0' },
  ok: false,
  reason,
});

test('summarize takes the mean over seeds, picks the best of each series, and counts who beats naive', () => {
  const summary = summarize([
    row('a', small, 1, 4, 0),
    row('a', small, 5, 4, 1), // mean 3
    row('a', large, 3.5, 4),
    row('b', small, 9, 4),
    row('b', large, 8, 4),
    failed('c', 'constant'),
  ]);
  expect(summary).toEqual({
    jobs: 6,
    failed: 1,
    beatsNaive: 1 / 2,
    series: [
      { series: 'a', best: { configuration: small, jobs: 2, mae: 3, rmse: 6, naiveMae: 4 }, failed: 0 },
      { series: 'b', best: { configuration: large, jobs: 1, mae: 8, rmse: 16, naiveMae: 4 }, failed: 0 },
      { series: 'c', best: undefined, failed: 1, reason: 'constant' },
    ],
    configurations: [
      { configuration: small, series: 2, best: 1, beatsNaive: 1 },
      { configuration: large, series: 2, best: 1, beatsNaive: 1 },
    ],
  });
});

test('summarize of nothing but failures has no share', () => {
  expect(summarize([failed('c', 'constant')]).beatsNaive).toBeNull();
});
