import { describe, expect, test } from 'vitest';
import type { BaselineName } from '../../src/data/baselines.ts';
import type { ForecastMetrics } from '../../src/data/metrics.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { summaryCsv, sweepText } from '../../src/node/sweep/report.ts';
import { mayPass } from '../../src/sweep/results.ts';
import { type SummaryInput, summarize } from '../../src/sweep/summary.ts';

const small = { hiddenSize: 4 };
const large = { hiddenSize: 8 };

/** @param rules MAE of other rules without a model. */
function row(
  series: string,
  configuration: object,
  mae: number,
  naiveMae: number,
  seed = 0,
  rules: Partial<Record<BaselineName, number>> = {},
): SummaryInput {
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
  const scores = Object.entries(rules).map(([name, own]) => [name, { ...metrics, mae: own }]);
  const trained = {
    metrics,
    baselines: Object.fromEntries(scores),
    epochs: 1,
    loss: 0,
    device: 'd',
    seconds: 1,
    packed: 1,
  };
  return { ...job, version: '0', ok: true, ...trained };
}

const failed = (series: string, reason: string): SummaryInput => ({
  ...{ key: series, series, configuration: small, seed: 0, fold: null, version: '0' },
  ok: false,
  reason,
});

test('a job fails permanently, unless the device was temporarily out of memory', () => {
  const passes = (code?: ErrorCode) => mayPass({ ok: false, reason: '', ...(code && { code }) });
  expect((['out-of-memory', 'command-refused'] as const).map(passes)).toEqual([true, true]);
  expect((['too-large', 'device', 'constant', undefined] as const).map(passes)).toEqual([false, false, false, false]);
});

test('summarize takes the mean over seeds, chooses the best of each series, and counts wins over naive', () => {
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
    beatsRules: 1 / 2,
    series: [
      {
        ...{ series: 'a', failed: 0, bestRule: { name: 'naive', mae: 4 } },
        best: { configuration: small, jobs: 2, mae: 3, rmse: 6, naiveMae: 4, rules: { naive: 4 } },
      },
      {
        ...{ series: 'b', failed: 0, bestRule: { name: 'naive', mae: 4 } },
        best: { configuration: large, jobs: 1, mae: 8, rmse: 16, naiveMae: 4, rules: { naive: 4 } },
      },
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

  test('has the smallest error relative to the naive forecast of the same rows, which may differ between configurations', () => {
    expect(bestOf([row('a', small, 3, 4), row('a', hard, 6, 10)])).toEqual([[hard, undefined]]);
    expect(bestOf([row('a', hard, 6, 10), row('a', small, 3, 4)])).toEqual([[hard, undefined]]);
  });

  test('has no failed job: otherwise one that fails on hard folds would be scored on easy ones', () => {
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

  test('has the smallest error if the naive forecast has none', () => {
    expect(bestOf([row('a', small, 2, 0), row('a', large, 1, 0)])).toEqual([[large, undefined]]);
    expect(bestOf([row('a', small, 0, 0), row('a', large, 1, 0)])).toEqual([[small, undefined]]);
  });
});

describe('rules without a model', () => {
  const results = [
    row('a', small, 3, 4, 0, { naive: 4, drift: 3, seasonalNaive: 1 }),
    row('a', small, 3, 6, 1, { naive: 6, drift: 4 }), // here no season was found
    row('b', small, 3, 4, 0, { naive: 4, drift: 2 }),
    row('b', large, 3.5, 4, 0, { naive: 4, drift: 2.5 }),
    row('c', small, 3, 4, 0, { naive: 4, movingAverage: 3 }),
  ];
  const summary = summarize(results);

  test('are counted if each job of the best configuration scores them, as means over the same rows', () => {
    expect(summary.series.map(({ best }) => best!.rules)).toEqual([
      { naive: 5, drift: 3.5 },
      { naive: 4, drift: 2 },
      { naive: 4, movingAverage: 3 },
    ]);
    expect(summary.series.map(({ bestRule }) => bestRule)).toEqual([
      { name: 'drift', mae: 3.5 },
      { name: 'drift', mae: 2 },
      { name: 'movingAverage', mae: 3 },
    ]);
  });

  test('are beaten on fewer series than tomorrow = today alone; a tie is not a win', () => {
    expect(summary).toMatchObject({ beatsNaive: 1, beatsRules: 1 / 3 });
    expect(sweepText(summary)).toContain(
      'The best configuration beats the naive forecast (tomorrow = today) on 100% of the series, and every rule without a ' +
        'model (naive, drift, moving average) on 33%.\n',
    );
  });

  test('have columns in the CSV, which are empty if nothing was trained', () => {
    const [header, ...rows] = summaryCsv(summarize([...results.slice(2, 4), failed('z', 'constant')])).split('\n');
    expect(header).toBe(
      'series,ahead,mae,rmse,naive_mae,beats_naive,best_rule,best_rule_mae,beats_rules,configuration,failed,reason',
    );
    expect(rows).toEqual(['b,1,3,6,4,true,drift,2,false,"{""hiddenSize"":4}",0,', 'z,,,,,,,,,,1,constant', '']);
  });
});

test('a summary gives the steps ahead of its errors', () => {
  const textOf = (...configurations: object[]) =>
    sweepText(summarize(configurations.map((configuration, k) => row(`s${k}`, configuration, 1, 2))));
  expect(textOf({})).toContain('\nErrors one step ahead:\n');
  expect(textOf({ horizon: 12 }, { ahead: 12, horizon: 3 })).toContain('\nErrors over 12 steps ahead:\n');
  expect(textOf({ horizon: 12 }, {})).toContain('\nErrors over 1 to 12 steps ahead:\n');
});

test('summarize of only failures has no share', () => {
  expect(summarize([failed('c', 'constant')])).toMatchObject({ beatsNaive: null, beatsRules: null });
});
