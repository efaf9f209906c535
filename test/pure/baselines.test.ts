import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type BaselineName, baselineForecast, naiveForecast } from '../../src/data/baselines.ts';
import { readSeries } from '../../src/data/csv.ts';
import { ConfigError, DataError } from '../../src/errors.ts';

const { values: sp500 } = readSeries(readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8'));
const values = [3, 1, 4, 1, 5, 9, 2, 6];

describe('baselineForecast', () => {
  test('naive is the value at the origin for every step, and equals naiveForecast for one step', () => {
    expect([...baselineForecast('naive', values, [5, 0, 7], 3)]).toEqual([9, 3, 6]);
    const starts = Array.from({ length: sp500.length - 10 }, (_, k) => k);
    const origins = starts.map((start) => start + 9);
    expect(baselineForecast('naive', sp500, origins, 1)).toEqual(naiveForecast(sp500, starts, 10));
  });

  test('drift continues the line from the first row to the origin', () => {
    expect([...baselineForecast('drift', values, [7, 5], 2)]).toEqual([6 + (2 * 3) / 7, 9 + (2 * 6) / 5]);
    expect([...baselineForecast('drift', values, [7, 5], 2, { firstRow: 4 })]).toEqual([6 + 2 / 3, 9 + 8]);
  });

  test('drift continues a straight line exactly', () => {
    const line = Array.from({ length: 20 }, (_, t) => 7 - 2 * t);
    expect([...baselineForecast('drift', line, [1, 5, 19], 4)]).toEqual([7 - 10, 7 - 18, 7 - 46]);
  });

  test('movingAverage is the mean of the last rows, the origin included', () => {
    expect([...baselineForecast('movingAverage', values, [2, 7], 5, { window: 3 })]).toEqual([8 / 3, 17 / 3]);
    expect([...baselineForecast('movingAverage', values, [2], 1, { window: 1 })]).toEqual([4]);
  });

  test('seasonalNaive is the same row of the last season, as in the textbook formula', () => {
    for (const season of [1, 2, 3, 4])
      for (const step of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        const k = Math.floor((step - 1) / season); // y(T + h | T) = y(T + h - m (k + 1))
        const expected = [4, 7].map((T) => values[T + step - season * (k + 1)]);
        expect([...baselineForecast('seasonalNaive', values, [4, 7], step, { season })]).toEqual(expected);
      }
  });

  test('uses only rows between the first one and the origin', () => {
    const names: BaselineName[] = ['naive', 'drift', 'movingAverage', 'seasonalNaive'];
    const known = sp500.map((value, row) => (row < 100 || row > 130 ? Number.NaN : value));
    const options = { season: 7, window: 31, firstRow: 100 };
    for (const name of names)
      for (const step of [1, 5, 40])
        expect([...baselineForecast(name, known, [130], step, options)], name).toEqual([
          ...baselineForecast(name, sp500, [130], step, options),
        ]);
  });

  test.each([
    ['naive', 2, 1, {}],
    ['drift', 3, 1, {}],
    ['movingAverage', 5, 1, { window: 4 }],
    ['seasonalNaive', 5, 1, { season: 4 }],
    ['seasonalNaive', 3, 3, { season: 4 }],
  ] as const)('%s rejects row %d, one row short, for step %d', (name, origin, step, options) => {
    expect(() => baselineForecast(name, values, [origin], step, { ...options, firstRow: 3 })).toThrow(DataError);
    expect(() => baselineForecast(name, values, [origin], step, { ...options, firstRow: 3 })).toThrow(
      `${name}: a forecast from row ${origin} needs the rows 2 to ${origin}, but only the rows 3 to 7 may be used`,
    );
    expect(baselineForecast(name, values, [origin], step, { ...options, firstRow: 2 }).length).toBe(1);
  });

  test.each([8, 1.5, Number.NaN])('rejects the origin %d', (origin) =>
    expect(() => baselineForecast('naive', values, [origin], 1)).toThrow(DataError),
  );

  test.each([
    ['seasonalNaive', 1, {}, /season: got undefined/],
    ['seasonalNaive', 1, { season: 0 }, /season: got 0/],
    ['movingAverage', 1, {}, /window: got undefined/],
    ['movingAverage', 1, { window: 1.5 }, /window: got 1.5/],
    ['naive', 0, {}, /step: got 0/],
    ['drift', 1, { firstRow: -1 }, /firstRow: got -1/],
    ['mean' as BaselineName, 1, {}, /"mean", expected 'naive', 'drift', 'movingAverage' or 'seasonalNaive'/],
  ] as const)('%s rejects step %d with %j', (name, step, options, message) => {
    expect(() => baselineForecast(name, values, [7], step, options)).toThrow(ConfigError);
    expect(() => baselineForecast(name, values, [7], step, options)).toThrow(message);
  });
});
