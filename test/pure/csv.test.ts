import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCsv, readSeries, selectColumn } from '../../src/data/csv.ts';
import { readFrame } from '../../src/data/frame.ts';
import { noteText } from '../../src/data/notes.ts';
import { ConfigError, DataError } from '../../src/errors.ts';

const example = (name: string) => readFileSync(`node_modules/vega-datasets/data/${name}.csv`, 'utf8');
const sp500 = example('sp500-2000');

/** Values of the only numeric column, or of the named one. */
const numbers = (text: string, column?: string) => [...readSeries(text, { column }).values];
const kinds = (text: string) => parseCsv(text).columns.map(({ name, kind }) => `${name}: ${kind}`);
const message = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return (error as Error).message;
  }
  throw new Error('did not throw');
};

describe('readSeries on real files', () => {
  test('reads the close of the S&P 500', () => {
    const { values, dates, dateColumn, column, columnIndex, notes, columns } = readSeries(sp500);
    expect(values.length).toBe(5105);
    expect([values[0], values.at(-1)]).toEqual([1455.219971, 2874.560059]);
    expect([dates![0], dates!.at(-1)]).toEqual(['2000-01-03', '2020-04-17']);
    expect({ dateColumn, column, columnIndex }).toEqual({ dateColumn: 'date', column: 'close', columnIndex: 4 });
    expect(notes).toEqual([
      { code: 'column', column: 'close', index: 4, foundBy: 'usual-name', others: ['open', 'high', 'low'] },
      { code: 'rows-missing', rows: 190, after: '2000-01-14' }, // holidays; that one was Martin Luther King's
    ]);
    expect(noteText(notes)).toBe(
      'Column "close" (index 4), chosen by its usual name (use the option column to change it, for example to "open", "high" or ' +
        '"low"). 190 rows are missing according to the dates, the first after 2000-01-14. Rows are read as consecutive, which ' +
        "shifts any season. Use gaps: 'interpolate' to fill them.",
    );
    expect(columns.map(({ name }) => name).join()).toBe('date,open,high,low,close,adjclose,volume');
  });

  test('takes the last rows, with their dates', () => {
    const { values, dates } = readSeries(sp500, { rows: 1000 });
    expect(values.length).toBe(1000);
    expect([values[0], dates![0], dates!.length]).toEqual([2075.810059, '2016-04-28', 1000]);
  });

  test('reads newest-first files in time order, and notes it', () => {
    const [header, ...lines] = sp500.trim().split('\n');
    const { values, dates, notes, newestFirst } = readSeries([header, ...lines.reverse()].join('\n'), { rows: 1000 });
    const straight = readSeries(sp500, { rows: 1000 });
    expect(values).toEqual(straight.values);
    expect(dates).toEqual(straight.dates);
    expect(noteText(notes)).toContain('the file has its newest row first and was reversed');
    expect([newestFirst, straight.newestFirst]).toEqual([true, false]);
  });

  test('reads "Jan 1 2000" as dates, and finds the price', () => {
    const { values, column, dates } = readSeries(example('sp500'));
    expect([column, values[0], dates![0]]).toEqual(['price', 1394.46, 'Jan 1 2000']);
  });

  test('sorts rows by date, and notes it', () => {
    const { notes, values, moments } = readSeries('Date,y\n2020-01-03,3\n2020-01-01,1\n2020-01-02,2\n2020-01-02,2.5\n');
    expect(notes).toContainEqual({ code: 'rows-sorted', column: 'Date' });
    expect(noteText(notes)).toContain('the dates in "Date" are not in order, so the rows were sorted by them');
    expect([...values]).toEqual([1, 2, 2.5, 3]);
    expect([...moments!]).toEqual([1, 2, 2, 3].map((day) => Date.UTC(2020, 0, day)));
    expect(readSeries('y\n1\n2\n').moments).toBeUndefined();
  });

  test('does not choose between two columns, and names them', () => {
    expect(message(() => readSeries(example('co2-concentration')))).toBe(
      'column: 1 "CO2", 2 "adjusted CO2" could each be the column to forecast. Choose one by name or index (--column, or column: "CO2").',
    );
    const { values, notes } = readSeries(example('co2-concentration'), { fileName: 'co2.csv' });
    expect(values[0]).toBe(315.7);
    expect(noteText(notes)).toContain(
      'chosen because it is named like the file (use the option column to change it, for example to ',
    );
  });

  test('prefers a column named like the file to a usual name', () => {
    const store = 'month,sales,price\n2020-01,5,9\n2020-02,6,9\n2020-03,8,9\n';
    expect(readSeries(store, { fileName: 'sales.csv' }).column).toBe('sales');
    expect(readSeries(store).column).toBe('price');
    const unnamed = '%,close\n1,5\n3,6\n2,8\n';
    expect(readSeries(unnamed).column).toBe('close');
  });

  test('reads an export of Investing.com in Portuguese: newest first, decimal commas, volumes with M', () => {
    const text =
      '\ufeff"Data","Último","Abertura","Vol.","Var%"\r\n"03.02.2020","1.029,18","30,49","55,47M","0,58%"\r\n' +
      '"31.01.2020","28,45","29,00","1,02B","-2,10%"\r\n"30.01.2020","1.029","30","934,5K","-1,25%"\r\n';
    const series = readSeries(text);
    expect(series.column).toBe('Último');
    expect([...series.values]).toEqual([1029, 28.45, 1029.18]);
    expect(series.dates).toEqual(['30.01.2020', '31.01.2020', '03.02.2020']);
    expect(numbers(text, 'vol.')).toEqual([934500, 1020000000, 55470000]);
    expect(numbers(text, 'VAR%')).toEqual([-1.25, -2.1, 0.58]);
  });
});

describe('parseCsv', () => {
  test.each([
    ['commas', 'Date,Close\n2020-01-01,1.5\n2020-01-02,2\n'],
    ['semicolons and decimal commas', 'Date;Close\n2020-01-01;1,5\n2020-01-02;2,0\n'],
    ['semicolons and decimal points', 'Date;Close\n2020-01-01;1.5\n2020-01-02;2\n'],
    ['tabs', 'Date\tClose\n2020-01-01\t1.5\n2020-01-02\t2\n'],
    ['pipes', 'Date|Close\n2020-01-01|1.5\n2020-01-02|2\n'],
    ['CRLF, quotes and a byte order mark', '\ufeff"Date","Close"\r\n"2020-01-01","1.5"\r\n"2020-01-02","2"\r\n'],
    ['old Macintosh line ends', 'Date,Close\r2020-01-01,1.5\r2020-01-02,2'],
    ['blank lines', '\n\nDate,Close\n\n2020-01-01,1.5\n   \n2020-01-02,2\n\n'],
    ['a line that names the delimiter', 'sep=;\r\nDate;Close\r\n2020-01-01;1,5\r\n2020-01-02;2\r\n'],
    ['empty cells at the end of rows', 'Date,Close\n2020-01-01,1.5,\n2020-01-02,2,,\n'],
    ['dates last', 'Close,Date\n1.5,2020-01-01\n2,2020-01-02\n'],
    ['spaces around cells', 'Date , Close\n2020-01-01 , 1.5 \n2020-01-02 , 2\n'],
  ])('reads %s', (_, text) => {
    const { values, dates } = readSeries(text);
    expect([...values]).toEqual([1.5, 2]);
    expect(dates).toEqual(['2020-01-01', '2020-01-02']);
  });

  test('numbers the columns of a file without a header', () => {
    const table = parseCsv('2020-01-01,1.5\n2020-01-02,2\n');
    expect(table.hasHeader).toBe(false);
    expect(table.columns.map(({ name }) => name)).toEqual(['column 1', 'column 2']);
    expect([...table.lines]).toEqual([1, 2]);
  });

  test('accepts a header of numbers if the option is set', () => {
    expect(kinds('1990,1991\n5,6\n')).toEqual(['column 1: number', 'column 2: number']);
    expect(parseCsv('1990,1991\n5,6\n', { header: true }).columns[1]).toMatchObject({ name: '1991', cells: ['6'] });
  });

  test('distinguishes a header with a number in it from a first row with a missing value', () => {
    expect(parseCsv('Date,Close,MA 20,2\n2020-01-01,1,2,3\n').hasHeader).toBe(true);
    expect(parseCsv('2020-01-01,x,2,3\n2020-01-02,1,2,3\n').hasHeader).toBe(false);
  });

  test('makes names unique, and gives empty ones a name', () => {
    const { columns } = parseCsv(',Close,Close,Close (2)\n0,1,2,3\n');
    expect(columns.map(({ name }) => name)).toEqual(['column 1', 'Close', 'Close (2)', 'Close (2) (2)']);
  });

  test('keeps delimiters, quotes and line breaks inside quotes, and counts their lines', () => {
    const table = parseCsv('Name,Close\n"a, ""b""\nc",1.5\nd,2\n');
    expect(table.columns[0]!.cells).toEqual(['a, "b"\nc', 'd']);
    expect([...table.lines]).toEqual([2, 4]);
  });

  test('reads one column of decimal commas', () => expect(numbers('Close\n1,5\n2,25\n')).toEqual([1.5, 2.25]));

  test('does not treat a price column with a few missing values as text', () => {
    expect(kinds('Close,Name\n1,a\nN/A,2\n-,c\n')).toEqual(['Close: number', 'Name: text']);
  });

  test('returns dates in ms since 1970, and the original cells', () => {
    const [column] = parseCsv('When,Close\n1970-01-02,1\n,2\n').columns;
    expect(column).toMatchObject({ kind: 'date', cells: ['1970-01-02', ''], decimal: undefined });
    expect([...column!.values]).toEqual([86_400_000, Number.NaN]);
  });
});

describe('numbers', () => {
  test.each<[string, string[], number[]]>([
    ['1,234.5 and 1,234 with a decimal point', ['1,234.5', '1,234', '12'], [1234.5, 1234, 12]],
    ['1.234,5 and 1.234 with a decimal comma', ['1.234,5', '1.234', '12'], [1234.5, 1234, 12]],
    ['1.234 next to 1.5 with a decimal point', ['1.234', '1.5', '0.999'], [1.234, 1.5, 0.999]],
    ['1,234 next to 1,5 with a decimal comma', ['1,234', '1,5'], [1.234, 1.5]],
    ['1.234.567 with a decimal comma', ['1.234.567', '1.234'], [1234567, 1234]],
    [
      '1 234,5 with a space, a no-break space and a narrow one',
      ['1 234,5', '1\u00a0234', '1\u202f234,5'],
      [1234.5, 1234, 1234.5],
    ],
    ["1'234.5 (Switzerland)", ["1'234.5", '1’234'], [1234.5, 1234]],
    ['12,34,567.8 (India)', ['12,34,567.8', '1,234'], [1234567.8, 1234]],
    ['1.234 alone with a decimal point', ['1.234', '5.678'], [1.234, 5.678]],
    [
      'currencies before and after',
      ['R$ 1.234,50', '$ 2,5', '€3,00', '-€4,0', 'US$5', '6,5 €', 'EUR 7'],
      [1234.5, 2.5, 3, -4, 5, 6.5, 7],
    ],
    ['percents, as printed', ['1.5%', '-0.25 %', '+3%'], [1.5, -0.25, 3]],
    ['magnitudes', ['931.80M', '1.2B', '5K', '0.5k', '1T'], [931800000, 1.2e9, 5000, 500, 1e12]],
    ['exponents', ['1e5', '1.5E-3', '-2e+2'], [1e5, 0.0015, -200]],
    [
      'signs: minus of typographers, brackets of accountants',
      ['\u22121.5', '(2.5)', '+3', '-.5'],
      [-1.5, -2.5, 3, -0.5],
    ],
  ])('reads %s', (_, cells, expected) => {
    const text = ['Date\tClose', ...cells.map((cell, k) => `2020-01-${10 + k}\t${cell}`)].join('\n');
    expect(numbers(text)).toEqual(expected);
  });

  test.each(['MR$ 0.01', 'M$ 5', 'K$ 5', 'MM$ 5', 'XY€ 1'])('takes %s, of no known currency, for text', (cell) => {
    const { columns } = parseCsv(`Date,Close\n2020-01-01,${cell}\n2020-01-02,${cell}\n`);
    expect(columns.map(({ kind }) => kind)).toEqual(['date', 'text']);
  });

  test('reads a lone 1.234 with a decimal comma between semicolons, and notes that no cell decides', () => {
    const { values, notes } = readSeries('Date;Close\n2020-01-01;1.234\n2020-01-02;5.678\n');
    expect([...values]).toEqual([1234, 5678]);
    expect(notes).toContainEqual({ code: 'ambiguous-decimal', column: 'Close', cell: '1.234', decimal: ',' });
    expect(noteText(notes)).toContain('"1.234" read with a decimal comma, but could be read either way');
  });

  test('lets other columns of the file decide', () => {
    const text = 'Open;Close\n1.5;1.234\n2.5;5.678\n';
    expect(numbers(text, 'close')).toEqual([1.234, 5.678]);
    expect(readSeries(text).notes.map(({ code }) => code)).toEqual(['column']);
  });

  test('uses the given decimal mark', () => {
    const text = 'Close\n1.234\n5.678\n';
    expect([...readSeries(text, { decimal: ',' }).values]).toEqual([1234, 5678]);
    expect(() => readSeries(text, { decimal: ';' as '.' })).toThrow(ConfigError);
  });

  test('reads all cells of a column by the same rule', () => {
    expect(message(() => readSeries('Close;x\n1.234,5;1\n7.25;1\n2,5;1\n'))).toMatch(
      /row 3, column "Close": got "7.25", expected a number with a decimal comma/,
    );
  });

  test.each([
    '1,23,4',
    '12.34.56.78',
    '1.5.2',
    '--5',
    '+-5',
    '$',
    '%',
    '1e5M',
    '12 Jan',
    '5 days',
    '0x10',
    '1_000',
    '(-5)',
    '1,2345,678',
    '9e999',
  ])('does not read %s as a number', (cell) =>
    expect(message(() => readSeries(`Close\tx\n1.5\t1\n2.5\t1\n${cell}\t1\n`, { column: 'Close' }))).toContain('row 4'),
  );
});

describe('dates', () => {
  const falls = (cells: string[]) =>
    readSeries(['Close\tDate', ...cells.map((cell, k) => `${k}\t${cell}`)].join('\n')).notes.some(
      ({ code }) => code === 'turned-around',
    );

  test.each<[string, string[]]>([
    ['ISO', ['2020-02-01', '2020-01-31']],
    ['ISO with time and zone', ['2020-02-01T00:00:00Z', '2020-02-01T00:30:00+01:00', '2020-01-31 23:00:00.5']],
    ['yyyy/mm/dd', ['2020/2/1', '2020/1/31']],
    ['dd.mm.yyyy', ['01.02.2020', '31.01.2020']],
    ['dd/mm/yyyy', ['01/02/2020', '31/01/2020']],
    ['mm/dd/yyyy', ['02/01/2020', '01/31/2020']],
    ['dd/mm/yyyy where only the order decides', ['01/03/2020', '05/02/2020', '04/02/2020', '06/01/2020']],
    ['mm/dd/yy with time', ['02/01/20 1:05 PM', '02/01/20 11:59 AM', '02/01/20 12:30 AM']],
    ['Jan 02, 2000', ['Feb 01, 2000', 'Jan 31, 2000']],
    ['2-Jan-99', ['1-Feb-00', '31-Dec-99']],
    ['weekday and month by name', ['Tue, 1 February 2000', 'Mon, 31 January 2000']],
    ['months', ['2000-02', '2000-01']],
    ['02/2000', ['02/2000', '01/2000']],
    ['Feb 2000', ['Feb 2000', 'Jan 2000']],
    ['quarters', ['2000Q2', '2000-Q1', '1999 q4']],
    ['quarters, year last', ['Q2 2000', 'Q1/2000', 'T4 1999']],
    ['yyyymmdd', ['20000201', '20000131']],
    ['years', ['2001', '2000']],
    ['Unix seconds', ['1580515200', '1580428800']],
    ['Unix milliseconds', ['1580515200000', '1580428800000']],
  ])('reads %s, in any position of the row', (_, cells) => {
    expect(falls(cells)).toBe(true);
    expect(falls(cells.toReversed())).toBe(false);
  });

  test.each([
    ['/', 12, 'ambiguous-date'], // equally likely to be the first days of January
    ['/', 13, undefined],
    ['/', 60, undefined],
    ['.', 3, 'ambiguous-date'],
    ['.', 60, undefined],
  ])('distinguishes months from days, day first with %s, by %i of them', (sign, count, note) => {
    const months = Array.from({ length: count }, (_, k) => new Date(Date.UTC(2015, k, 1)));
    const rows = months.map((date, k) => `${date.toISOString().slice(0, 10).split('-').reverse().join(sign)};${k}`);
    const { moments, notes } = readSeries(['Date;Ventes', ...rows].join('\n'));
    expect(notes.find(({ code }) => code !== 'column')?.code).toBe(note);
    if (!note || sign === '.') expect([...moments!]).toEqual(months.map(Number));
  });

  test.each([
    ['days', ['20200103', '20200102', '20191231']],
    ['Unix seconds', ['1580515200', '1580428800', '1580342400']],
    ['years', ['2022', '2021', '2020']],
  ])('reads bare digits as dates in the first of several columns, with any heading: %s', (_, cells) => {
    const file = (order: string[]) => ['d,x', ...order.map((cell, k) => `${cell},${k}`)].join('\n');
    expect([...readSeries(file(cells)).values]).toEqual([2, 1, 0]);
    expect([...readSeries(file(cells.toReversed())).values]).toEqual([0, 1, 2]);
  });

  test.each([
    ['a second column', 'x,d\n1,2022\n2,2021\n3,2020\n'],
    ['the only column', 'd\n2022\n2021\n2020\n'],
    ['years with gaps', 'd,x\n2022,1\n2019,2\n2018,3\n'],
    ['days that do not exist', 'd,x\n20200103,1\n20200102,2\n20200100,3\n'],
  ])('reads bare digits as numbers: %s', (_, text) => {
    expect(kinds(text)).toContain('d: number');
  });

  test('reads bare digits as numbers if the column is not named like a date', () => {
    expect(kinds('Rank,Close\n2000,1\n2001,2\n')).toEqual(['Rank: number', 'Close: number']);
  });

  test('reads days that do not exist as text', () => {
    expect(kinds('Day,Close\n2020-02-30,1\n2020-13-32,2\n')).toEqual(['Day: text', 'Close: number']);
  });
});

describe('selectColumn', () => {
  const table = parseCsv('Date,close,CLOSE,Adj Close,2,Name\n2020-01-01,1,2,3,4,a\n');
  const chosen = (column?: string | number) => selectColumn(table, column).column.index;

  test('prefers the exact name, then another case, then an index', () => {
    expect(['CLOSE', 'close', 'Close', ' adj close ', '2', '3', 3].map(chosen)).toEqual([2, 1, 1, 3, 4, 3, 3]);
  });

  test.each([
    ['Close', 'Date,Price,Adj Close,Close,Volume'],
    ['Adj Close', 'Date,Price,Adj Close,Open,Volume'],
    ['adjclose', 'Date,Price,adjclose,Open,Volume'],
    ['Adj. Close*', 'Date,Price,Adj. Close*,Open,Volume'],
    ['Price', 'Date,Ultimo,Price,Open,Volume'],
    ['Último', 'Date,Fechamento,Último,Open,Volume'],
    ['Fechamento', 'Date,Fechamento,Abertura,Open,Volume'],
    ['<CLOSE>', 'Date,<OPEN>,<CLOSE>,<VOL>,Value'],
    ['4. close', 'Date,1. open,4. close,y,volume'],
    ['Close/Last', 'Date,Open,Close/Last,High,Volume'],
    ['Value (USD)', 'Date,id,Value (USD),store id,Volume'],
  ])('prefers %s among %s', (name, header) => {
    expect(selectColumn(parseCsv(`${header}\n2020-01-01,1,2,3,4\n`)).column.name).toBe(name);
  });

  test('skips a Close column without numbers', () => {
    expect(selectColumn(parseCsv('Close,Price\n-,1\n-,2\n')).column.name).toBe('Price');
  });

  test.each(['Open', '6', 6, -1, 1.5])('lists the columns if %j does not exist', (column) => {
    expect(message(() => selectColumn(table, column))).toContain(
      `got ${JSON.stringify(column)}, but the file has 0 "Date", 1 "close", 2 "CLOSE", 3 "Adj Close", 4 "2", 5 "Name".`,
    );
  });

  test('rejects a column of dates or text, and lists the numeric ones', () => {
    expect(message(() => selectColumn(table, 'date'))).toMatch(/"Date" holds dates.*with numbers: 1 "close", 2/);
    expect(message(() => selectColumn(table, 5))).toMatch(/"Name" holds text/);
  });
});

describe('holes', () => {
  const text =
    'Date,Close\n2020-01-01,N/A\n2020-01-02,10\n\n2020-01-03,\n2020-01-04,x\n2020-01-05,40\n2020-01-06,null\n';

  test('are an error that gives the row of the file, the cell and a fix', () => {
    expect(message(() => readSeries(text))).toMatch(
      /row 2, column "Close": got "N\/A", expected a number.*--missing drop, or missing: 'drop'/,
    );
    expect(message(() => readSeries(text, { rows: 4 }))).toMatch(/row 5, column "Close": got ""/);
  });

  test.each(['', 'NaN', 'nan', 'null', 'None', 'N/A', '#N/A', '-', '.', 'Infinity', '-inf', 'abc'])(
    'are found: %j',
    (cell) => expect(message(() => readSeries(`Date,Close\n2020-01-01,1\n2020-01-02,${cell}\n`))).toContain('row 3'),
  );

  test('are ignored in rows that are not used', () => {
    const { values } = readSeries('Date,Close\n2020-01-01,x\n2020-01-02,1\n2020-01-03,2\n', { rows: 2 });
    expect([...values]).toEqual([1, 2]);
  });

  test("are dropped with their dates by 'drop'", () => {
    const { values, dates, notes } = readSeries(text, { missing: 'drop' });
    expect([...values]).toEqual([10, 40]);
    expect(dates).toEqual(['2020-01-02', '2020-01-05']);
    expect(notes.at(-1)).toEqual({ code: 'rows-dropped', rows: 4 });
    expect(noteText(notes)).toMatch(/4 rows without a number dropped\.$/);
  });

  test("do not count among the last rows with 'drop'", () => {
    const { values, notes } = readSeries(text, { missing: 'drop', rows: 2 });
    expect([...values]).toEqual([10, 40]);
    expect(noteText(notes)).toContain('3 rows without a number dropped');
  });

  test("are filled by 'interpolate': a line between neighbors, the nearest value at the ends", () => {
    const { values, dates, notes } = readSeries(text, { missing: 'interpolate' });
    expect([...values]).toEqual([10, 10, 20, 30, 40, 40]);
    expect(dates!.length).toBe(6);
    expect(notes.at(-1)).toEqual({ code: 'holes-filled', holes: 4 });
    expect(noteText(notes)).toContain('4 holes filled by interpolation');
  });

  test('are filled in time order in a file that was newest first', () => {
    const { values } = readSeries('Date,Close\n2020-01-04,4\n2020-01-03,\n2020-01-02,2\n', { missing: 'interpolate' });
    expect([...values]).toEqual([2, 3, 4]);
  });
});

describe('readSeries rejects', () => {
  test.each<[string, string, RegExp]>([
    ['an empty file', '', /the file is empty/],
    ['a file of blank lines', '\n \r\n\n', /the file is empty/],
    ['only a header', 'Date,Close\n', /a header but no rows/],
    ['a file without numbers', 'a,b\nc,d\n', /no column holds numbers. Columns: 0 "a", 1 "b"/],
    ['a short row', 'Date,Close\n2020-01-01,1\n2020-01-02\n', /row 3: got 1 cells, expected 2 as in row 1/],
    ['a long row', 'Date,Close\n2020-01-01,1,5\n2020-01-02,2\n', /row 2: got 3 cells, expected 2.*decimal commas/],
    ['a quote that does not end', 'Date,Close\n2020-01-01,"1\n2020-01-02,2\n', /row 2: a quoted cell is not closed/],
    ['an Excel workbook', 'PK\u0003\u0004 rest', /Excel workbook/],
    ['a web page', '<!DOCTYPE html><p>Sign in</p>', /web page/],
  ])('%s', (_, text, expected) => expect(message(() => readSeries(text))).toMatch(expected));

  test('invalid options', () => {
    expect(() => readSeries(sp500, { rows: 0 })).toThrow(ConfigError);
    expect(() => readSeries(sp500, { rows: 1.5 })).toThrow(/rows: got 1.5/);
    expect(() => readSeries(sp500, { missing: 'guess' as 'drop' })).toThrow(/'interpolate', 'previous' or 'skip'/);
    expect(() => readSeries(sp500, { delimiter: '"' })).toThrow(ConfigError);
  });

  test('nothing silently: a note reports fewer rows than requested', () => {
    const { notes } = readSeries('Close\n1\n2\n', { rows: 5 });
    expect(notes.at(-1)).toEqual({ code: 'fewer-rows', asked: 5, rows: 2 });
    expect(noteText(notes)).toContain('the last 5 rows were requested, but there are only 2');
  });
});

// Counting from the start for each would exceed the time limit.
test('gives 20,000 equal columns unique names', () => {
  const row = (cell: string) => Array(20_000).fill(cell).join(',');
  const { columns } = parseCsv([row('x'), ...Array.from({ length: 15 }, (_, k) => row(String(k)))].join('\n'));
  expect(columns.map(({ name }) => name).slice(0, 3)).toEqual(['x', 'x (2)', 'x (3)']);
  expect(columns.at(-1)!.name).toBe('x (20000)');
});

describe('dates of rows', () => {
  const shops = (rows: string[]) => `date,shop,sold\n${rows.join('\n')}\n`;
  const day = (k: number) => `2024-01-${String(k + 1).padStart(2, '0')}`;

  test('with missing or repeated rows are reported', () => {
    const days = [0, 1, 2, 5, 6, 7, 7, 8].map((k, at) => `${day(k)},${at}`);
    const { notes } = readSeries(`date,sold\n${days.join('\n')}\n`);
    expect(notes.slice(1)).toEqual([
      { code: 'rows-missing', rows: 2, after: '2024-01-03' },
      { code: 'dates-repeated', rows: 1, date: '2024-01-08' },
    ]);
  });

  test('that repeat for each word of another column are several series, and rejected with the name of that column', () => {
    const rows = [0, 1, 2, 3].flatMap((k) => ['north', 'south'].map((shop, at) => `${day(k)},${shop},${10 * k + at}`));
    expect(() => readSeries(shops(rows))).toThrow(
      /"shop" names 2 series \("north", "south", \.\.\.\), expected one\. Keep one in the file, or read them all \(--id "shop"/,
    );
    expect(() => readFrame(shops(rows), { past: [] })).toThrow(DataError);
    const one = readSeries(shops(rows.filter((row) => row.includes('north'))));
    expect([...one.values]).toEqual([0, 10, 20, 30]);
    const twice = readSeries(shops(rows.map((row) => row.replace('south', 'north'))));
    expect(twice.notes.at(-1)).toMatchObject({ code: 'dates-repeated', rows: 4 });
  });
});
