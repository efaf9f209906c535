import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { TUTORIAL } from '../../demo/settings.ts';
import { libraryCode } from '../../demo/take_away/library_code.ts';
import { pytorchCode } from '../../demo/take_away/pytorch_code.ts';

const source = { fileName: 'a.csv', column: 'Close', rows: undefined, missing: 'error' } as const;

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

test('one series of several is read by its name, in both languages', () => {
  const among = { idColumn: "shop's", id: 'north' };
  const code = libraryCode(TUTORIAL, { ...source, among });
  expect(code).toContain("import { Forecaster, readManySeries, requestDevice } from 'lstm-webgpu';");
  expect(code).toContain("readManySeries(text, { id: 'shop\\'s', column: 'Close' }).get('north');");
  expect(pytorchCode(TUTORIAL, { ...source, among, missing: 'previous' })).toContain(
    'table = table[table["shop\'s"].str.strip() == "north"].reset_index(drop=True)\n',
  );
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
