import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSeries, type SeriesOptions } from '../../src/data/csv.ts';
import { readFrame, readManySeries } from '../../src/data/frame.ts';
import { DataError } from '../../src/errors.ts';
import { Calibration } from '../../src/forecast/calibration.ts';
import { Decoded } from '../../src/forecast/decoded.ts';
import { evaluateSamples } from '../../src/forecast/evaluation.ts';
import { FittedSeries } from '../../src/forecast/fitted.ts';
import { frameOf, hashOf, isSameFrame } from '../../src/forecast/frame.ts';
import { forecastShape } from '../../src/forecast/shape.ts';

const DAY = 86_400_000;
const day = (k: number): string => new Date(Date.UTC(2024, 0, 1) + k * DAY).toISOString().slice(0, 10);
const csv = (rows: readonly (readonly [string, ...(string | number)[]])[], names = 'y'): string =>
  `date,${names}\n${rows.map((row) => `${row.join(',')}\n`).join('')}`;
const read = (text: string, options: SeriesOptions) => {
  const { values, dates, holes, notes } = readSeries(text, { column: 'y', ...options });
  return { values: [...values], dates, holes: holes && [...holes], notes: notes.slice(1) };
};

describe('gaps', () => {
  const daily = csv([0, 1, 2, 5, 6, 7, 9].map((k) => [day(k), 10 * k]));
  const whole = { dates: Array.from({ length: 10 }, (_, k) => day(k)) };
  const inserted = { code: 'rows-inserted', rows: 3, after: day(2) };

  test('are noted by default, rejected with the date before the first, or inserted and filled', () => {
    expect(read(daily, {})).toMatchObject({
      values: [0, 10, 20, 50, 60, 70, 90],
      holes: undefined,
      notes: [{ code: 'rows-missing', rows: 3, after: day(2) }],
    });
    expect(() => read(daily, { gaps: 'error' })).toThrow(DataError);
    expect(() => read(daily, { gaps: 'error' })).toThrow(
      /3 rows are missing according to the dates in "date", the first after 2024-01-03\. .*--gaps interpolate or previous/,
    );
    expect(read(daily, { gaps: 'interpolate' })).toEqual({
      ...{ ...whole, values: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90], holes: undefined },
      notes: [{ ...inserted, policy: 'interpolate' }],
    });
    expect(read(daily, { gaps: 'previous' })).toMatchObject({
      ...{ ...whole, values: [0, 10, 20, 20, 20, 50, 60, 70, 70, 90], holes: undefined },
    });
    expect(read(daily, { gaps: 'skip' })).toEqual({
      ...{ ...whole, values: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90], holes: [0, 0, 0, 1, 1, 0, 0, 0, 1, 0] },
      notes: [{ ...inserted, policy: 'skip' }],
    });
  });

  test('change nothing if no row is missing', () => {
    const text = csv([0, 1, 2, 3].map((k) => [day(k), k]));
    for (const gaps of ['error', 'interpolate', 'previous', 'skip'] as const)
      expect(readSeries(text, { gaps })).toEqual(readSeries(text));
  });

  test('of trading days are holidays, never weekends', () => {
    const days = Array.from({ length: 40 }, (_, k) => k).filter((k) => k % 7 < 5 && k !== 14); // day 0 is a Monday
    const { dates, holes } = read(csv(days.map((k) => [day(k), k])), { gaps: 'skip' });
    expect(dates).toHaveLength(days.length + 1);
    expect(dates!.filter((_, k) => holes![k])).toEqual([day(14)]);
  });

  test.each<[string, readonly string[], string]>([
    ['months', ['2023-11-30', '2023-12-31', '2024-01-31', '2024-03-31', '2024-04-30'], '2024-02-29'],
    ['months of a form of their own', ['11/2023', '12/2023', '01/2024', '03/2024', '04/2024'], '02/2024'],
    ['quarters', ['2023Q1', '2023Q2', '2023Q4', '2024Q1', '2024Q2'], '2023Q3'],
    ['weeks', ['2024-01-07', '2024-01-14', '2024-01-21', '2024-02-04'], '2024-01-28'],
    ['hours', ['01.03.2024 22:00', '01.03.2024 23:00', '02.03.2024 01:00', '02.03.2024 02:00'], '02.03.2024 00:00'],
    ['hours of a zone', ['2024-03-01T22:00Z', '2024-03-01T23:00Z', '2024-03-02T01:00Z'], '2024-03-02T00:00Z'],
  ])('of %s are at their dates', (_, dates, missing) => {
    const more = dates.length < 4 ? [...dates, '2024-03-02T02:00Z'] : dates;
    const series = read(csv(more.map((date, k) => [date, k])), { gaps: 'skip' });
    expect(series.dates!.filter((_, k) => series.holes![k])).toEqual(
      missing.includes('Z') ? ['2024-03-02T00:00:00Z'] : [missing],
    );
  });

  test('of a newest-first file, and after repeated dates', () => {
    const rows: [string, number][] = [0, 1, 1, 2, 4, 5].map((k, n) => [day(k), n]);
    const expected = { values: [0, 1, 2, 3, 3.5, 4, 5], holes: [0, 0, 0, 0, 1, 0, 0] };
    expect(read(csv(rows), { gaps: 'skip' })).toMatchObject({
      ...expected,
      notes: [
        { ...inserted, rows: 1, policy: 'skip' },
        { code: 'dates-repeated', rows: 1, date: day(1) },
      ],
    });
    const turned = read(csv(rows.toReversed()), { gaps: 'skip' });
    expect(turned.dates).toEqual([0, 1, 1, 2, 3, 4, 5].map(day));
    expect(turned.holes).toEqual(expected.holes);
  });

  test('have a separate policy from rows without a number', () => {
    const text = csv([0, 1, 2, 3, 5, 6].map((k) => [day(k), k === 1 ? '' : 10 * k]));
    expect(() => read(text, { gaps: 'skip' })).toThrow(/row 3, column "y": got ""/);
    expect(read(text, { missing: 'previous', gaps: 'interpolate' })).toMatchObject({
      ...{ values: [0, 0, 20, 30, 40, 50, 60], holes: undefined },
    });
    expect(read(text, { missing: 'interpolate', gaps: 'skip' })).toMatchObject({
      ...{ values: [0, 10, 20, 30, 40, 50, 60], holes: [0, 0, 0, 0, 1, 0, 0] },
    });
    expect(read(text, { missing: 'skip', gaps: 'previous' })).toMatchObject({
      ...{ values: [0, 10, 20, 30, 30, 50, 60], holes: [0, 1, 0, 0, 0, 0, 0] },
    });
    // dropped rows are missing by the dates
    expect(read(text, { missing: 'drop', gaps: 'skip' })).toMatchObject({ holes: [0, 1, 0, 0, 1, 0, 0] });
    expect(read(text, { missing: 'skip' })).toMatchObject({
      values: [0, 10, 20, 30, 50, 60],
      holes: [0, 1, 0, 0, 0, 0],
    });
  });

  test('are not counted among the last rows that are used', () => {
    expect(read(daily, { rows: 3, gaps: 'interpolate' })).toMatchObject({ values: [60, 70, 80, 90] });
    expect(() => read(daily, { rows: 3, gaps: 'error' })).toThrow(/1 row is missing .* after 2024-01-08/);
    expect(read(daily, { rows: 2, missing: 'drop', gaps: 'previous' })).toMatchObject({ values: [70, 70, 90] });
  });

  test('continue through other columns, and into future rows', () => {
    const rows = [0, 1, 2, 4, 5, 7].map((k): [string, ...(string | number)[]] => [
      day(k),
      k < 5 ? k : '',
      k < 5 ? 2 * k : '',
      3 * k,
    ]);
    const frame = readFrame(csv(rows, 'y,a,b'), { column: 'y', past: ['a'], future: ['b'], gaps: 'skip' });
    expect([...frame.values]).toEqual([0, 1, 2, 3, 4]);
    expect([...frame.past.a!]).toEqual([0, 2, 4, 6, 8]);
    expect([...frame.future.b!]).toEqual([0, 3, 6, 9, 12, 15, 18, 21]);
    expect([...frame.holes!]).toEqual([0, 0, 0, 1, 0]);
    expect(frame.dates).toHaveLength(5);
    expect(frame.notes).toContainEqual({ code: 'rows-to-come', rows: 3 });
    const between = rows.map((row, k): typeof row => (k === 3 ? [row[0], '', '', row[3]!] : row));
    const ended = readFrame(csv(between, 'y,a,b'), { column: 'y', past: ['a'], future: ['b'], gaps: 'interpolate' });
    expect([...ended.values]).toEqual([0, 1, 2]);
    expect([...ended.future.b!]).toEqual([0, 3, 6, 9, 12, 15, 18, 21]);
  });

  test('of each series in a long file', () => {
    const rows = ['a', 'b'].flatMap((shop) =>
      [0, 1, 2, 3, 4, 6].map((k): [string, string, number] => [day(k), shop, k]),
    );
    const many = readManySeries(csv(rows.slice(0, -1), 'shop,y'), { id: 'shop', column: 'y', gaps: 'skip' });
    expect(many.get('a')).toMatchObject({ holes: Uint8Array.of(0, 0, 0, 0, 0, 1, 0) });
    expect(many.get('b')).toMatchObject({ holes: undefined });
  });

  test('need dates with a step, and a reasonable number of rows', () => {
    expect(() => read('y\n1\n2\n', { gaps: 'skip' })).toThrow(/gaps: the file has no column of dates/);
    const anytime = csv(
      ['2024-01-01', '2024-01-02', '2024-01-09', '2024-03-02', '2024-07-01'].map((date, k) => [date, k]),
    );
    expect(() => read(anytime, { gaps: 'error' })).toThrow(/gaps: the dates in "date" are irregular/);
    const seconds = csv(
      [0, 1, 2, 3, 3e9].map((k, n) => [new Date(Date.UTC(1990, 0, 1) + 1000 * k).toISOString().slice(0, 19), n]),
    );
    expect(() => read(seconds, { gaps: 'skip' })).toThrow(
      /2999999996 rows are missing .*at most 1000000 can be inserted/,
    );
    expect(() => read('y\n1\n', { gaps: 'drop' as 'skip' })).toThrow(/gaps: got 'drop'|'error', 'interpolate'/);
  });
});

describe("missing: 'previous'", () => {
  test('repeats the previous value, and at the start the first one', () => {
    const text = csv(['', 1, '', '', 4, ''].map((value, k) => [day(k), value]));
    expect(read(text, { missing: 'previous' })).toEqual({
      ...{ values: [1, 1, 1, 1, 4, 4], dates: [0, 1, 2, 3, 4, 5].map(day), holes: undefined },
      notes: [{ code: 'holes-repeated', holes: 4 }],
    });
    expect(read(text, { missing: 'previous', rows: 3 }).values).toEqual([1, 4, 4]);
    expect(read(text, { missing: 'skip' })).toMatchObject({
      ...{ values: [1, 1, 2, 3, 4, 4], holes: [1, 0, 1, 1, 0, 1] },
      notes: [{ code: 'rows-skipped', rows: 4 }],
    });
  });
});

const settings = { split: 0.8, validation: 0, scalerFit: 'train' } as const;
const wave = (k: number): number => 10 + 5 * Math.sin(k / 2) + (k % 3);

describe('a series with gaps', () => {
  test('has exactly the windows of the complete series that touch no removed row', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 58 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom('none' as const, 'difference' as const, 'logReturn' as const),
        fc.constantFrom('series' as const, 'window' as const),
        (removed, windowLength, horizon, transform, scalePer) => {
          const rows = Array.from({ length: 60 }, (_, k) => k);
          const text = csv(rows.filter((k) => !removed.includes(k)).map((k) => [day(k), wave(k)]));
          const { values, holes } = readSeries(text, { gaps: 'skip' });
          expect(values).toHaveLength(60);
          const shape = forecastShape({ windowLength, horizon, transform, scalePer });
          const cut = { ...settings, validation: 0.2 };
          const whole = new FittedSeries(Float64Array.from(rows, wave), shape, cut);
          let holed: FittedSeries;
          try {
            holed = new FittedSeries({ target: values, holes }, shape, cut);
          } catch (error) {
            expect(error).toBeInstanceOf(DataError);
            return;
          }
          const lag = transform === 'none' ? 0 : 1;
          for (const part of ['train', 'validation', 'test', 'all'] as const) {
            const touches = (k: number) =>
              removed.some((row) => row >= whole.startOf(k) - lag && row < whole.startOf(k) + windowLength + horizon);
            expect([...holed.samples(part)]).toEqual([...whole.samples(part)].filter((k) => !touches(k)));
          }
        },
      ),
    );
  });

  const shape = forecastShape({ windowLength: 3 });
  const values = Float64Array.from({ length: 60 }, (_, k) => wave(k));
  const marked = (...rows: number[]) => Uint8Array.from({ length: 60 }, (_, k) => Number(rows.includes(k)));
  const withHoles = (...rows: number[]) => {
    const filled = values.slice();
    for (const row of rows) filled[row] = 1000;
    return { target: filled, holes: marked(...rows) };
  };

  test('is scaled by its real rows, and so are its errors', () => {
    const whole = new FittedSeries(values, shape, settings);
    const holed = new FittedSeries(withHoles(5, 30), shape, settings);
    expect(holed.scalers.target).toEqual(whole.scalers.target);
    const outputs = (series: FittedSeries) => [new Float32Array(series.samples('test').length)];
    const score = (series: FittedSeries) =>
      evaluateSamples(Decoded.ofOutputs(series, series.samples('test'), outputs(series)), { season: 0 }, undefined);
    const [all, some] = [score(whole), score(holed)];
    const steps = Array.from(whole.trainActual, (value, k) => Math.abs(value - whole.trainActual[k - 1]!));
    const real = steps.filter((_, k) => k > 0 && ![5, 6, 30, 31].includes(k));
    expect(some.metrics.mase! * (real.reduce((sum, step) => sum + step, 0) / real.length)).toBeCloseTo(all.metrics.mae);
  });

  test('lists the rows that are scored', () => {
    const series = new FittedSeries(withHoles(53), shape, settings);
    const samples = series.samples('test');
    const decoded = Decoded.ofOutputs(series, samples, [new Float32Array(samples.length)]);
    const evaluation = evaluateSamples(decoded, {}, undefined);
    expect(evaluation.firstRow).toBe(48);
    expect([...evaluation.rows]).toEqual([48, 49, 50, 51, 52, 57, 58, 59]);
    expect([...evaluation.actual]).toEqual(Array.from(evaluation.rows, (row) => values[row]));
  });

  test('has intervals based on the errors known before each row', () => {
    // errors of the samples 2, 3, 6 and 8: the last two known ones count
    const calibration = new Calibration([Float64Array.of(1, 2, 3, 4)], 2, Uint32Array.of(2, 3, 6, 8));
    expect([...calibration.radiiAt(Uint32Array.of(4, 6, 7, 8, 9), 0.5)[0]!]).toEqual([2, 2, 3, 3, 4]);
  });

  test('is a different series for checkpoints, and without gaps the same one', async () => {
    const plain = frameOf(values, shape);
    const none = frameOf({ target: values, holes: new Uint8Array(60) }, shape);
    const one = frameOf({ target: values, holes: marked(3) }, shape);
    const other = frameOf({ target: values, holes: marked(4) }, shape);
    expect(none.holes).toBeUndefined();
    expect(await hashOf(none)).toBe(await hashOf(plain));
    expect(new Set(await Promise.all([plain, one, other].map(hashOf))).size).toBe(3);
    expect(isSameFrame(plain, one)).toBe(false);
    expect(isSameFrame(one, plain)).toBe(false);
    expect(isSameFrame(one, other)).toBe(false);
    expect(isSameFrame(one, frameOf({ target: values, holes: marked(3) }, shape))).toBe(true);
  });

  test('is rejected if a part is left empty, or if the gaps are invalid', () => {
    const every = Array.from({ length: 4 }, (_, k) => 48 + 3 * k);
    expect(() => new FittedSeries(withHoles(...every), shape, settings)).toThrow(
      /each of the 12 windows of the test set contains a missing row.*'interpolate' or 'previous'/,
    );
    expect(() => frameOf({ target: values, holes: [1, 0] }, shape)).toThrow(/holes: got 2 rows, expected 60/);
    expect(() => frameOf({ target: [1, 2], holes: [0, 2] }, shape)).toThrow(/holes: row 2 is 2, expected 0 or 1/);
  });
});
