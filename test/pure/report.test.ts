import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/data/csv.ts';
import type { Evaluation, StepEvaluation } from '../../src/forecast/evaluation.ts';
import { forecastLines } from '../../src/report/forecast_lines.ts';
import { numberFormats } from '../../src/report/format.ts';
import { Pace, stepsOf } from '../../src/report/pace.ts';
import { predictionsCsv } from '../../src/report/predictions.ts';
import { compareScores } from '../../src/report/scores.ts';

describe('predictionsCsv', () => {
  const step = {
    ...{ step: 1, firstRow: 2, rows: Uint32Array.of(2, 3), quantiles: [], interval: undefined },
    actual: Float64Array.of(3.5, 4),
    predicted: Float64Array.of(3.25, 1 / 3),
    naive: Float64Array.of(2, 3.5),
  } as unknown as StepEvaluation;
  const of = (dates: string[] | undefined, ...steps: StepEvaluation[]) => [
    { evaluation: { ...steps[0]!, steps } as Evaluation, dates },
  ];
  const future = Float64Array.of(5);

  test('writes the test rows, then the forecast', () => {
    expect(predictionsCsv(of(['a', 'b', '3 "x", y', 'd'], step), future)).toBe(
      'row,date,actual,predicted,naive\n3,"3 ""x"", y",3.5,3.25,2\n4,d,4,0.3333333333333333,3.5\n5,,,5,\n',
    );
  });

  test('can be read back, also without dates', () => {
    const table = parseCsv(predictionsCsv(of(undefined, step), future));
    expect(table.columns.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['row', 'actual', 'predicted', 'naive']),
    );
    expect(table.numRows).toBe(3);
  });

  test('writes the scored rows, also if some between them were not scored', () => {
    const apart = { ...step, rows: Uint32Array.of(1, 3) };
    const lines = predictionsCsv(of(['a', 'b', 'c', 'd'], apart), future).split('\n');
    expect(lines.slice(1, 4).map((line) => line.split(',').slice(0, 3))).toEqual([
      ['2', 'b', '3.5'],
      ['4', 'd', '4'],
      ['5', '', ''],
    ]);
  });

  test('counts the forecast from the last row, also of a model that forecasts several at once', () => {
    const second = { ...step, step: 2, rows: Uint32Array.of(3, 4) };
    const lines = predictionsCsv(of(['a', 'b', 'c', 'd', 'e', 'f'], step, second), future)
      .trimEnd()
      .split('\n');
    expect(lines.at(-1)).toBe('6,f,1,,5,');
  });

  test('has a cell in every column of every row, also in the forecast', () => {
    const wide = { ...step, quantiles: [{ level: 0.1, values: Float64Array.of(1, 2) }] };
    const lines = predictionsCsv(of(undefined, wide, { ...wide, step: 2 }), future)
      .trimEnd()
      .split('\n');
    expect(lines[0]).toBe('row,step,actual,predicted,naive,q0.1');
    expect(lines.at(-1)).toBe('5,1,,5,,');
    expect(new Set(lines.map((line) => line.split(',').length))).toEqual(new Set([6]));
  });
});

test('lines of a chart have a gap at rows that were not scored', () => {
  const values = Float64Array.of(3, 4);
  const rows = Uint32Array.of(2, 5);
  const evaluation = {
    ...{ firstRow: 2, rows, steps: [{ rows }], predicted: values, baselines: {}, season: undefined },
    ...{ quantiles: [{ level: 0.1, values }], interval: { level: 0.9, low: values, high: values } },
  } as unknown as Evaluation;
  const { predicted, quantiles, interval } = forecastLines(evaluation);
  for (const line of [predicted, quantiles[0]!.values, interval!.low, interval!.high])
    expect(line).toEqual(Float64Array.of(3, Number.NaN, Number.NaN, 4));
});

test('lines of a model that forecasts several rows at once go on to the last row, and rows ahead follow it', () => {
  const predicted = Float64Array.of(3, 4);
  const steps = [2, 3, 4].map((first) => ({ rows: Uint32Array.of(first, first + 1) }));
  const evaluation = { ...steps[0], firstRow: 2, steps, predicted, baselines: {}, quantiles: [] };
  const lines = forecastLines(evaluation as unknown as Evaluation, [9], ['2024-07']);
  expect(lines).toMatchObject({ firstRow: 2, future: [9], futureDates: ['2024-07'] });
  expect(lines.predicted).toEqual(Float64Array.of(3, 4, Number.NaN, Number.NaN));
});

test.each([
  ['score', 0, '0', '0'],
  ['score', 0.02062, '0.02062', '0,02062'],
  ['score', 43.2, '43.20', '43,20'],
  ['score', 12345.6, '12,346', '12.346'],
  ['score', -3e-7, '-3.00e-7', '-3,00e-7'],
  ['score', 1e15, '1.00e+15', '1,00e+15'],
  ['value', 2874.560059, '2,874.56', '2.874,56'],
  ['value', 1.0833333, '1.08333', '1,08333'],
  ['tick', 0.01, '0.01', '0,01'],
  ['tick', 1e-6, '1e-6', '1e-6'],
  ['tick', 2.5e-6, '2.5e-6', '2,5e-6'],
  ['count', 5479, '5,479', '5.479'],
  ['rate', 0.1234, '0.123', '0,123'],
  ['rate', 1234.5, '1,235', '1.235'],
  ['percent', 0.0523, '5.2%', '5,2%'],
  ['percent', 0.9, '90%', '90%'],
  ['times', 126, '130', '130'],
] as const)('a %s of %d is written %s, or %s', (kind, value, inEnglish, inPortuguese) => {
  expect(numberFormats('en')[kind](value)).toBe(inEnglish);
  expect(numberFormats('pt-BR')[kind](value)).toBe(inPortuguese);
});

test('a cell has its unit, and a dash without a value', () => {
  const { cell } = numberFormats('en');
  expect([cell(1.5, '%'), cell(null, '%')]).toEqual(['1.500%', '–']);
});

test('the table of scores has the model, the naive forecast, and the seasonal one if there is a season', () => {
  const metrics = (mae: number) => ({ rmse: 2 * mae, mae, mape: null, mase: mae }) as never;
  const baselines = { naive: metrics(3), seasonalNaive: metrics(1), drift: metrics(0) };
  const naive = { name: 'naive', season: 1 };
  const { rules, rows } = compareScores({ metrics: metrics(2), baselines, season: 7 });
  expect(rules).toEqual([naive, { name: 'seasonalNaive', season: 7 }]);
  expect(rows.map(({ name }) => name)).toEqual(['RMSE', 'MAE', 'MAPE', 'MASE']);
  expect(rows[0]).toMatchObject({ values: [4, 6, 2], best: [2] });
  expect(rows[2]).toMatchObject({ values: [null, null, null], best: [] });
  expect(compareScores({ metrics: metrics(2), baselines, season: undefined }).rules).toEqual([naive]);
  const withEts = compareScores({ metrics: metrics(2), baselines: { ...baselines, ets: metrics(0.5) }, season: 7 });
  expect(withEts.rules.at(-1)).toEqual({ name: 'ets', season: 7 });
  expect(withEts.rows[1]).toMatchObject({ values: [2, 3, 1, 0.5], best: [3] });
  expect(compareScores(undefined)).toMatchObject({ rules: [naive], rows: [{ values: [null, null] }, {}, {}, {}] });
});

test('the rate is that of the last seconds, and determines the remaining time', () => {
  const pace = new Pace();
  expect([pace.perSecond, pace.secondsLeft(100)]).toEqual([undefined, undefined]);
  pace.record(1, 0);
  for (let ms = 5000; ms <= 20_000; ms += 1000) pace.record(1 + (ms - 5000) / 100, ms);
  expect(pace.perSecond).toBeCloseTo(10, 10);
  expect(pace.secondsLeft(251)).toBeCloseTo(10, 10);
  const slow = new Pace();
  for (let ms = 0; ms <= 30_000; ms += 1000) slow.record(ms / 100, ms);
  slow.record(301, 40_000); // slow work
  expect(slow.perSecond).toBeLessThan(1);
  expect(slow.secondsLeft(601)).toBeLessThan(60); // and not half an hour
  expect(stepsOf({ epoch: 3, epochs: 5, step: 4, steps: 10 } as never)).toEqual({ done: 24, all: 50 });
});
