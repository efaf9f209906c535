import { describe, expect, test } from 'vitest';
import { dateWriter } from '../../src/data/date_text.ts';
import { type Frequency, inferFrequency, irregularities, momentsAfter } from '../../src/data/frequency.ts';

const moments = (...dates: string[]): Float64Array => Float64Array.from(dates, (date) => Date.parse(`${date}Z`));
const isoOf = (values: Iterable<number>): string[] =>
  Array.from(values, (ms) => new Date(ms).toISOString().replace('.000Z', ''));
const days = (first: string, count: number, keep: (weekday: number) => boolean = () => true): Float64Array =>
  Float64Array.from({ length: count }, (_, k) => Date.parse(`${first}T00:00Z`) + k * 86_400_000).filter((ms) =>
    keep(new Date(ms).getUTCDay()),
  );

describe('inferFrequency', () => {
  const cases: [string, Float64Array, Frequency | undefined, string[]][] = [
    ['days', days('2024-02-20', 10), { unit: 'day', count: 1 }, ['2024-03-01T00:00:00', '2024-03-02T00:00:00']],
    [
      'weeks',
      moments('2024-01-07T00:00', '2024-01-14T00:00', '2024-01-21T00:00'),
      { unit: 'day', count: 7 },
      ['2024-01-28T00:00:00'],
    ],
    [
      'trading days',
      days('2024-01-01', 40, (day) => day % 6 !== 0).subarray(0, 20),
      { unit: 'weekday', count: 1, weekdays: [1, 2, 3, 4, 5] },
      [
        '2024-01-29T00:00:00',
        '2024-01-30T00:00:00',
        '2024-01-31T00:00:00',
        '2024-02-01T00:00:00',
        '2024-02-02T00:00:00',
        '2024-02-05T00:00:00',
      ],
    ],
    [
      'trading days from Sunday to Thursday',
      days('2024-01-07', 21, (day) => day < 5),
      { unit: 'weekday', count: 1, weekdays: [0, 1, 2, 3, 4] },
      ['2024-01-28T00:00:00'],
    ],
    [
      'months',
      moments('2023-11-01T00:00', '2023-12-01T00:00', '2024-01-01T00:00'),
      { unit: 'month', count: 1, day: 1 },
      ['2024-02-01T00:00:00', '2024-03-01T00:00:00'],
    ],
    [
      'ends of months',
      moments('2023-11-30T00:00', '2023-12-31T00:00', '2024-01-31T00:00'),
      { unit: 'month', count: 1, day: 'last' },
      ['2024-02-29T00:00:00', '2024-03-31T00:00:00'],
    ],
    [
      'the last weekday of a month',
      moments('2024-01-31T00:00', '2024-02-29T00:00', '2024-03-29T00:00'),
      { unit: 'month', count: 1, day: 'last-weekday' },
      ['2024-04-30T00:00:00', '2024-05-31T00:00:00', '2024-06-28T00:00:00'],
    ],
    [
      'quarters',
      moments('2023-07-01T00:00', '2023-10-01T00:00', '2024-01-01T00:00'),
      { unit: 'month', count: 3, day: 1 },
      ['2024-04-01T00:00:00'],
    ],
    [
      'years',
      moments('2021-01-01T00:00', '2022-01-01T00:00', '2023-01-01T00:00'),
      { unit: 'month', count: 12, day: 1 },
      ['2024-01-01T00:00:00', '2025-01-01T00:00:00'],
    ],
    [
      'hours',
      moments('2024-02-28T22:00', '2024-02-28T23:00', '2024-02-29T00:00'),
      { unit: 'ms', count: 3_600_000 },
      ['2024-02-29T01:00:00'],
    ],
    [
      'a logger’s five minutes',
      moments('2024-01-01T00:00:03', '2024-01-01T00:05:01', '2024-01-01T00:10:02', '2024-01-01T00:15:07'),
      { unit: 'ms', count: 300_000 },
      ['2024-01-01T00:20:07'],
    ],
    [
      'any time',
      moments('2024-01-01T00:00', '2024-01-01T07:31', '2024-01-09T12:00', '2024-03-01T02:10'),
      undefined,
      [],
    ],
    [
      'noons around 1970',
      moments('1969-12-30T12:00', '1969-12-31T12:00', '1970-01-01T12:00'),
      { unit: 'day', count: 1 },
      ['1970-01-02T12:00:00'],
    ],
    ['two rows', moments('2024-01-01T00:00', '2024-01-02T00:00'), undefined, []],
  ];
  test.each(cases)('of %s, and the rows after the last', (_, given, frequency, ahead) => {
    expect(inferFrequency(given)).toEqual(frequency);
    if (frequency) expect(isoOf(momentsAfter(given.at(-1)!, frequency, ahead.length))).toEqual(ahead);
  });

  test('ignores missing and repeated rows, and reports them', () => {
    const rows = days('2024-01-01', 30).filter((_, k) => k !== 4 && k !== 5 && k !== 20);
    const given = Float64Array.from([...rows.subarray(0, 10), rows[9]!, ...rows.subarray(10)]);
    const frequency = inferFrequency(given);
    expect(frequency).toEqual({ unit: 'day', count: 1 });
    expect(irregularities(given, frequency)).toEqual({
      missing: { rows: 3, after: 3 },
      repeated: { rows: 1, first: 10 },
    });
    expect(irregularities(rows.subarray(0, 4), frequency)).toEqual({ missing: undefined, repeated: undefined });
  });

  test('finds a trading day without a row', () => {
    const given = days('2024-01-01', 60, (day) => day % 6 !== 0).filter((_, k) => k !== 14);
    expect(irregularities(given, inferFrequency(given)).missing).toEqual({ rows: 1, after: 13 });
  });
});

test.each([
  ['Jan 1 2000', '2000-01-14'],
  ['14.01.2000', '2000-01-14'],
  ['1/14/2000', '2000-01-14'],
  ['2000-01', '2000-01-01'],
  ['2000Q1', '2000-01-01'],
  ['1999', '1999-01-01'],
  ['14-Jan-00', '2000-01-14'],
  ['2000-01-14 13:05', '2000-01-14T13:05'],
  ['2000-01-14T13:05:09Z', '2000-01-14T13:05:09'],
  ['2020-W53', '2020-12-28'],
  ['2021-W01', '2021-01-04'],
  ['2019-W01', '2018-12-31'],
])('dates are formatted like %s', (cell, date) => {
  const ms = Date.parse(`${date.length === 10 ? `${date}T00:00` : date}Z`);
  const example = cell === 'Jan 1 2000' ? Date.UTC(2000, 0, 1) : ms;
  expect(dateWriter([cell], [example])(example)).toBe(cell);
});

test('dates of an unusual format are written in ISO 8601', () => {
  const ms = Date.UTC(2024, 0, 5);
  expect(dateWriter(['5th of January'], [ms])(ms + 86_400_000)).toBe('2024-01-06');
  expect(dateWriter(['5th of January, noon'], [ms + 43_200_000])(ms)).toBe('2024-01-05T00:00:00Z');
});
