import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test, vi } from 'vitest';
import { Printer } from '../../src/node/command.ts';
import { toCsv } from '../../src/report/csv.ts';

const cellsOf = (csv: string): string[] => Papa.parse<string[]>(csv.trimEnd()).data[1]!;

describe('a CSV file', () => {
  test.each([
    '=HYPERLINK("http://example.com","x")',
    '+1+1',
    '-2+3',
    '@SUM(A1)',
    '\t=1+1',
    '\r=1+1',
    '\n=1+1',
    '＝1+1',
    '-',
  ])('has %j as text, not as a formula', (id) => {
    expect(cellsOf(toCsv(['id'], [[id]]))).toEqual([`'${id}`]);
  });

  test('keeps numbers, and texts that are numbers, unchanged', () => {
    const cells = [-1.5, '-1.5', '+2', '-1e-7', 'a=b', "it's", '2024-01-01', ''];
    expect(cellsOf(toCsv(['a'], [cells]))).toEqual(cells.map(String));
  });

  test('never starts a text cell with a character that spreadsheets evaluate', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        const [cell = ''] = cellsOf(toCsv(['id', 'n'], [[id, 1]]));
        expect(/^[=+\-@\t\r\n]/.test(cell) && !Number.isFinite(Number(cell))).toBe(false);
        expect([id, `'${id}`]).toContain(cell);
      }),
    );
  });
});

describe('a terminal', () => {
  test('receives no control sequences from a name: they are escaped', () => {
    const written: string[] = [];
    const keep = (text: unknown): boolean => written.push(String(text)) > 0;
    const streams = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation(keep),
    );
    const hostile = 'shop\u001b]0;title\u0007\u001b[2J\u009b31m\r\u202egnp\ttab\nline';
    new Printer(false).line(hostile);
    new Printer(false).note(hostile);
    new Printer(true).event('job', { series: hostile });
    for (const stream of streams) stream.mockRestore();
    const shown = 'shop\\u001b]0;title\\u0007\\u001b[2J\\u009b31m\\u000d\\u202egnp\ttab\nline\n';
    expect(written.slice(0, 2)).toEqual([shown, shown]);
    expect(JSON.parse(written[2]!)).toEqual({ type: 'job', series: hostile });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them
    expect(written[2]).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  });
});
