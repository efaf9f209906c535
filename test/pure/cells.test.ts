import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { cutCells } from '../../src/data/cells.ts';

/** Every text of these letters, `length` long. */
function* textsOf(letters: readonly string[], length: number): Generator<string> {
  if (length === 0) yield '';
  else for (const letter of letters) for (const rest of textsOf(letters, length - 1)) yield letter + rest;
}

test.each([1, 2, 3, 4, 5, 6])('splits every text of %i letters as papaparse does', (length) => {
  const differing: unknown[] = [];
  for (const text of textsOf(['a', '"', ',', '\n', ' '], length)) {
    if (text.endsWith(' ')) continue; // papaparse reports blanks after the last quote as an error
    const { data, errors } = Papa.parse<string[]>(text, { delimiter: ',', newline: '\n' });
    const { rows, brokenRow } = cutCells(text, ',');
    const theirs = JSON.stringify([data, errors[0]?.row]);
    const ours = JSON.stringify([rows, brokenRow]);
    if (theirs !== ours) differing.push({ text, theirs, ours });
  }
  expect(differing.slice(0, 10)).toEqual([]);
});

test('blanks between the last quote and the end of the text are ignored', () => {
  expect(cutCells('a,"b" ', ',')).toEqual({ rows: [['a', 'b']], brokenRow: undefined });
});

test('stops after the requested rows, with delimiters of any length', () => {
  expect(cutCells('a::b\nc::d\ne::f', '::', 2).rows).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});
