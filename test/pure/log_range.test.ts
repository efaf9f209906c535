import { describe, expect, test } from 'vitest';
import { decades, logRange } from '../../src/charts/log_range.ts';

describe('the range of the loss chart', () => {
  test('contains the values, and at least half a decade', () => {
    const [low, high] = logRange(1e-5, 0.1);
    expect(low).toBeLessThan(1e-5);
    expect(high).toBeGreaterThan(0.1);
    const [one, same] = logRange(0.02, 0.02);
    expect(Math.log10(same / one)).toBeCloseTo(0.5, 10);
  });

  test.each([
    [1e-30, 0.1],
    [0, 0.1],
    [1e-40, 1e-20],
    [Number.NaN, 1],
  ])('spans at most nine decades, from %d to %d', (min, max) => {
    const [low, high] = logRange(min, max);
    expect(low).toBeGreaterThan(0);
    expect(high / low).toBeLessThan(1e9);
    expect(decades(low, high).length).toBeLessThan(10);
  });

  test('has a range before there are values, and if none can be drawn', () => {
    for (const [min, max] of [
      [null, null],
      [0, 0],
      [1, Infinity],
      [-2, -1],
    ] as const)
      expect(logRange(min, max)).toEqual([1e-4, 1]);
  });
});

test('decades are the powers of ten of a range, including its ends', () => {
  expect(decades(1e-3, 10)).toEqual([0.001, 0.01, 0.1, 1, 10]);
  expect(decades(2e-3, 0.09)).toEqual([0.01]);
  expect(decades(2, 3)).toEqual([]);
});
