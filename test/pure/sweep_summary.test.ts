import { describe, expect, test } from 'vitest';
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

const hard = { windowLength: 5 };

describe('the best of a series', () => {
  const bestOf = (...args: Parameters<typeof summarize>) =>
    summarize(...args).series.map(({ best, reason }) => [best?.configuration, reason]);

  test('has the smallest error beside the naive forecast of the same rows, which may be other rows than those of others', () => {
    expect(bestOf([row('a', small, 3, 4), row('a', hard, 6, 10)])).toEqual([[hard, undefined]]);
    expect(bestOf([row('a', hard, 6, 10), row('a', small, 3, 4)])).toEqual([[hard, undefined]]);
  });

  test('has no failed job: one that fails where it is hard would else be scored where it is easy', () => {
    const results = [row('a', small, 1, 4), failed('a', 'loss'), row('a', large, 3, 4), row('a', large, 9, 4, 1)];
    expect(bestOf(results)).toEqual([[large, 'loss']]);
    expect(bestOf([row('a', small, 1, 4), failed('a', 'loss')])).toEqual([[undefined, 'loss']]);
  });

  test('has no missing job', () => {
    const undone = [{ series: 'a', configuration: small, reason: 'lost' }];
    expect(bestOf([row('a', small, 1, 4), row('a', large, 3, 4)], undone)).toEqual([[large, 'lost']]);
    expect(bestOf([row('a', large, 3, 4)], [{ ...undone[0]!, series: 'b' }])).toEqual([
      [large, undefined],
      [undefined, 'lost'],
    ]);
  });

  test('of rows on which the naive forecast has no error, has the smallest one itself', () => {
    expect(bestOf([row('a', small, 2, 0), row('a', large, 1, 0)])).toEqual([[large, undefined]]);
    expect(bestOf([row('a', small, 0, 0), row('a', large, 1, 0)])).toEqual([[small, undefined]]);
  });
});

test('summarize of nothing but failures has no share', () => {
  expect(summarize([failed('c', 'constant')]).beatsNaive).toBeNull();
});
