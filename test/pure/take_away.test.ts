import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { TUTORIAL } from '../../demo/settings.ts';
import { libraryCode } from '../../demo/take_away/library_code.ts';
import { predictionsCsv } from '../../demo/take_away/predictions.ts';
import { pytorchCode } from '../../demo/take_away/pytorch_code.ts';
import { parseCsv } from '../../src/data/csv.ts';

const source = { fileName: 'a.csv', column: 'Close', rows: undefined, missing: 'error' } as const;

describe('predictionsCsv', () => {
  const columns = {
    values: Float64Array.of(1, 2, 3.5, 4),
    firstRow: 2,
    predicted: Float64Array.of(3.25, 1 / 3),
    naive: Float64Array.of(2, 3.5),
    future: Float64Array.of(5),
  };

  test('writes the test rows, then the rows ahead', () => {
    expect(predictionsCsv({ dates: ['a', 'b', '3 "x", y', 'd'], ...columns })).toBe(
      'row,date,actual,predicted,naive\n3,"3 ""x"", y",3.5,3.25,2\n4,d,4,0.3333333333333333,3.5\n5,,,5,\n',
    );
  });

  test('is read again by the reader, without dates, too', () => {
    const table = parseCsv(predictionsCsv({ dates: undefined, ...columns }));
    expect(table.columns.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['row', 'actual', 'predicted', 'naive']),
    );
    expect(table.numRows).toBe(3);
  });
});

describe('libraryCode', () => {
  test('says of the tutorial only what differs from the defaults', () => {
    const code = libraryCode(TUTORIAL, { ...source, rows: 1000 });
    expect(code).toContain("{ column: 'Close', rows: 1000 }");
    expect(code).toContain('Forecaster.create({ device })');
    expect(code).toContain("forecaster.fit(values, { scalerFit: 'all' });");
    expect(libraryCode({ ...TUTORIAL, scalerFit: 'train' }, source)).toContain('fit(values);');
  });

  test('says all that does', () => {
    const settings = { ...TUTORIAL, cell: 'GRU', numLayers: 2, ensemble: 3, lr: 0.01, shuffle: true } as const;
    const code = libraryCode(settings, { ...source, missing: 'drop' });
    for (const said of ["cell: 'GRU'", 'numLayers: 2', 'ensemble: 3', 'lr: 0.01', 'shuffle: true', "missing: 'drop'"])
      expect(code).toContain(said);
    expect(code).not.toContain('hiddenSize');
  });
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
  expect(JSON.parse(/^FILE = (.*)$/m.exec(python)![1]!)).toBe(name); // Python reads JSON's escapes, too
  expect(JSON.parse(/^COLUMN = (.*)$/m.exec(python)![1]!)).toBe(name);
});
