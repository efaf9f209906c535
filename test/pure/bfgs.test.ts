import { describe, expect, test } from 'vitest';
import { bfgs, type Differentiable } from '../../src/stats/bfgs.ts';

describe('bfgs', () => {
  const valley: Differentiable = ([x = 0, y = 0], gradient) => {
    gradient.set([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)]);
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
  };
  const search = { maxSteps: 200, tolerance: 1e-14 };

  test('finds the minimum of a curved valley', () => {
    const { x, value } = bfgs(valley, Float64Array.of(-1.2, 1), search);
    expect(value).toBeLessThan(1e-12);
    expect([...x].map((part) => part.toFixed(5))).toEqual(['1.00000', '1.00000']);
  });

  test('stays in the domain of the function', () => {
    const walled: Differentiable = (x, gradient) => (x[0]! > 0.5 ? Number.NaN : valley(x, gradient));
    const { x, value } = bfgs(walled, Float64Array.of(-1.2, 1), search);
    expect(x[0]).toBeLessThanOrEqual(0.5);
    expect(value).toBeLessThan(1);
  });

  test('does not move from a minimum', () => {
    expect([...bfgs(valley, Float64Array.of(1, 1), search).x]).toEqual([1, 1]);
  });
});
