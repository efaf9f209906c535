import fc from 'fast-check';
import { expect } from 'vitest';
import { parseCsv, readSeries } from '../../../src/data/csv.ts';
import { type FileKind, putIn } from './kind.ts';

/** The table format of a program. */
const style = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  decimal: fc.constantFrom('.', ','),
  group: fc.constantFrom('', ' ', "'", 'other'),
  quotes: fc.boolean(),
  end: fc.constantFrom('\n', '\r\n', '\r'),
  bom: fc.boolean(),
  header: fc.boolean(),
  dates: fc.constantFrom('none', 'rising', 'falling'),
  dateOf: fc.constantFrom('iso', 'dots', 'slashes'),
  blank: fc.boolean(),
  last: fc.boolean(),
  sign: fc.constantFrom('-', '\u2212', '()'),
});
type Style = typeof style extends fc.Arbitrary<infer Value> ? Value : never;

/** Hundredths, so that a value has one text and its two decimals identify the decimal mark. */
const tables = fc.integer({ min: 2, max: 4 }).chain((columns) =>
  fc.array(fc.array(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), { minLength: columns, maxLength: columns }), {
    minLength: 2,
    maxLength: 12,
  }),
);

function numberText(hundredths: number, { decimal, group, sign }: Style): string {
  const [whole, fraction] = (Math.abs(hundredths) / 100).toFixed(2).split('.') as [string, string];
  const mark = group === 'other' ? (decimal === '.' ? ',' : '.') : group;
  const text = `${whole.replace(/\B(?=(\d{3})+$)/g, mark)}${decimal}${fraction}`;
  if (hundredths >= 0) return text;
  return sign === '()' ? `(${text})` : sign + text;
}

/** Days from January 13, 2000, so that day and month cannot be confused. */
function dateText(row: number, numRows: number, { dates, dateOf }: Style): string {
  const day = new Date(Date.UTC(2000, 0, 13 + (dates === 'rising' ? row : numRows - 1 - row)));
  const [y, m, d] = day.toISOString().slice(0, 10).split('-');
  if (dateOf === 'iso') return `${y}-${m}-${d}`;
  return dateOf === 'dots' ? `${d}.${m}.${y}` : `${m}/${d}/${y}`;
}

function render(table: readonly number[][], how: Style): string {
  const { delimiter, quotes, end, bom, header, dates, blank, last } = how;
  const cell = (text: string) => (quotes || text.includes(delimiter) ? `"${text}"` : text);
  const withDate = (first: string, cells: readonly string[]) => (dates === 'none' ? cells : [first, ...cells]);
  const rows = table.map((values, row) =>
    withDate(
      dateText(row, table.length, how),
      values.map((value) => numberText(value, how)),
    ),
  );
  if (header)
    rows.unshift(
      withDate(
        'Date',
        table[0]!.map((_, k) => `name ${k}`),
      ),
    );
  const lines = rows.map((cells) => cells.map(cell).join(delimiter));
  if (blank) lines.splice(1, 0, '');
  return (bom ? '\ufeff' : '') + lines.join(end) + (last ? end : '');
}

type Held = { table: number[][]; how: Style };
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

const files = fc
  .tuple(tables, style)
  .map(([table, how]) => ({ bytes: encode(render(table, how)), held: { table, how } }));

/** Every number that a cell can mean: with either mark, scaled by either sign; computed without the library's expressions. */
function meanings(cell: string): number[] {
  const text = cell.replace(/[\u2212\u2013]/g, '-').replace(/[^\d.,eE+kKMBT()-]/g, '');
  const scale =
    { k: 1e3, K: 1e3, M: 1e6, B: 1e9, T: 1e12 }[/[kKMBT]/.exec(text.replace(/[A-Z]{3}/g, ''))?.[0] ?? ''] ?? 1;
  const body = /[\d.,]+(?:[eE][+-]?\d+)?/.exec(text)?.[0] ?? '';
  const numbers = [body.replaceAll(',', ''), body.replaceAll('.', '').replace(',', '.')].map(
    (one) => Number(one) * scale,
  );
  return numbers.flatMap((one) => [one, -one]);
}

const isNear = (one: number, other: number) => one === other || Math.abs(one - other) <= 1e-12 * Math.abs(other);

export const csv: FileKind<Held> = {
  name: 'a CSV file',
  files,
  reads(bytes, { table, how }) {
    const read = parseCsv(decode(bytes));
    expect(read.hasHeader).toBe(how.header);
    expect(read.numRows).toBe(table.length);
    const first = how.dates === 'none' ? 0 : 1;
    expect(read.columns).toHaveLength(table[0]!.length + first);
    for (const k of table[0]!.keys()) {
      const values = table.map((row) => row[k]! / 100);
      expect([...read.columns[first + k]!.values].map((value) => value + 0)).toEqual(values.map((value) => value + 0));
      const series = readSeries(decode(bytes), { column: first + k });
      expect([...series.values].map((value) => value + 0)).toEqual(how.dates === 'falling' ? values.reverse() : values);
      expect(series.dates?.length).toBe(first ? table.length : undefined);
    }
  },
  edits: putIn([
    ...[
      '"',
      '""',
      '\n',
      '\r',
      ';',
      ',',
      '\t',
      '|',
      '.',
      '-',
      ' ',
      '\0',
      '\ufeff',
      'e',
      'E5',
      '1e400',
      'NaN',
      'inf',
      '%',
    ],
    ...[
      'sep=;\n',
      '<html>',
      'PK\u0003\u0004',
      '"\n"',
      ',,,,',
      '\n\n\n',
      '=1+1',
      '1e-999',
      '(',
      ')',
      'R$ ',
      '12-34',
      '9'.repeat(70),
    ],
    ...['\u2212', "'", '__proto__', '\ud800', 'K', 'M', '31.02.2000', '2000-13-45'],
  ]),
  holds(bytes) {
    const text = decode(bytes);
    const { columns, numRows, lines } = parseCsv(text);
    const source = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
    expect(lines).toHaveLength(numRows);
    expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length);
    for (const { kind, cells, values } of columns) {
      expect(cells).toHaveLength(numRows);
      expect(values).toHaveLength(kind === 'text' ? 0 : numRows);
      for (const [row, cell] of cells.entries()) {
        // a row extends from its line to the next row's
        const own = source.slice(lines[row]! - 1, lines[row + 1] && lines[row + 1]! - 1).join('\n');
        expect(own.replaceAll('"', '')).toContain(cell.replaceAll('"', '')); // quotes within quotes are doubled
        if (kind !== 'number' || Number.isNaN(values[row])) continue;
        expect(
          meanings(cell).some((one) => isNear(one, values[row]!)),
          `${JSON.stringify(cell)} as ${values[row]}`,
        ).toBe(true);
      }
    }
    for (const { index, kind } of columns.filter((column) => column.kind === 'number')) {
      const series = readSeries(text, { column: index, missing: 'drop' });
      expect(series.values.every(Number.isFinite)).toBe(true);
      expect(series.values.length).toBeLessThanOrEqual(numRows);
      const known = [...columns[index]!.values].filter((value) => !Number.isNaN(value));
      const dropped = series.notes.find((note) => note.code === 'rows-dropped')?.rows ?? 0;
      expect(series.values.length + dropped, kind).toBe(numRows);
      for (const value of series.values) expect(known.splice(known.indexOf(value), 1)).toEqual([value]);
      const { moments } = series;
      expect(moments?.every((ms, k) => k === 0 || ms >= moments[k - 1]!) ?? true).toBe(true);
    }
  },
};
