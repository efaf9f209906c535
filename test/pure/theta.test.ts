import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../../src/errors.ts';
import { fitTheta } from '../../src/stats/theta.ts';

interface Golden {
  cases: { name: string; season: number; alpha: number; drift: number; forecast: number[]; values: number[] }[];
}
const golden: Golden = JSON.parse(readFileSync('test/golden/theta.json', 'utf8'));

const rows = (count: number, value: (t: number) => number) => Array.from({ length: count }, (_, t) => value(t));
const SHAPE = [5, -2, 0, 4, -3, -1, 2];
const noise = (t: number) => ((t * 7919 + 13 * t * t) % 101) / 101 - 0.5;

describe('fitTheta', () => {
  // alpha is found with another criterion that has the same minimum, likelihood instead of squared error, and ends close to R's.
  test.each(golden.cases)('forecasts as R does for $name', ({ values, season, alpha, drift, forecast }) => {
    const fit = fitTheta(values, season);
    expect(fit.drift / drift).toBeCloseTo(1, 9);
    expect(fit.level.parameters.alpha).toBeCloseTo(alpha, 3);
    fit.forecast(forecast.length).forEach((value, k) => {
      expect(value / forecast[k]!).toBeCloseTo(1, 3);
    });
  });

  test('removes an additive season if values are not positive', () => {
    const value = (t: number) => 10 * SHAPE[t % 7]! + noise(t);
    const fit = fitTheta(rows(73, value), 7);
    expect(fit.seasonType).toBe('A');
    fit.forecast(14).forEach((got, k) => {
      expect(Math.abs(got - 10 * SHAPE[(73 + k) % 7]!)).toBeLessThan(2);
    });
  });

  test('has no season if the series has none, or at most two of them', () => {
    expect(
      fitTheta(
        rows(60, (t) => 9 + noise(t)),
        7,
      ).seasonType,
    ).toBe('N');
    expect(
      fitTheta(
        rows(14, (t) => 9 + SHAPE[t % 7]!),
        7,
      ).seasonType,
    ).toBe('N');
    expect(
      fitTheta(
        rows(29, (t) => 9 + SHAPE[t % 7]!),
        7,
      ).seasonType,
    ).toBe('M');
  });

  test.each([1, 2, 3, 4, 9])('continues a constant of %d rows', (count) => {
    for (const value of [0, 4, -4])
      for (const got of fitTheta(Array(count).fill(value), 2).forecast(3)) expect(got).toBeCloseTo(value, 9);
  });

  test('rejects what it cannot fit', () => {
    expect(() => fitTheta([])).toThrow(DataError);
    expect(() => fitTheta([1, Number.NaN])).toThrow('row 2 of the 2 values is NaN');
    for (const season of [0, 1.5, Number.NaN]) expect(() => fitTheta([1, 2, 3], season)).toThrow(ConfigError);
    for (const horizon of [0, 1.5]) expect(() => fitTheta([1, 2, 3]).forecast(horizon)).toThrow(ConfigError);
  });
});
