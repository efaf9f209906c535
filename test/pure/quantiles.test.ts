import { describe, expect, test } from 'vitest';
import { memberMean, memberQuantiles } from '../../src/data/quantiles.ts';

const members = [Float64Array.of(4, 1), Float64Array.of(1, 1), Float64Array.of(3, 1), Float64Array.of(2, 5)];

describe('memberQuantiles', () => {
  test('interpolates as numpy.quantile does', () => {
    // numpy.quantile([[4, 1], [1, 1], [3, 1], [2, 5]], [0, .1, .5, .9, 1], axis=0)
    const expected = [
      [1, 1],
      [1.3, 1],
      [2.5, 1],
      [3.7, 3.8],
      [4, 5],
    ];
    const quantiles = memberQuantiles(members, [0, 0.1, 0.5, 0.9, 1]);
    for (const [k, { values }] of quantiles.entries())
      for (const [row, value] of values.entries()) expect(value).toBeCloseTo(expected[k]![row]!, 12);
  });

  test('refuses a level outside 0 to 1', () => {
    expect(() => memberQuantiles(members, [10])).toThrow('quantiles: got 10');
  });
});

test('memberMean is the mean row by row', () => {
  expect([...memberMean(members)]).toEqual([2.5, 2]);
});
