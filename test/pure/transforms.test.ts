import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSeries } from '../../src/data/csv.ts';
import { applyTransform, invertTransform, type TransformName, transformLag } from '../../src/data/transforms.ts';
import { ConfigError, DataError } from '../../src/errors.ts';

const { values: sp500 } = readSeries(readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8'));
const names: TransformName[] = ['none', 'difference', 'logReturn'];

describe('applyTransform', () => {
  test('keeps values, subtracts the previous one, or takes the logarithm of their ratio', () => {
    const values = [2, 4, 3, 3];
    expect([...applyTransform('none', values)]).toEqual(values);
    expect([...applyTransform('difference', values)]).toEqual([0, 2, -1, 0]);
    expect([...applyTransform('logReturn', values)]).toEqual([0, Math.log(2), Math.log(3 / 4), 0]);
  });

  test.each(names)('%s of no rows and of one row has as many steps', (name) => {
    expect([0, 1].map((rows) => applyTransform(name, Array(rows).fill(5)).length)).toEqual([0, 1]);
  });

  test.each([0, -1, Number.NaN])('logReturn names the first row that is %d', (value) => {
    expect(() => applyTransform('logReturn', [1, 2, value, value])).toThrow(DataError);
    expect(() => applyTransform('logReturn', [1, 2, value, value])).toThrow(
      `row 3 of the 4 values is ${value}, expected a number above 0`,
    );
  });
});

describe('invertTransform', () => {
  test.each(names)('of %s brings the S&P 500 back, from every row on', (name) => {
    const steps = applyTransform(name, sp500);
    for (const first of [1, 2, 777, sp500.length - 1]) {
      const back = invertTransform(name, steps.subarray(first), sp500[first - 1]!);
      expect(back.length).toBe(sp500.length - first);
      for (const [k, value] of back.entries()) expect(value / sp500[first + k]!).toBeCloseTo(1, 11);
    }
  });

  test('is exact for differences of whole numbers', () => {
    const values = Array.from({ length: 100 }, (_, t) => ((t * 7919) % 101) - 50);
    const steps = applyTransform('difference', values);
    expect([...invertTransform('difference', steps.subarray(1), values[0]!)]).toEqual(values.slice(1));
  });
});

test('transformLag counts the rows without a step', () => expect(names.map(transformLag)).toEqual([0, 1, 1]));

test.each(['log', 'toString'])('%s is not a transform', (name) => {
  expect(() => transformLag(name as TransformName)).toThrow(ConfigError);
  expect(() => applyTransform(name as TransformName, [1])).toThrow(/'none', 'difference' or 'logReturn'/);
});
