import { describe, expect, test } from 'vitest';
import { readSeries, type SeriesOptions } from '../../src/data/csv.ts';
import { writeSafetensors } from '../../src/io/safetensors.ts';

const days = (count: number, cell: (date: string, k: number) => string) =>
  Array.from({ length: count }, (_, k) => cell(new Date(Date.UTC(2023, 0, 1 + k)).toISOString().slice(0, 10), k));
const file = (lines: readonly string[], header = 'Date,Value') => [header, ...lines].join('\n');
const plain = days(40, (date, k) => `${date},${100 + k}`);
const german = days(60, (date, k) => `${date.split('-').reverse().join('/')},${k}`);
const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe('readSeries rejects with advice', () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    [
      'an invalid date',
      file(plain.with(4, '2023-02-30,5')),
      /row 6, column "Date": got "2023-02-30", expected a date.*--missing drop/,
    ],
    ['an invalid first date', file(plain.with(0, '2023-02-30,5')), /row 2, column "Date": got "2023-02-30"/],
    ['an invalid last date', file(plain.with(-1, '2023-02-30,5')), /row 41, column "Date": got "2023-02-30"/],
    ['seasons', file(['2010/11,1', '2011/12,2', '2012/13,3', '2013/14,4']), /row 4, column "Date": got "2012\/13"/],
    ['a row without a date', file(plain.with(4, ',5')), /row 6, column "Date": got "", expected a date/],
    [
      'a date of another year',
      file(plain.with(9, '2032-01-10,5')),
      /row 11, column "Date": got "2032-01-10", which is out of order/,
    ],
    [
      'the same, newest first',
      file(plain.with(9, '2032-01-10,5').reverse()),
      /row 32, column "Date": got "2032-01-10"/,
    ],
    [
      'days and months exchanged in some rows',
      file(german.map((line) => line.replace(/^(0\d|1[0-2])\/(\d\d)/, '$2/$1'))),
      /row 3, .*got "01\/02\/2023", but some dates of the column have the day first/,
    ],
    [
      'two possible columns',
      file(
        plain.map((line) => `${line},5${line.slice(-2)}`),
        'Date,kWh,Cost',
      ),
      /1 "kWh", 2 "Cost" could each.*--column, or column: "kWh"/,
    ],
    [
      'rows of several series',
      file(
        plain.flatMap((line) => [`${line},a`, `${line},b`]),
        'Date,Value,shop',
      ),
      /"shop" names 2 series \("a", "b", ...\).*readManySeries/,
    ],
    [
      'a value with a mark',
      file(plain.with(3, '2023-01-04,10*')),
      /row 5, column "Value": got "10\*", expected a number/,
    ],
    ['a zip archive', bytes('PK\u0003\u0004\u0014'), /a zip archive or an Excel workbook/],
    ['gzip', bytes('\u001f\u008b\u0008\u0000'), /a gzip archive/],
    ['Parquet', bytes('PAR1\u0015\u0004'), /a Parquet file/],
    ['Arrow', bytes('ARROW1\u0000\u0000'), /an Arrow or Feather file/],
    [
      'a model',
      writeSafetensors(new Map([['w', { shape: [1], data: [1] }]])),
      /got a model \(safetensors\), expected a table as text/,
    ],
    ['JSON without a table', '{"name": "x", "count": 3}', /got JSON without a table.*Expected a list of objects/],
    ['an empty list of JSON', '[]', /got JSON without a table/],
    ['JSON that was cut off', '[{"day": 1, "x": 2}, {"day": ', /got JSON that cannot be parsed.*Is the file complete/],
    ['the name of a file', 'data/sales.csv', /no rows below it\. This looks like a file name; pass the file's text\./],
    ['an old workbook', bytes('\u00d0\u00cf\u0011\u00e0\u00a1'), /an old Excel workbook/],
    ['a page', '\n<!doctype html><title>Sign in</title>', /a web page/],
  ])('%s', (_, input, expected) => expect(() => readSeries(input)).toThrow(expected));

  test("not a row without a date, or with a wrong one, with 'drop': it counts them", () => {
    const { values, notes } = readSeries(
      file(plain.with(4, '2023-02-30,5').with(9, '2032-01-10,5').with(20, '2024-01-21,5')),
      {
        missing: 'drop',
      },
    );
    expect(values.length).toBe(37);
    expect(notes).toContainEqual({ code: 'rows-dropped', rows: 3 });
  });
});

describe('readSeries notes', () => {
  const notes = (text: string, options: SeriesOptions = {}) => readSeries(text, options).notes.slice(1);

  test.each<[string, string, object]>([
    [
      'the mark of a missing value',
      file(plain.with(3, '2023-01-04,-999').with(8, '2023-01-09,-999')),
      { code: 'sentinel', column: 'Value', value: -999, rows: 2 },
    ],
    [
      '1e10 among small numbers',
      file(plain.with(3, '2023-01-04,1e10')),
      { code: 'sentinel', column: 'Value', value: 1e10, rows: 1 },
    ],
    [
      'an order without dates',
      file(
        plain.map((line, k) => line.replace(/^.{10}/, `sol ${900 - k}`)),
        'When,Value',
      ),
      { code: 'no-dates', column: 'When' },
    ],
    [
      'an index that falls',
      file(
        plain.map((_, k) => `${90 - k},${k * k}`),
        'n,Value',
      ),
      { code: 'no-dates', column: 'n' },
    ],
    ['lines that are not rows', file([...plain, 'Total,5000']), { code: 'lines-left-out', lines: [42] }],
    ['rows out of order', file([...plain.slice(20), ...plain.slice(0, 20)]), { code: 'rows-sorted', column: 'Date' }],
    ['rows newest first', file(plain.toReversed()), { code: 'turned-around' }],
    [
      'days that could be months',
      file(german.slice(0, 12)),
      { code: 'ambiguous-date', column: 'Date', cell: '02/01/2023' },
    ],
  ])('%s', (_, text, note) => expect(notes(text)).toEqual([note]));

  test('nothing for a plain file', () => expect(notes(file(plain))).toEqual([]));

  test('no number that missingValues marks as missing', () => {
    const text = file(plain.with(3, '2023-01-04,-999'));
    expect(() => readSeries(text, { missingValues: [-999] })).toThrow(/row 5, column "Value": got "-999"/);
    const { values } = readSeries(text, { missingValues: [-999], missing: 'interpolate' });
    expect(values[3]).toBe(103);
    expect(() => readSeries(text, { missingValues: ['x'] as never })).toThrow(
      /missingValues: expected a list of numbers/,
    );
  });

  test('no line that skip omits', () => {
    expect(notes(`a,b\n1,2\n${file(plain)}`, { skip: 2 })).toEqual([]);
    expect(() => readSeries(file(plain), { skip: -1 })).toThrow(/skip: got -1/);
  });
});
