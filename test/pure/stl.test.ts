import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../../src/errors.ts';
import { mstl, seasonalStrength, seasonsAhead } from '../../src/stats/mstl.ts';
import { type StlOptions, stl } from '../../src/stats/stl.ts';

interface Golden {
  single: (Required<Omit<StlOptions, 'trendWindow'>> & {
    name: string;
    season: number;
    trendWindow?: number;
    values: number[];
    trend: number[];
    seasonal: number[];
    robustness: number[];
  })[];
  multiple: { name: string; seasons: number[]; values: number[]; trend: number[]; seasonals: number[][] }[];
}
const golden: Golden = JSON.parse(readFileSync('test/golden/stl.json', 'utf8'));

/** The same steps with another order of sums, and 11 digits in the file: far below 1e-6 of the series. */
const TOLERANCE = 1e-9;

function expectParts(got: Float64Array, wanted: ArrayLike<number>, scale: number): void {
  expect(got.length).toBe(wanted.length);
  const worst = got.reduce((most, value, t) => Math.max(most, Math.abs(value - wanted[t]!)), 0);
  expect(worst / scale).toBeLessThan(TOLERANCE);
}

const sizeOf = (values: readonly number[]) => Math.max(...values.map(Math.abs));
const wave = (rows: number, season: number) =>
  Float64Array.from({ length: rows }, (_, t) => [3, -1, 4, -1, 5, -9][(t % season) % 6]! + (t % season));

describe('stl', () => {
  test.each(golden.single)('has the parts of R for $name, window $seasonalWindow, robust $robust', (row) => {
    const { season, seasonalWindow, trendWindow, robust, values } = row;
    const parts = stl(values, season, { seasonalWindow, robust, ...(trendWindow && { trendWindow }) });
    expectParts(parts.trend, row.trend, sizeOf(values));
    expectParts(parts.seasonal, row.seasonal, sizeOf(values));
    if (robust) expectParts(parts.robustness, row.robustness, 1);
    else expect(new Set(parts.robustness)).toEqual(new Set([1]));
  });

  test.each([2, 3, 7, 12])('finds only the season in a pure season of %d rows', (season) => {
    const values = wave(6 * season + 1, season);
    const { seasonal, trend, remainder } = stl(values, season, { seasonalWindow: 'periodic' });
    const mean = values.slice(0, season).reduce((sum, value) => sum + value, 0) / season;
    values.forEach((value, t) => {
      expect(trend[t]).toBeCloseTo(mean, 9);
      expect(seasonal[t]).toBeCloseTo(value - mean, 9);
      expect(remainder[t]).toBeCloseTo(0, 9);
    });
    expect(seasonalStrength(remainder, seasonal)).toBeCloseTo(1, 9);
  });

  test('shifts and scales with its series', () => {
    const { values, season } = golden.single[0]!;
    const parts = stl(values, season);
    const moved = stl(
      values.map((value) => 1000 - 3 * value),
      season,
    );
    expectParts(
      moved.trend,
      parts.trend.map((value) => 1000 - 3 * value),
      1000,
    );
    expectParts(
      moved.seasonal,
      parts.seasonal.map((value) => -3 * value),
      1000,
    );
  });

  test('leaves an outlier in the remainder if it is robust', () => {
    const values = wave(60, 6);
    values[31]! += 100;
    const { remainder, robustness } = stl(values, 6, { robust: true, seasonalWindow: 'periodic' });
    expect(remainder[31]).toBeCloseTo(100, 6);
    expect(robustness[31]).toBe(0);
  });

  test('a constant series is only trend', () => {
    const { trend, seasonal, remainder } = stl(Array(30).fill(7), 4, { robust: true });
    expect(trend.every((value) => Math.abs(value - 7) < 1e-12)).toBe(true);
    expect([...seasonal, ...remainder].every((value) => Math.abs(value) < 1e-12)).toBe(true);
    expect(seasonalStrength(remainder.fill(0), seasonal.fill(0))).toBe(0);
  });

  test('rejects what it cannot decompose', () => {
    const values = wave(24, 12);
    expect(() => stl(values, 12)).toThrow(DataError);
    expect(() => stl(values, 12)).toThrow('got 24 rows, but a season of 12 rows needs more than two seasons, 25 rows');
    expect(() => stl([], 2)).toThrow(DataError);
    expect(() => stl([1, Number.NaN, 3, 4, 5], 2)).toThrow('row 2 of the 5 values is NaN');
    for (const season of [1, 0, -3, 2.5, Number.NaN]) expect(() => stl(values, season)).toThrow(ConfigError);
    for (const seasonalWindow of [2, 7.5, Number.NaN])
      expect(() => stl(values, 3, { seasonalWindow })).toThrow(ConfigError);
    expect(() => stl(values, 3, { trendWindow: 1 })).toThrow(
      'trendWindow: got 1, expected a whole number of at least 3',
    );
    expect(() => stl(values, 3, { window: 7 } as StlOptions)).toThrow('unknown key "window"');
  });

  test('a yearly season over twenty years of days takes well under a second', () => {
    const values = Array.from({ length: 7300 }, (_, t) => Math.sin((t * 2 * Math.PI) / 365) + ((t * 7919) % 101) / 50);
    const start = performance.now();
    stl(values, 365);
    expect(performance.now() - start).toBeLessThan(2000); // about 50 ms; the limit allows for a busy machine
  });
});

describe('mstl', () => {
  test.each(golden.multiple)('has the parts of R for $name with seasons $seasons', ({ seasons, values, ...wanted }) => {
    const parts = mstl(values, seasons.toReversed());
    expect(parts.seasonals.map(({ season }) => season)).toEqual(seasons);
    expectParts(parts.trend, wanted.trend, sizeOf(values));
    parts.seasonals.forEach((part, k) => {
      expectParts(part.values, wanted.seasonals[k]!, sizeOf(values));
    });
    const sum = parts.trend.map((value, t) =>
      parts.seasonals.reduce((total, part) => total + part.values[t]!, value + parts.remainder[t]!),
    );
    expectParts(sum, values, sizeOf(values));
  });

  test('with one season is stl', () => {
    const { values, season } = golden.single[1]!;
    expect(mstl(values, [season]).seasonals[0]!.values).toEqual(stl(values, season).seasonal);
  });

  test('continues its seasons, each at its phase', () => {
    const values = Float64Array.from({ length: 61 }, (_, t) => (t % 4) + (((t % 10) * 3) % 7));
    const { seasonals } = mstl(values, [4, 10]);
    const [four, ten] = seasonals.map((part) => part.values);
    expect([...seasonsAhead(seasonals, 12)]).toEqual(
      Array.from({ length: 12 }, (_, k) => four![57 + (k % 4)]! + ten![51 + (k % 10)]!),
    );
  });

  test('rejects an empty list of seasons, and a season that is too long', () => {
    expect(() => mstl([1, 2, 3], [])).toThrow(ConfigError);
    expect(() => mstl(wave(40, 4), [4, 24])).toThrow('a season of 24 rows needs more than two seasons');
  });
});
