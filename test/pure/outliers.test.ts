import { describe, expect, test } from 'vitest';
import { outliersOf, withoutOutliers } from '../../src/stats/outliers.ts';

const wave = (rows: number) => Float64Array.from({ length: rows }, (_, t) => 100 + 10 * Math.sin(t));
const changed = (values: Float64Array, places: Record<number, number>) => {
  const copy = values.slice();
  for (const [t, value] of Object.entries(places)) copy[Number(t)] = value;
  return copy;
};

describe('outliers', () => {
  test.each<[string, Float64Array, number[]]>([
    ['one far above', changed(wave(60), { 30: 1e6 }), [30]],
    ['one far below, at the start', changed(wave(60), { 0: -9999 }), [0]],
    ['the last row', changed(wave(60), { 59: 1e6 }), [59]],
    ['as many as one of 50', changed(wave(100), { 3: 1e6, 70: -1e6 }), [3, 70]],
    ['in a constant series', changed(new Float64Array(40).fill(5), { 8: 1e6 }), [8]],
    ['more than one of 50', changed(wave(60), { 3: 1e6, 40: 1e6 }), []],
    ['nothing but a wave', wave(60), []],
    ['a spike of nine ranges', changed(wave(60), { 30: 290 }), []],
    ['a level that shifts', wave(60).map((value, t) => (t < 56 ? value : value + 1e4)), []],
    ['exponential growth', Float64Array.from({ length: 60 }, (_, t) => 3 ** t), []],
    ['a first demand after zeros', changed(new Float64Array(60), { 58: 7 }), []],
    ['a constant', new Float64Array(40).fill(5), []],
    ['too few rows to decide', changed(wave(19), { 9: 1e6 }), []],
    ['no rows', new Float64Array(), []],
  ])('%s', (_, values, expected) => {
    expect(outliersOf(values)).toEqual(expected);
  });

  test('are replaced by the mean of the nearest other rows, and nothing else changes', () => {
    const values = changed(wave(150), { 0: 1e6, 70: 1e6, 71: -1e6 });
    const between = (values[69]! + values[72]!) / 2;
    expect(withoutOutliers(values)).toEqual(changed(values, { 0: values[1]!, 70: between, 71: between }));
    expect(withoutOutliers(changed(wave(60), { 59: 1e6 }))[59]).toBe(wave(60)[58]);
    expect(withoutOutliers(wave(60))).toEqual(wave(60));
  });
});
