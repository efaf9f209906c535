import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { TUTORIAL } from '../../demo/settings.ts';
import { forecastCode, libraryCode } from '../../demo/take_away/library_code.ts';
import { pandasDates } from '../../demo/take_away/pandas_dates.ts';
import { pytorchCode } from '../../demo/take_away/pytorch_code.ts';
import { readSeries } from '../../src/data/csv.ts';

const source = { fileName: 'a.csv', column: 'Close', rows: undefined, missing: 'error' } as const;

describe('libraryCode', () => {
  test('contains only settings of the tutorial that differ from the defaults', () => {
    const code = libraryCode(TUTORIAL, { ...source, rows: 1000 });
    expect(code).toContain("{ column: 'Close', rows: 1000 }");
    expect(code).toContain('Forecaster.create({ device })');
    expect(code).toContain("forecaster.fit(values, { scalerFit: 'all' });");
    expect(libraryCode({ ...TUTORIAL, scalerFit: 'train' }, source)).toContain('fit(values);');
  });

  test('contains all settings that differ', () => {
    const settings = { ...TUTORIAL, cell: 'GRU', numLayers: 2, ensemble: 3, lr: 0.01, shuffle: true } as const;
    const code = libraryCode(settings, { ...source, missing: 'drop' });
    for (const said of ["cell: 'GRU'", 'numLayers: 2', 'ensemble: 3', 'lr: 0.01', 'shuffle: true', "missing: 'drop'"])
      expect(code).toContain(said);
    expect(code).not.toContain('hiddenSize');
  });
});

test('other columns are read for the library, and a script for PyTorch is not written', () => {
  const side = { ...source, past: ["shop's visits"], future: ['promo', 'weekday'] };
  const code = libraryCode({ ...TUTORIAL, horizon: 3 }, side);
  expect(code).toContain("import { Forecaster, readFrame, requestDevice } from 'lstm-webgpu';");
  expect(code).toContain("  past: ['shop\\'s visits'],\n  future: ['promo', 'weekday'],\n");
  expect(code).toContain('const { values, past, future } = readFrame(text, {');
  expect(code).toContain('  horizon: 3,\n  past: Object.keys(past),\n  future: Object.keys(future),\n');
  expect(code).toContain("forecaster.fit({ target: values, past, future }, { scalerFit: 'all' });");
  const ahead = libraryCode({ ...TUTORIAL, horizon: 3 }, { ...source, future: ['promo'] });
  expect(ahead).toContain('device,\n  past: Object.keys(past),\n  future: Object.keys(future),\n}');
  expect(forecastCode(side, { outliers: 'keep', horizon: 1 })).toContain(
    "const series = { target: values, moments, past, future };\nconst { predicted, low, high, method } = await forecast(series, { device, horizon: 1, outliers: 'keep' });",
  );
  expect(forecastCode(source, { outliers: 'replace', horizon: undefined })).toContain('forecast(series, { device });');
  expect(pytorchCode(TUTORIAL, side)).toMatch(/^# .* is not exported for PyTorch; .*\n$/);
});

test('one of several series is read by its name, in both languages', () => {
  const among = { idColumn: "shop's", id: 'north' };
  const code = libraryCode(TUTORIAL, { ...source, among });
  expect(code).toContain("import { Forecaster, readManySeries, requestDevice } from 'lstm-webgpu';");
  expect(code).toContain("readManySeries(text, { id: 'shop\\'s', column: 'Close' }).get('north');");
  expect(pytorchCode(TUTORIAL, { ...source, among, missing: 'previous' })).toContain(
    'table = table[table["shop\'s"].str.strip() == "north"].reset_index(drop=True)\n',
  );
});

/** Twenty daily rows with two missing, in some date format. */
const read = (dateOf: (day: Date) => string, gaps?: 'interpolate') => {
  const days = Array.from({ length: 20 }, (_, k) => new Date(Date.UTC(2024, 0, 1 + k))).toSpliced(9, 2);
  return readSeries(`Day,Close\n${days.map((day, k) => `"${dateOf(day)}",${(k * k) % 7}`).join('\n')}`, { gaps });
};
const iso = (day: Date) => day.toISOString().slice(0, 10);
const workday = (day: Date) => {
  const k = day.getUTCDate() - 1;
  return iso(new Date(Date.UTC(2024, 0, 7 + 7 * Math.floor(k / 5) + (k % 5))));
};

test('rows that are missing by the dates are filled in both languages, or a comment reports them', () => {
  const dates = pandasDates(read(iso, 'interpolate'));
  const filled = { ...source, gaps: 'interpolate', dates } as const;
  expect(libraryCode(TUTORIAL, filled)).toContain("{ column: 'Close', gaps: 'interpolate' }");
  const python = pytorchCode(TUTORIAL, filled);
  expect(python).toContain('pd.to_datetime(table["Day"].str.strip(), format="%Y-%m-%d")');
  expect(python).toContain('.sort_index().asfreq("1D")');
  expect(pytorchCode(TUTORIAL, { ...filled, gaps: 'previous', missing: 'drop', rows: 9 })).toContain(
    '.sort_index().dropna()[-9:].asfreq("1D")  # with the rows that are missing by the dates\nvalues = values.ffill().bfill()\n',
  );
  for (const otherwise of [
    { dates: undefined },
    { missing: 'previous' },
    { missing: 'interpolate', rows: 9 },
  ] as const) {
    const code = pytorchCode(TUTORIAL, { ...filled, ...otherwise });
    expect(code).toContain('# The page also filled in the rows that are missing by the dates. This script does not');
    expect(code).not.toContain('asfreq');
  }
  expect(pytorchCode(TUTORIAL, { ...source, dates })).not.toMatch(/asfreq|missing by the dates/);
});

test.each<[string, (day: Date) => string, object | undefined]>([
  ['days', (day) => iso(day).split('-').reverse().join('/'), { format: '%d/%m/%Y', step: '1D' }],
  ['names of months', (day) => `Jan ${day.getUTCDate()}, 2024`, { format: '%b %d, %Y', step: '1D' }],
  ['months', (day) => `20${10 + day.getUTCDate()}-03`, { format: '%Y-%m', step: '12MS' }],
  ['times', (day) => `${iso(day)} 10:00`, undefined],
  ['quarters', (day) => `${2000 + day.getUTCDate()}Q1`, undefined],
  ['days from Sunday to Thursday', workday, undefined],
])('pandas reads dates that are %s', (_, dateOf, expected) => {
  expect(pandasDates(read(dateOf, 'interpolate'))).toEqual(expected && { column: 'Day', ...expected });
});

test('pandas finds no step in rows that are missing', () => {
  expect(pandasDates(read(iso))).toBeUndefined();
});

const NAMES = [
  'it"s',
  "it's",
  'back\\slash',
  'two\nlines',
  `\`\${process.exit(1)}\``,
  '"""',
  'preço',
  'a\u2028b',
  '\\',
];

test.each(NAMES)('a name like %j stays a name', (name) => {
  const named = { ...source, fileName: name, column: name };
  const literals = /readFileSync\((.*), 'utf8'\)/.exec(libraryCode(TUTORIAL, named))!;
  expect(runInNewContext(literals[1]!)).toBe(name);
  const python = pytorchCode(TUTORIAL, named);
  expect(JSON.parse(/^FILE = (.*)$/m.exec(python)![1]!)).toBe(name); // Python also reads JSON's escapes
  expect(JSON.parse(/^COLUMN = (.*)$/m.exec(python)![1]!)).toBe(name);
});
