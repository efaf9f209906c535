import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { naiveForecast } from '../../src/data/baselines.ts';
import { readSeries } from '../../src/data/csv.ts';
import { forecastMetrics } from '../../src/data/metrics.ts';
import { splitSamples } from '../../src/data/windows.ts';
import { DataError, ShapeError } from '../../src/errors.ts';

const sp500 = readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8');

describe('forecastMetrics', () => {
  test('agrees with scikit-learn and numpy on the S&P 500, for a model that repeats the value of two days earlier', () => {
    const { values } = readSeries(sp500, { rows: 1000 });
    const { numTrain, numSamples } = splitSamples({ rows: 1000, windowLength: 10, split: 0.8 });
    const starts = Array.from({ length: numSamples - numTrain }, (_, k) => numTrain + k);
    const naive = naiveForecast(values, starts, 10);
    const metrics = forecastMetrics({
      actual: values.subarray(numTrain + 10),
      predicted: naiveForecast(values, starts, 9),
      naive,
      interval: { low: naive.map((value) => value - 30), high: naive.map((value) => value + 30) },
      trainActual: values.subarray(0, numTrain + 10),
    });
    // sklearn 1.2.1 mean_absolute_error, mean_squared_error ** 0.5, mean_absolute_percentage_error, r2_score;
    // numpy for the rest
    const expected = {
      mae: 40.61212832323232,
      rmse: 67.44840573315577,
      mape: 1.4311216067975132,
      smape: 1.421318310673922,
      mase: 3.0536688713238,
      relativeMae: 1.1808224959269011,
      naiveMae: 34.39308487373738,
      naiveRmse: 60.09743763319834,
      r2: 0.9108378103681627,
      directionalAccuracy: 0.5505050505050505,
      coverage: 0.7070707070707071,
    };
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, value] of Object.entries(expected))
      expect(metrics[name as keyof typeof expected]! / value, name).toBeCloseTo(1, 12);
  });

  test('gives 0 for a perfect forecast, including zeros in the series', () => {
    const metrics = forecastMetrics({ actual: [0, 1], predicted: [0, 1], naive: [1, 0], trainActual: [0, 2] });
    expect(metrics).toMatchObject({ mae: 0, rmse: 0, smape: 0, mase: 0, relativeMae: 0, naiveMae: 1 });
  });

  test('has no mape if an actual value is 0', () => {
    expect(forecastMetrics({ actual: [0, 1], predicted: [1, 1], naive: [1, 0] }).mape).toBeNull();
    expect(forecastMetrics({ actual: [0, 1], predicted: [0, 1], naive: [1, 0] }).mape).toBeNull();
  });

  test('gives null, not NaN or Infinity, if the naive forecast is never wrong', () => {
    const metrics = forecastMetrics({ actual: [3, 3], predicted: [2, 3], naive: [3, 3], trainActual: [3, 3, 3] });
    expect(metrics).toMatchObject({ mase: null, relativeMae: null, naiveMae: 0, naiveRmse: 0, mae: 0.5 });
  });

  test('divides mase by the error of the last season on the training set', () => {
    const trainActual = [1, 5, 2, 7, 4, 9];
    const data = { actual: [3, 4], predicted: [1, 4], naive: [2, 3], trainActual };
    expect(forecastMetrics({ ...data, season: 2 }).mase).toBeCloseTo(1 / ((1 + 2 + 2 + 2) / 4));
    expect(forecastMetrics({ ...data, season: 1 }).mase).toBe(forecastMetrics(data).mase);
    expect(forecastMetrics({ ...data, season: 5 }).mase).toBe(1 / 8);
    expect(forecastMetrics({ ...data, season: 6 }).mase).toBeNull();
    for (const season of [0, 1.5, -2]) expect(() => forecastMetrics({ ...data, season })).toThrow('season: got');
  });

  test('has no mase without a training set of two rows', () => {
    const data = { actual: [1], predicted: [2], naive: [3] };
    expect(forecastMetrics(data).mase).toBeNull();
    expect(forecastMetrics({ ...data, trainActual: [1] }).mase).toBeNull();
  });

  test('r2 is 1 for a perfect forecast, 0 for the mean, negative for worse, and null for a constant series', () => {
    const r2 = (actual: number[], predicted: number[]) => forecastMetrics({ actual, predicted, naive: actual }).r2;
    expect(r2([1, 2, 6], [1, 2, 6])).toBe(1);
    expect(r2([1, 2, 6], [3, 3, 3])).toBe(0);
    expect(r2([1, 2, 6], [6, 2, 1])).toBeLessThan(0);
    expect(r2([0.1, 0.1, 0.1], [0, 0, 0])).toBeNull(); // the mean of three 0.1 is not 0.1 in float64
  });

  test('directionalAccuracy counts rows that changed, and a forecast of no change as wrong', () => {
    const data = { actual: [2, 2, 5, 5], naive: [1, 3, 5, 4] };
    const accuracy = (predicted: number[]) => forecastMetrics({ ...data, predicted }).directionalAccuracy;
    expect(accuracy([9, 0, 9, 9])).toBe(1);
    expect(accuracy([9, 3, 5, 3])).toBe(1 / 3);
    expect(accuracy(data.naive)).toBe(0);
    expect(forecastMetrics({ actual: [3, 3], predicted: [2, 4], naive: [3, 3] }).directionalAccuracy).toBeNull();
  });

  test('coverage includes both ends of the interval, and is null without one', () => {
    const data = { actual: [1, 2, 3], predicted: [1, 2, 3], naive: [1, 2, 3] };
    expect(forecastMetrics({ ...data, interval: { low: [1, 0, 3.5], high: [5, 2, 9] } }).coverage).toBe(2 / 3);
    expect(forecastMetrics(data).coverage).toBeNull();
    expect(() => forecastMetrics({ ...data, interval: { low: [1, 0, 0], high: [5, 2] } })).toThrow(
      /high has 2 values, but actual has 3/,
    );
  });

  test('rejects different lengths, empty arrays and values that are not finite', () => {
    expect(() => forecastMetrics({ actual: [1, 2], predicted: [1], naive: [1, 2] })).toThrow(ShapeError);
    expect(() => forecastMetrics({ actual: [], predicted: [], naive: [] })).toThrow(DataError);
    expect(() => forecastMetrics({ actual: [1], predicted: [Number.NaN], naive: [1] })).toThrow(
      /predicted\[0\] is NaN/,
    );
  });
});
