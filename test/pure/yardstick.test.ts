import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { METHODS } from '../../bench/yardstick/methods.ts';
import {
  type Cut,
  cutAt,
  geometricMean,
  type Method,
  maseOf,
  ORIGINS,
  ratios,
  readRScores,
  readYardstick,
  scoreMethod,
  tableOf,
  type YardstickSeries,
} from '../../bench/yardstick/yardstick.ts';
import { parseCsv, readSeries } from '../../src/data/csv.ts';

const all = readYardstick();

/** Ten rows with a season of two; the last two are forecast. */
const small: YardstickSeries = {
  name: 'small',
  season: 2,
  horizon: 2,
  values: Float64Array.of(1, 10, 2, 10, 4, 13, 6, 16, 9, 20),
  dates: Array.from({ length: 10 }, (_, k) => String(2000 + k)),
  moments: Float64Array.from({ length: 10 }, (_, k) => Date.UTC(2000 + k, 0)),
};

describe('the series of the yardstick', () => {
  const listed = parseCsv(readFileSync('bench/yardstick/series.csv'));
  const rows = listed.columns.find(({ name }) => name === 'rows')!.values;

  test('match the files of its folder', () => {
    expect(all).toHaveLength(29);
    expect(readdirSync('bench/yardstick/series').sort()).toEqual(all.map(({ name }) => `${name}.csv`).sort());
  });

  test.each(all.map(({ name }, k) => ({ name, count: rows[k]! })))(
    '$name is read completely without options',
    (each) => {
      const read = readSeries(readFileSync(`bench/yardstick/series/${each.name}.csv`));
      expect(read.values).toHaveLength(each.count);
      expect(read.dates).toHaveLength(each.count);
      expect(read.column).toBe('value');
      const holidays = each.name === 'sp500' ? ['rows-missing'] : []; // of the exchange
      expect(read.notes.map(({ code }) => code)).toEqual(['column', ...holidays]);
    },
  );

  test.each(all)('$name holds three seasons before its first origin', ({ values, season, horizon }) => {
    expect(values.length - horizon * ORIGINS.length).toBeGreaterThanOrEqual(3 * season);
  });
});

describe('cutAt', () => {
  test.each(ORIGINS)('divides every series at origin %d, without access to later rows', (origin) => {
    for (const series of all) {
      const { cut, actual } = cutAt(series, origin);
      const known = series.values.length - series.horizon * (origin + 1);
      const end = known + series.horizon;
      expect(cut.values).toEqual(series.values.slice(0, known));
      expect(cut.dates).toEqual(series.dates.slice(0, known));
      expect(cut.values.buffer.byteLength).toBe(8 * known);
      expect(actual).toEqual(series.values.slice(known, end));
      const changed = series.values.map((value, row) => (row < known ? value : -value - 1));
      expect(cutAt({ ...series, values: changed }, origin).cut).toEqual(cut);
    }
  });
});

describe('maseOf', () => {
  const { cut, actual } = cutAt(small, 0);

  test('is the mean error divided by the mean seasonal difference of the known rows', () => {
    // Known: 1 10 2 10 4 13 6 16, differences of two rows 1 0 2 3 2 3; ahead: 9 20, errors 1 and 4.
    expect(maseOf(cut, actual, Float64Array.of(10, 16))).toBeCloseTo(2.5 / (11 / 6), 12);
    // Of one row: 9 8 8 6 9 7 10.
    expect(maseOf({ ...cut, season: 1 }, actual, Float64Array.of(10, 16))).toBeCloseTo(2.5 / (57 / 7), 12);
  });

  test.each([undefined, [10], [10, 16, 20], [10, Number.NaN]])('refuses the forecast %j', (predicted) => {
    const forecast = predicted && Float64Array.from(predicted);
    expect(() => maseOf(cut, actual, forecast)).toThrow(/^small: got the forecast .*, expected 2 finite rows\.$/);
  });

  test('refuses a constant series', () => {
    const flat = { ...cut, values: new Float64Array(8) };
    expect(() => maseOf(flat, actual, Float64Array.of(10, 16))).toThrow(
      'small: the rows before the origin are all equal',
    );
  });
});

describe('scoreMethod', () => {
  test('calls a method once per origin, with all series', async () => {
    const asked: (readonly Cut[])[] = [];
    const last: Method = {
      name: 'last',
      forecast: async (cuts) => {
        asked.push(cuts);
        return cuts.map(({ values, horizon }) => ({
          ...{ predicted: new Float64Array(horizon).fill(values.at(-1)!), low: new Float64Array(horizon) },
          high: new Float64Array(horizon).fill(15), // contains 9 of 9 20, and both of 4 13
        }));
      },
    };
    const { method, scores, seconds } = await scoreMethod(last, [small, { ...small, name: 'twin', season: 1 }], [0, 2]);
    expect(asked.map((cuts) => cuts.map(({ name, values }) => [name, values.length]))).toEqual([
      [
        ['small', 8],
        ['twin', 8],
      ],
      [
        ['small', 4],
        ['twin', 4],
      ],
    ]);
    expect(method).toBe('last');
    expect(seconds).toBeGreaterThan(0);
    // Ahead of origin 2: 4 13 after 1 10 2 10, errors 6 and 3, differences of two rows 1 0, of one 9 8 8.
    expect(scores.map(({ series, origin }) => [series, origin])).toEqual([
      ['small', 0],
      ['twin', 0],
      ['small', 2],
      ['twin', 2],
    ]);
    const wanted = [(7 + 4) / 2 / (11 / 6), (7 + 4) / 2 / (57 / 7), 4.5 / 0.5, 4.5 / (25 / 3)];
    for (const [k, { mase }] of scores.entries()) expect(mase).toBeCloseTo(wanted[k]!, 12);
    expect(scores.map(({ coverage }) => coverage)).toEqual([0.5, 0.5, 1, 1]);
  });
});

describe('the table', () => {
  const at = (series: string, mase: number) => ({ series, origin: 0, mase });
  const naive = [at('a', 2), at('b', 1), at('c', 1), at('d', 4)];
  const ets = [at('d', 1), at('c', 2), at('b', 1), at('a', 1)];
  const scores = [at('a', 1), at('b', 1 - 1e-9), at('c', 1.06), at('d', 8)];

  test('has ratios by series and origin, in any order', () => {
    expect(ratios(scores, ets)).toEqual([1, 1 - 1e-9, 0.53, 8]);
    expect(() => ratios([{ ...at('a', 1), origin: 1 }], ets)).toThrow('a at origin 1: there is no score');
  });

  test('has geometric means, shares of forecasts that beat the rules, and counts of worse ones', () => {
    expect(geometricMean([0.5, 2, 8])).toBeCloseTo(2, 12);
    // Ratios 0.5, 1, 1.06, 2 and 1, 1, 0.53, 8.
    const all = [
      { method: 'R snaive', scores: naive },
      { method: 'R ets', scores: ets },
      { method: 'ours', scores: scores.map((score, k) => ({ ...score, coverage: k / 2 })), seconds: 1.26 },
    ];
    expect(tableOf(all)).toBe(
      [
        'method    x naive  x ETS  < naive  < ETS  worse  series  inside  seconds',
        'R snaive    1.000  1.414       0%    25%      0       0                 ',
        'R ets       0.707  1.000      50%     0%      1       1                 ',
        'ours        1.015  1.435      25%    25%      2       2     75%      1.3',
      ].join('\n'),
    );
  });
});

describe("R's scores", () => {
  const scores = new Map(readRScores().map((each) => [each.method, each.scores]));

  test('are there for every series at every origin', () => {
    const cuts = all.flatMap(({ name }) => ORIGINS.map((origin) => `${name} ${origin}`));
    for (const each of scores.values()) {
      expect(each.map(({ series, origin }) => `${series} ${origin}`)).toEqual(cuts);
      expect(each.every(({ mase }) => mase > 0)).toBe(true);
    }
  });

  test('agree with the seasonal naive forecast computed here', async () => {
    const seasonalNaive = METHODS.find(({ name }) => name === 'seasonal naive')!;
    const here = await scoreMethod(seasonalNaive, all, ORIGINS);
    for (const ratio of ratios(here.scores, scores.get('R snaive')!)) expect(ratio).toBeCloseTo(1, 6);
  });
});
