import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSeries } from '../../src/data/csv.ts';
import { type Frame, type FrameOptions, readFrame, readManySeries } from '../../src/data/frame.ts';
import { noteText } from '../../src/data/notes.ts';
import { ConfigError, DataError } from '../../src/errors.ts';

const example = (name: string) => readFileSync(`node_modules/vega-datasets/data/${name}.csv`, 'utf8');

/** A frame's numbers as plain arrays. */
const plain = ({ values, past, future, dates }: Frame) => {
  const lists = (columns: Record<string, Float64Array>) =>
    Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, [...column]]));
  return { values: [...values], past: lists(past), future: lists(future), dates };
};

const shop = `Day,Sales,Visits,Promo,Price
2020-01-01,10,100,0,1.5
2020-01-02,20,200,1,1.25
2020-01-03,30,300,0,1.5
2020-01-04,40,400,1,1.25
2020-01-05,,,1,1
2020-01-06,,,0,2
`;
const parts = { column: 'Sales', past: ['Visits'], future: ['Promo', 'price'] };

describe('readFrame', () => {
  test('reads columns of the same rows, and the future ones beyond the last row', () => {
    const frame = readFrame(shop, parts);
    expect(plain(frame)).toEqual({
      values: [10, 20, 30, 40],
      past: { Visits: [100, 200, 300, 400] },
      future: { Promo: [0, 1, 0, 1, 1, 0], Price: [1.5, 1.25, 1.5, 1.25, 1, 2] },
      dates: ['2020-01-01', '2020-01-02', '2020-01-03', '2020-01-04'],
    });
    expect(noteText(frame.notes)).toBe(
      'Column "Sales" (index 1), chosen by name; 2 future rows without a target value.',
    );
  });

  test('without other columns is the same as readSeries', () => {
    const text = example('sp500-2000');
    expect(readFrame(text, { rows: 1000 })).toEqual({ ...readSeries(text, { rows: 1000 }), past: {}, future: {} });
  });

  test('has in each column what readSeries reads from it alone', () => {
    const text = example('sp500-2000');
    const { values, past, future } = readFrame(text, { rows: 50, past: ['open', 'volume'], future: ['high'] });
    expect(values).toEqual(readSeries(text, { rows: 50 }).values);
    for (const [name, column] of Object.entries({ ...past, ...future }))
      expect(column, name).toEqual(readSeries(text, { rows: 50, column: name }).values);
    expect([Object.keys(past), Object.keys(future)]).toEqual([['open', 'volume'], ['high']]);
  });

  test('reverses a newest-first file, including the future rows', () => {
    const [header, ...lines] = shop.trim().split('\n');
    expect(plain(readFrame([header, ...lines.reverse()].join('\n'), parts))).toEqual(plain(readFrame(shop, parts)));
  });

  test('takes the last rows of the target, and all future rows', () => {
    const { values, past, future } = plain(readFrame(shop, { ...parts, rows: 2 }));
    expect([values, past.Visits, future.Promo]).toEqual([
      [30, 40],
      [300, 400],
      [0, 1, 1, 0],
    ]);
  });

  test('chooses as target the column that nothing else uses', () => {
    expect(readFrame(shop, { past: ['Visits'], future: ['Price', 'Promo'] }).column).toBe('Sales');
    const { column, notes } = readFrame('Close,a,id\n1,2,3\n3,4,5\n', { past: ['Close'] });
    expect(column).toBe('a');
    expect(noteText(notes)).toContain('the only numeric column to forecast');
    expect(() => readFrame('Close,a,b\n1,2,3\n3,4,5\n', { past: ['Close'] })).toThrow(/1 "a", 2 "b" could each be/);
    expect(readFrame('Day,y,store\n2020-01-01,1,5\n2020-01-02,2,5\n', { id: 'store' }).column).toBe('y');
  });

  test('keeps columns named like properties of objects', () => {
    const { past } = readFrame('__proto__,Close\n1,2\n3,4\n', { past: [0] });
    expect(Object.entries(past)).toEqual([['__proto__', Float64Array.of(1, 3)]]);
  });
});

describe('holes of a frame', () => {
  const holed = `Day,y,a,b
2020-01-01,1,,5
2020-01-02,2,20,6
2020-01-03,,30,
2020-01-04,4,,8
2020-01-05,5,50,9
2020-01-06,,,10
`;
  const asked: FrameOptions = { column: 'y', past: ['a'], future: ['b'] };

  test('are an error that names the first, by time and then by column', () => {
    expect(() => readFrame(holed, asked)).toThrow(/row 2, column "a": got ""/);
    expect(() => readFrame(holed, { ...asked, rows: 3 })).toThrow(/row 4, column "y": got ""/);
    expect(() => readFrame(holed, { ...asked, rows: 2 })).toThrow(/row 5, column "a": got ""/);
    expect(plain(readFrame(holed, { ...asked, rows: 1 }))).toMatchObject({ values: [5], future: { b: [9, 10] } });
  });

  test("leave their row out of every column with 'drop'", () => {
    const frame = readFrame(holed, { ...asked, missing: 'drop' });
    expect(plain(frame)).toEqual({
      values: [2, 5],
      past: { a: [20, 50] },
      future: { b: [6, 9, 10] },
      dates: ['2020-01-02', '2020-01-05'],
    });
    expect(noteText(frame.notes)).toContain('3 rows without a number dropped');
  });

  test("are filled in each column separately with 'interpolate', and the target not into future rows", () => {
    const frame = readFrame(holed, { ...asked, missing: 'interpolate' });
    expect(plain(frame)).toMatchObject({
      values: [1, 2, 3, 4, 5],
      past: { a: [20, 20, 30, 40, 50] },
      future: { b: [5, 6, 7, 8, 9, 10] },
    });
    expect(noteText(frame.notes)).toContain('4 holes filled by interpolation');
  });

  test('at the end are missing values, not future rows, if a future column is also missing there, or there is none', () => {
    const text = 'y,a,b\n1,1,1\n2,2,2\n,3,3\n,4,\n';
    expect(() => readFrame(text, { column: 'y', future: ['a', 'b'] })).toThrow(/row 4, column "y"/);
    expect(() => readFrame(text, { column: 'y', past: ['a'] })).toThrow(/row 4, column "y"/);
    expect(plain(readFrame(text, { column: 'y', future: ['a'] })).future).toEqual({ a: [1, 2, 3, 4] });
  });

  test('in all rows are an error with every policy', () => {
    for (const missing of ['error', 'drop', 'interpolate'] as const) {
      const read = (text: string) => () => readFrame(text, { column: 'y', past: ['a'], future: ['b'], missing });
      expect(read('y,a,b\nx,1,1\nx,2,2\n5,,3\n')).toThrow(DataError);
      expect(read('y,a,b\n1,,1\n2,,2\n,5,3\n')).toThrow(/row 2, column "a": got ""/);
    }
    expect(() => readFrame('y,a\n1,\n,2\n3,\n,4\n', { column: 'y', past: ['a'], missing: 'drop' })).toThrow(
      /no row has a number in each of "y", "a"/,
    );
  });
});

describe('readFrame rejects', () => {
  test.each<[string, FrameOptions, RegExp]>([
    ['as target and past', { column: 'Sales', past: ['sales'] }, /past: "Sales" is already used by column/],
    ['in two ways of the same option', { column: 1, past: ['Visits', 2] }, /past: "Visits" is already used by past/],
    ['as past and future', { column: 1, past: [2], future: [2] }, /future: "Visits" is already used by past/],
    ['as id', { column: 1, future: [3], id: 'Promo' }, /id: "Promo" is already used by future/],
  ])('a column requested twice: %s', (_, options, message) => {
    expect(() => readFrame(shop, options)).toThrow(ConfigError);
    expect(() => readFrame(shop, options)).toThrow(message);
  });

  test.each<[string, FrameOptions, RegExp]>([
    ['that does not exist', { future: ['Rain'] }, /future: got "Rain", but the file has 0 "Day", 1 "Sales"/],
    ['whose name is misspelled', { column: 'Sale' }, /column: got "Sale", .* Did you mean "Sales"\?$/],
    ['of the past that is misspelled', { past: ['sles'] }, /past: got "sles", .* Did you mean "Sales"\?$/],
    ['known ahead that is misspelled', { future: ['promos'] }, /future: got "promos", .* Did you mean "Promo"\?$/],
    ['of dates', { past: ['Day'] }, /past: "Day" holds dates, expected numbers/],
    ['that is not an id', { id: 9 }, /id: got 9, but the file has/],
    ['of several ids', { column: 1, id: 'Price' }, /id: "Price" names 4 series \("1.5", "1.25", ...\).*readManySeries/],
  ])('a column %s', (_, options, message) => {
    expect(() => readFrame(shop, options)).toThrow(DataError);
    expect(() => readFrame(shop, options)).toThrow(message);
  });

  test('options that readSeries rejects', () => {
    expect(() => readFrame(shop, { rows: 0 })).toThrow(/rows: got 0/);
    expect(() => readManySeries(shop, { id: 0, missing: 'guess' as 'drop' })).toThrow(
      /'interpolate', 'previous' or 'skip'/,
    );
  });
});

describe('readManySeries', () => {
  const read = (series: Frame | DataError | undefined): Frame => {
    if (series === undefined || series instanceof DataError) throw series ?? new Error('no such series');
    return series;
  };

  test('reads each stock as readFrame reads it alone, in order of appearance', () => {
    const [header, ...lines] = example('stocks').trim().split('\n');
    const many = readManySeries([header, ...lines].join('\n'), { id: 'symbol', rows: 60 });
    expect([...many.keys()]).toEqual(['MSFT', 'AMZN', 'IBM', 'GOOG', 'AAPL']);
    for (const [symbol, series] of many) {
      const alone = [header, ...lines.filter((line) => line.startsWith(symbol))].join('\n');
      expect(series).toEqual(readFrame(alone, { rows: 60 }));
    }
  });

  const text = `store,day,y
 1,2020-01-03,3
2,2020-01-01,
1 ,2020-01-02,
2,2020-01-02,7
1,2020-01-01,1
3,2020-01-01,
`;

  test('trims ids, handles interleaved rows, and reverses the series that are newest first', () => {
    const many = readManySeries(text, { id: 'store', missing: 'interpolate' });
    expect([...many.keys()]).toEqual(['1', '2', '3']);
    expect([...read(many.get('1')).values]).toEqual([1, 2, 3]);
    expect(read(many.get('1')).dates).toEqual(['2020-01-01', '2020-01-02', '2020-01-03']);
    expect([...read(many.get('2')).values]).toEqual([7, 7]);
    expect(read(many.get('2')).notes).not.toContainEqual({ code: 'turned-around' });
  });

  test('returns the error of a series in its place, with the row of the file, and reads the others', () => {
    const many = readManySeries(text, { id: 0, missing: 'drop' });
    expect([...read(many.get('1')).values]).toEqual([1, 3]);
    expect(many.get('3')).toBeInstanceOf(DataError);
    expect((many.get('3') as DataError).message).toMatch(/row 7, column "y": got ""/);
    expect((readManySeries(text, { id: 0 }).get('2') as DataError).message).toMatch(/row 3, column "y"/);
  });

  test('decides the format of numbers and dates once for the whole file', () => {
    const rows = 'shop;day;y\na;03/02/2020;1.234\na;04/02/2020;2.345\nb;13/02/2020;0,5\nb;14/02/2020;1,5\n';
    expect([...read(readManySeries(rows, { id: 'shop' }).get('a')).values]).toEqual([1234, 2345]);
  });

  test('accepts dates as ids, and uses the other date column as the time', () => {
    const rows = 'start,day,y\n2020-01-01,2020-03-02,2\n2020-01-01,2020-03-01,1\n2020-02-01,2020-03-01,5\n';
    const many = readManySeries(rows, { id: 'start' });
    expect([...many.keys()]).toEqual(['2020-01-01', '2020-02-01']);
    expect(read(many.get('2020-01-01'))).toMatchObject({ values: Float64Array.of(1, 2), dateColumn: 'day' });
  });

  test('rejects the target as id, and an id that does not exist', () => {
    expect(() => readManySeries(text, { id: 'y', column: 'y' })).toThrow(ConfigError);
    expect(() => readManySeries(text, { id: 'shop' })).toThrow(/id: got "shop", but the file has 0 "store"/);
    expect(() => readManySeries(text, { id: 'Stor' })).toThrow(/id: got "Stor", .* Did you mean "store"\?$/);
  });

  const wide = `day,open,close,rain,note,empty
2020-01-03,3,30,0,a,
2020-01-02,,20,1,b,
2020-01-01,1,10,0,c,
2020-01-04,,,1,d,
`;

  test('reads each of several columns as readFrame reads it alone, in the requested order', () => {
    const beside = { future: ['rain'], missing: 'interpolate' } as const;
    const many = readManySeries(wide, { columns: ['close', 1], ...beside });
    expect([...many.keys()]).toEqual(['close', 'open']);
    for (const [column, series] of many)
      expect({ ...read(series), notes: [] }).toEqual({ ...readFrame(wide, { column, ...beside }), notes: [] });
    expect([...read(many.get('open')).values]).toEqual([1, 2, 3]);
    expect([...read(many.get('close')).future.rain!]).toEqual([0, 1, 0, 1]);
    expect(read(many.get('open')).notes[0]).toEqual({ code: 'column', column: 'open', index: 1, foundBy: 'index' });
  });

  test('returns the error of a column in its place, and reads the others', () => {
    const many = readManySeries(wide.trim().replace(/\n.*$/, ''), {
      columns: ['open', 'close', 'note', 'empty', 'day'],
    });
    expect([...read(many.get('close')).values]).toEqual([10, 20, 30]);
    expect(read(many.get('close')).dates).toEqual(['2020-01-01', '2020-01-02', '2020-01-03']);
    const messageOf = (name: string) => (many.get(name) as DataError).message;
    expect(messageOf('open')).toMatch(/row 3, column "open": got ""/);
    expect(messageOf('note')).toMatch(/columns: "note" holds text, expected numbers/);
    expect(messageOf('empty')).toMatch(/columns: "empty" holds text, expected numbers/);
    expect(messageOf('day')).toMatch(/columns: "day" holds dates, expected numbers/);
  });

  test.each<[Parameters<typeof readManySeries>[1], RegExp]>([
    [{}, /^readManySeries: got neither id nor columns/],
    [{ columns: ['open'], id: 'day' }, /^id: got "day" with columns/],
    [{ columns: ['open'], column: 0 }, /^column: got 0 with columns/],
    [{ columns: [] }, /^columns: got \[\], expected a list of column names or indices/],
    [{ columns: 'open' as never }, /^columns: got "open", expected a list/],
    [{ columns: ['open', 'close', 1] }, /^columns: "open" is already used by columns/],
    [{ columns: ['open', 'rain'], past: ['rain'] }, /^past: "rain" is already used by columns/],
    [{ columns: ['open', 'rain'], future: [3] }, /^future: "rain" is already used by columns/],
  ])('rejects %j', (options, message) => {
    expect(() => readManySeries(wide, options)).toThrow(ConfigError);
    expect(() => readManySeries(wide, options)).toThrow(message);
  });

  test('rejects a column that does not exist, for all series', () => {
    expect(() => readManySeries(wide, { columns: ['open', 'high'] })).toThrow(DataError);
    expect(() => readManySeries(wide, { columns: ['open', 'high'] })).toThrow(
      /columns: got "high", but the file has 0 "day"/,
    );
    expect(() => readManySeries(wide, { columns: ['opne', 'rain'] })).toThrow(
      /columns: got "opne", .* Did you mean "open"\?$/,
    );
  });
});
