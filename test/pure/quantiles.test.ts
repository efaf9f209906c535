import { describe, expect, test } from 'vitest';
import { memberMean, memberQuantiles, rearranged } from '../../src/data/quantiles.ts';
import { MersenneTwister } from '../../src/model/init.ts';
import { meanLoss } from '../../src/train/validation.ts';

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

  test('rejects a level outside 0 to 1', () => {
    expect(() => memberQuantiles(members, [10])).toThrow('quantiles: got 10');
  });
});

test('memberMean is the mean row by row', () => {
  expect([...memberMean(members)]).toEqual([2.5, 2]);
});

describe('rearranged', () => {
  test('sorts each row separately, without changing its input', () => {
    const outputs = Float32Array.of(3, 1, 2, -1, 0, -2);
    expect([...rearranged(outputs, 3)]).toEqual([1, 2, 3, -2, -1, 0]);
    expect([...rearranged(outputs, 2)]).toEqual([1, 3, -1, 2, -2, 0]);
    expect([...rearranged(outputs, 1)]).toEqual([3, 1, 2, -1, 0, -2]);
    expect([...outputs]).toEqual([3, 1, 2, -1, 0, -2]);
  });

  test.each([2, 3, 5, 9])('never has a larger quantile loss than %i crossing outputs', (Q) => {
    const quantiles = Array.from({ length: Q }, (_, q) => (q + 1) / (Q + 1));
    const loss = { name: 'quantile', quantiles } as const;
    const random = new MersenneTwister(Q);
    let smaller = 0;
    for (let k = 0; k < 500; k++) {
      const outputs = Float32Array.from({ length: Q }, () => random.uniform(-1, 1));
      const target = [random.uniform(-1, 1)];
      const [before, after] = [outputs, rearranged(outputs, Q)].map((y) => meanLoss(loss, y, target)) as [
        number,
        number,
      ];
      expect(after, `${[...outputs]} for ${target}`).toBeLessThanOrEqual(before + 1e-15);
      if (after < before - 1e-15) smaller++;
    }
    expect(smaller).toBeGreaterThan(50);
  });
});
