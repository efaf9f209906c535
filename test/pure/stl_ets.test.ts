import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../../src/errors.ts';
import { EtsFit } from '../../src/stats/ets_fit.ts';
import { fitSmoothing, fitStlEts, StlEtsFit } from '../../src/stats/stl_ets.ts';

interface Golden {
  stl: { name: string; season: number; model: string; forecast: number[]; fitted: number[]; values: number[] }[];
}
const golden: Golden = JSON.parse(readFileSync('test/golden/ets.json', 'utf8'));

/** Largest difference relative to the largest value. */
const distance = (got: ArrayLike<number>, wanted: readonly number[]) =>
  Math.max(...wanted.map((value, k) => Math.abs(value - got[k]!))) / Math.max(...wanted.map(Math.abs));

/** The search for smoothing parameters differs from R's. */
const NEAR = 5e-3;

const rows = (count: number, value: (t: number) => number) => Array.from({ length: count }, (_, t) => value(t));
const noise = (t: number) => ((t * 7919 + 13 * t * t) % 101) / 101 - 0.5;
const SHAPE = [5, -2, 0, 4, -3, -1, 2, 1, -4, 3, -6, 1];

describe('fitStlEts', () => {
  test.each(golden.stl)('forecasts as R does for $name', ({ values, season, model, forecast, fitted }) => {
    const fit = fitStlEts(values, season);
    expect(fit.rest.model).toBe(model);
    expect(distance(fit.forecast(forecast.length), forecast)).toBeLessThan(NEAR);
    expect(distance(fit.fitted.slice(-5), fitted)).toBeLessThan(NEAR);
    values.forEach((value, t) => {
      expect(fit.fitted[t]! + fit.residuals[t]!).toBeCloseTo(value, 6);
    });
  });

  test('continues the last season at any phase', () => {
    const season = 31;
    const value = (t: number) => 20 + (((t % season) * 7) % 13);
    const forecast = fitStlEts(rows(5 * season + 4, value), season, { robust: true }).forecast(70);
    for (const [k, got] of forecast.entries()) expect(got).toBeCloseTo(value(5 * season + 4 + k), 6);
  });

  test('rejects a series shorter than two seasons', () => {
    expect(() => fitStlEts(rows(60, noise), 30)).toThrow('needs more than two seasons, 61 rows');
    expect(() => fitStlEts([1, Number.NaN, 3], 1)).toThrow(DataError);
  });
});

describe('fitSmoothing', () => {
  const values = rows(70, (t) => 20 + SHAPE[t % 12]! + noise(t));
  test('uses STL for a season of more than 24 rows, if there are two of them', () => {
    expect(fitSmoothing(values, 12)).toBeInstanceOf(EtsFit);
    expect(fitSmoothing(values, 25)).toBeInstanceOf(StlEtsFit);
    expect(fitSmoothing(values, 36)).toBeInstanceOf(EtsFit);
    expect(fitSmoothing(values)).toBeInstanceOf(EtsFit);
    expect(() => fitSmoothing(values, Number.NaN)).toThrow(ConfigError);
  });
});
