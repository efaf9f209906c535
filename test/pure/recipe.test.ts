import { describe, expect, test } from 'vitest';
import { baselineForecast } from '../../src/data/baselines.ts';
import { conformalRadius } from '../../src/data/conformal.ts';
import { settled } from '../../src/kinds.ts';
import { MersenneTwister } from '../../src/model/init.ts';
import { Cut } from '../../src/recipe/cut.ts';
import { radiiOf, radiusOf } from '../../src/recipe/intervals.ts';
import { classicalForecasts } from '../../src/recipe/methods.ts';
import { Prepared } from '../../src/recipe/prepare.ts';
import { leapDaysOf, possibleSeasons, strongSeasons } from '../../src/recipe/seasons.ts';
import { RECIPE, windowFor } from '../../src/recipe/settings.ts';
import { recipeOf } from '../../src/recipe/variants.ts';
import { fitSmoothing } from '../../src/stats/stl_ets.ts';

const DAY = 86_400_000;
const days = (count: number, step = DAY) =>
  Float64Array.from({ length: count }, (_, k) => Date.UTC(2020, 0, 6) + k * step);
const months = (count: number, step = 1) => Float64Array.from({ length: count }, (_, k) => Date.UTC(2000, k * step, 1));
function noise(count: number): Float64Array {
  const generator = new MersenneTwister(3);
  return Float64Array.from({ length: count }, () => generator.uniform(-1, 1));
}
const wave = (count: number, season: number) =>
  Float64Array.from({ length: count }, (_, t) => Math.sin((2 * Math.PI * t) / season));

describe('possible seasons', () => {
  const flat = (moments: Float64Array) => possibleSeasons(new Float64Array(moments.length), moments).seasons;

  test.each([
    ['months', months(30), [12]],
    ['quarters', months(30, 3), [4]],
    ['years', months(30, 12), []],
    ['weeks', days(105, 7 * DAY), [52]],
    ['too few weeks', days(104, 7 * DAY), []],
    ['days', days(60), [7]],
    ['years of days', days(800), [7, 365]],
    ['hours', days(400, DAY / 24), [24, 168]],
    ['six hours', days(400, DAY / 4), [4, 28]],
    ['quarters of an hour', days(400, DAY / 96), [96]],
    ['days of a week without Saturday and Sunday', days(90).filter((ms) => new Date(ms).getUTCDay() % 6 !== 0), [5]],
  ])('of %s are the usual ones', (_, moments, seasons) => {
    expect(flat(moments)).toEqual(seasons);
  });

  test('of a series without dates are found from its values', () => {
    expect(possibleSeasons(wave(80, 9), undefined)).toEqual({ seasons: [9], least: 3 });
    expect(possibleSeasons(wave(80, 9), months(80)).seasons).toEqual([12]);
    expect(possibleSeasons(wave(90, 4), days(90, 7 * DAY)).seasons).toEqual([4]); // too few rows for a year of weeks
    expect(possibleSeasons(new Float64Array(80).fill(3), undefined).seasons).toEqual([]);
  });
});

describe('strong seasons', () => {
  const random = noise(120);

  test('are those that are clear and repeat more than twice', () => {
    const both = wave(120, 12).map((value, t) => 5 * value + random[t]! + t / 10);
    expect(strongSeasons(both, [12])).toEqual([12]);
    expect(strongSeasons(both, [12, 60])).toEqual([12]);
    expect(strongSeasons(both.subarray(0, 24), [12])).toEqual([]);
    expect(strongSeasons(random, [12])).toEqual([]);
    expect(strongSeasons(new Float64Array(60), [12])).toEqual([]);
  });
});

describe('a prepared series', () => {
  // grows by 1% per row, with a multiplicative season of 4: without both, the logarithms are a line
  const seasons = [1, 2, 0.5, 1];
  const values = Float64Array.from({ length: 40 }, (_, t) => 100 * 1.01 ** t * seasons[t % 4]!);

  test('has no season, and restores it in forecasts', () => {
    const prepared = new Prepared(values.subarray(0, 32), { log: true, seasons: [4] });
    const steps = prepared.values.subarray(1).map((value, t) => value - prepared.values[t]!);
    for (const step of steps) expect(step).toBeCloseTo(Math.log(1.01), 2);
    const line = Float64Array.from({ length: 8 }, (_, k) => prepared.values[31]! + (k + 1) * Math.log(1.01));
    for (const [k, value] of prepared.restore(line).entries()) expect(value / values[32 + k]!).toBeCloseTo(1, 2);
  });

  test('is unchanged if nothing is removed', () => {
    const prepared = new Prepared(values, { log: false, seasons: [] });
    expect(prepared.values).toEqual(values);
    expect(prepared.restore(values)).toEqual(values);
    expect(prepared.valuesAt(prepared.level(values))).toEqual(values);
  });
});

describe('radii of intervals', () => {
  const values = Float64Array.of(0, 1, 3, 2, 4, 6, 5, 7);
  // squared changes over a row: 1 4 1 4 4 1 4; over two rows: 9 1 1 16 1 1
  const [one, two] = [Math.sqrt(19 / 7), Math.sqrt(29 / 6)];

  test('are errors relative to the changes of the series, times those changes', () => {
    const errors = [
      { predicted: Float64Array.of(1, 1), actual: Float64Array.of(3, 0) },
      { predicted: Float64Array.of(0, 0), actual: Float64Array.of(1, 5) },
    ];
    const ratios = [2 / one, 1 / two, 1 / one, 5 / two];
    expect(conformalRadius(ratios, 0.8)).toBe(5 / two);
    const wider = (1.5 * 5) / two; // two folds
    expect(radiusOf(errors, values, 2, 0.8)).toBeCloseTo(wider, 12);
    expect(radiusOf(errors, values, 2, 0.99)).toBeCloseTo(wider, 12); // the largest one
    expect([...radiiOf(wider, values, 2, 0.8)]).toEqual([wider * one, wider * two]);
  });

  test('without errors are the changes of the series, and 0 if it is constant', () => {
    expect(radiusOf([], values, 2, 0.8)).toBeUndefined();
    expect([...radiiOf(undefined, values, 2, 0.8)]).toEqual([2, 4]);
    expect([...radiiOf(undefined, new Float64Array(9).fill(2), 3, 0.9)]).toEqual([0, 0, 0]);
    expect([...radiiOf(undefined, Float64Array.of(5), 2, 0.9)]).toEqual([0, 0]);
    // one season ahead the change is only small, but the forecast is no more certain than before
    expect([...radiiOf(undefined, Float64Array.of(0, 5, 0, 5, 1), 4, 0.9)]).toEqual([5, 5, 5, 5]);
  });
});

describe('methods without a model', () => {
  const values = wave(50, 5).map((value, t) => 20 + 3 * value + t / 5 + Math.cos(t));

  test('match their own functions', () => {
    const all = classicalForecasts(values, 5, 7);
    expect([...all.keys()]).toEqual(['ets', 'theta', 'seasonalNaive', 'naive', 'drift', 'movingAverage']);
    expect(all.get('ets')).toEqual(fitSmoothing(values, 5).forecast(7));
    for (const name of ['seasonalNaive', 'naive', 'drift'] as const)
      for (let step = 1; step <= 7; step++)
        expect(all.get(name)![step - 1]).toBe(baselineForecast(name, values, [49], step, { season: 5 })[0]);
    expect(all.get('movingAverage')![0]).toBeCloseTo(
      values.subarray(-5).reduce((sum, value) => sum + value, 0) / 5,
      12,
    );
  });

  test('forecast a single row, and a series shorter than its season', () => {
    for (const [, forecast] of classicalForecasts(Float64Array.of(4), 12, 3)) expect([...forecast]).toEqual([4, 4, 4]);
  });
});

test('a cut sees nothing after its origin: everything learned and decided is bit-identical', () => {
  const recipe = recipeOf(settled(RECIPE, {}), 6, 12);
  const values = wave(100, 12).map((value, t) => (100 + t) * (1 + 0.3 * value));
  const columns = (target: Float64Array, known: Float64Array) => ({
    ...{ id: undefined, leapDays: undefined, outliers: 'keep' as const },
    ...{ target, past: { known }, future: { ahead: target } },
  });
  const cutOf = (target: Float64Array) => new Cut(columns(target, target), 80, [12], recipe);
  const cut = cutOf(values);
  const other = cutOf(values.map((value, t) => (t < 80 ? value : -(t % 5))));
  expect([other.log, other.deseasonalized]).toEqual([true, [12]]);
  expect(other.prepared.values).toEqual(cut.prepared.values);
  const { frame } = cut.job!;
  expect([frame.target.length, frame.past.known!.length, frame.future.ahead!.length]).toEqual([80, 80, 86]);
  expect(other.job!.frame.past).toEqual(frame.past);
  const jobOf = (rows: number) => new Cut(columns(values, values), rows, [12], recipe).job;
  expect([jobOf(24), jobOf(25)]).toEqual([undefined, expect.anything()]); // 25 rows have 8 windows of 12 rows and 6 steps ahead
});

describe('yearly seasons of daily rows', () => {
  const day = (k: number) => Date.UTC(2011, 0, 1 + k);
  const isLeap = (ms: number) => new Date(ms).getUTCMonth() === 1 && new Date(ms).getUTCDate() === 29;
  const moments = Float64Array.from({ length: 6 * 365 }, (_, k) => day(k));
  /** A value for each date, the same every year; on February 29 the mean of its neighbors. */
  const valueAt = (ms: number): number => {
    const date = new Date(ms);
    if (isLeap(ms)) return (valueAt(ms - DAY) + valueAt(ms + DAY)) / 2;
    return (date.getUTCMonth() === 11 && date.getUTCDate() === 25 ? 50 : 0) + date.getUTCMonth();
  };

  test('keep their dates across a leap day, which is between its neighbors', () => {
    const leapDays = leapDaysOf(moments)!;
    expect(moments.filter((_, k) => leapDays[k] === 1).map((ms) => new Date(ms).getUTCFullYear())).toEqual(
      Float64Array.of(2012, 2016),
    );
    const rows = 5 * 365; // up to December 30, 2015: the next 60 rows include February 29, 2016
    const values = Float64Array.from(moments, valueAt);
    const prepared = new Prepared(values.subarray(0, rows), { log: false, seasons: [365], leapDays });
    const ahead = prepared.restore(new Float64Array(80).fill(prepared.values.at(-1)!));
    for (const [k, value] of ahead.entries()) expect(value).toBeCloseTo(values[rows + k]!, 1);
    const shifted = new Prepared(values.subarray(0, rows), { log: false, seasons: [365] });
    const christmas = values.indexOf(50 + 11);
    expect(Math.abs(prepared.values[christmas]!)).toBeLessThan(10);
    expect(shifted.values[christmas]! - shifted.values[christmas - 9]!).toBeGreaterThan(10);
    expect(leapDaysOf(moments.filter((_, k) => k % 7 === 0))).toBeUndefined();
    expect(leapDaysOf(moments.subarray(0, 365))).toBeUndefined();
  });
});

test('windows are a season, and leave windows to train on', () => {
  expect([1, 4, 7, 12, 24, 52, 168, 365].map((season) => windowFor(season, 12, 1000))).toEqual([
    ...[10, 8, 8, 12, 24, 52, 28, 28],
  ]);
  expect(windowFor(12, 12, 30)).toBe(9);
  expect(windowFor(12, 12, 10)).toBe(1);
});
