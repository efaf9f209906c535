import { describe, expect, test } from 'vitest';
import { naiveForecast } from '../../src/data/baselines.ts';
import { sampleOrder, splitSamples } from '../../src/data/windows.ts';
import { ConfigError, DataError } from '../../src/errors.ts';

describe('splitSamples', () => {
  test('splits the tutorial: 1000 rows, windows of 10, 80%', () => {
    expect(splitSamples({ rows: 1000, windowLength: 10, split: 0.8 })).toEqual({
      rows: 1000,
      windowLength: 10,
      numSamples: 990,
      numTrain: 792,
      numTest: 198,
    });
  });

  test('rounds down as Python does: int(0.29 * 100) is 28', () => {
    expect(splitSamples({ rows: 101, windowLength: 1, split: 0.29 }).numTrain).toBe(28);
  });

  test('accepts windowLength + 2 rows, and no fewer', () => {
    expect(splitSamples({ rows: 12, windowLength: 10, split: 0.5 })).toMatchObject({ numTrain: 1, numTest: 1 });
    expect(() => splitSamples({ rows: 11, windowLength: 10, split: 0.5 })).toThrow(DataError);
    expect(() => splitSamples({ rows: 11, windowLength: 10, split: 0.5 })).toThrow(/got 11 rows.*at least 12/);
  });

  test.each([0, 1, -0.1, 1.5, Number.NaN])('rejects split %d', (split) => {
    expect(() => splitSamples({ rows: 100, windowLength: 10, split })).toThrow(ConfigError);
  });

  test('rejects a split that leaves nothing to train on', () => {
    expect(() => splitSamples({ rows: 12, windowLength: 2, split: 0.05 })).toThrow(/none of the 10 samples to train/);
  });

  test('leaves a sample to test on, even if the split is close to 1', () => {
    for (let rows = 3; rows < 3000; rows++)
      expect(splitSamples({ rows, windowLength: 1, split: 1 - 2 ** -53 }).numTest).toBe(1);
  });

  test.each([0, 1.5, -3])('rejects windowLength %d', (windowLength) => {
    expect(() => splitSamples({ rows: 100, windowLength, split: 0.8 })).toThrow(ConfigError);
  });
});

describe('sampleOrder', () => {
  const shuffled = (seed: number, epoch: number, numSamples = 1000) =>
    sampleOrder(numSamples, { shuffle: true, seed, epoch });

  test('is the identity without shuffle', () => {
    expect([...sampleOrder(4, { shuffle: false, seed: 1, epoch: 3 })]).toEqual([0, 1, 2, 3]);
  });

  test('contains every sample once', () => {
    expect([...shuffled(0, 1)].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, k) => k));
  });

  test('depends only on seed and epoch', () => {
    expect(shuffled(7, 3)).toEqual(shuffled(7, 3));
    const orders = [shuffled(7, 3), shuffled(7, 4), shuffled(8, 3), shuffled(3, 7), shuffled(7 + 2 ** 32, 3)];
    expect(new Set(orders.map((order) => order.join())).size).toBe(orders.length);
  });

  // Recorded from this program: a run with the same seed must not change between versions.
  test('keeps its order from version to version', () => {
    expect([...shuffled(0, 1, 10)]).toEqual([0, 6, 7, 9, 4, 2, 1, 5, 8, 3]);
  });

  test('puts every sample at every position about equally often', () => {
    const counts = new Uint32Array(25);
    for (let epoch = 1; epoch <= 5000; epoch++)
      for (const [place, sample] of shuffled(0, epoch, 5).entries()) counts[place * 5 + sample]!++;
    // 1000 each, with a standard deviation of 28.3: five deviations on either side
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(142);
  });

  test('works with 0 and 1 samples', () => {
    expect(shuffled(0, 1, 0).length).toBe(0);
    expect([...shuffled(0, 1, 1)]).toEqual([0]);
  });

  test('rejects a seed that is not an integer', () => expect(() => shuffled(0.5, 1)).toThrow(ConfigError));
});

describe('naiveForecast', () => {
  test('is the value just before each target', () => {
    expect([...naiveForecast([10, 11, 12, 13, 14], [0, 2, 1], 2)]).toEqual([11, 13, 12]);
  });

  test('with a season is the value one season before each target', () => {
    expect([...naiveForecast([10, 11, 12, 13, 14], [0, 2, 1], 2, 2)]).toEqual([10, 12, 11]);
    expect(() => naiveForecast([1, 2, 3], [0], 2, 3)).toThrow(/forecast from row -1/);
  });

  test('rejects a sample past the end', () => {
    expect(() => naiveForecast([1, 2, 3], [2], 2)).toThrow(
      /sample 2 is forecast from row 3, but the series has 3 rows/,
    );
  });
});
