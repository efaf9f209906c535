import { describe, expect, test } from 'vitest';
import { conformalRadius } from '../../src/data/conformal.ts';
import { sampleOrder } from '../../src/data/windows.ts';
import { ConfigError, DataError } from '../../src/errors.ts';

describe('conformalRadius', () => {
  test('is the ceil((n + 1) level)-th smallest size of a residual', () => {
    const residuals = [-9, 1, -2, 3, 8, -4, 5, 7, -6]; // 1 to 9 by size
    const ranks = [0.05, 0.1, 0.11, 0.5, 0.51, 0.8, 0.9].map((level) => conformalRadius(residuals, level));
    expect(ranks).toEqual([1, 1, 2, 5, 6, 8, 9]);
  });

  test('loses no rank to rounding: 100 * 0.55 is 55.00000000000001 in float64', () => {
    const residuals = Array.from({ length: 99 }, (_, k) => k + 1);
    for (let percent = 1; percent < 100; percent++) expect(conformalRadius(residuals, percent / 100)).toBe(percent);
  });

  test.each([
    [0.5, 1],
    [0.8, 4],
    [0.9, 9],
    [0.95, 19],
    [0.99, 99],
    [0.999, 999],
  ])('level %d needs %d residuals, and works with them', (level, needed) => {
    const residuals = Array.from({ length: needed }, (_, k) => k);
    expect(conformalRadius(residuals, level)).toBe(needed - 1);
    expect(() => conformalRadius(residuals.slice(1), level)).toThrow(DataError);
    expect(() => conformalRadius(residuals.slice(1), level)).toThrow(
      `got ${needed - 1} residuals, but an interval of level ${level} needs at least ${needed}.`,
    );
  });

  // Of n + 1 exchangeable values the last is one of the k smallest with probability k / (n + 1) (Vovk et al. 2005).
  test.each([0.5, 0.8, 0.9])('covers a share %d of new values on exchangeable data', (level) => {
    const [n, trials] = [29, 4000];
    let covered = 0;
    for (let trial = 1; trial <= trials; trial++) {
      const values = [...sampleOrder(n + 1, { shuffle: true, seed: 3, epoch: trial })].map((k) => (-1) ** k * k ** 3);
      covered += Number(Math.abs(values[n]!) <= conformalRadius(values.slice(0, n), level));
    }
    const error = Math.sqrt((level * (1 - level)) / trials);
    expect(Math.abs(covered / trials - level)).toBeLessThan(4 * error);
  });

  test.each([0, 1, -0.1, 90, Number.NaN])('rejects level %d', (level) =>
    expect(() => conformalRadius([1, 2, 3], level)).toThrow(ConfigError),
  );

  test('names a residual that is not finite', () =>
    expect(() => conformalRadius([1, Number.NaN], 0.5)).toThrow(/row 2 of the 2 values is NaN/));
});
