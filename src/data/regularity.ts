import { DataError } from '../errors.ts';
import { inferFrequency, irregularities } from './frequency.ts';
import type { Note } from './notes.ts';
import type { Column, Table } from './table.ts';
import type { Times } from './times.ts';

/**
 * What the dates of a series say of its rows: which are missing by their step, and which have the date of another.
 * @param rows of the table, in the order of time. @param others columns that have a part already.
 * @throws DataError where a column tells rows of the same date apart: then they are rows of several series.
 */
export function regularityNotes(
  table: Table,
  rows: readonly number[],
  times: Times,
  others: readonly Column[],
): Note[] {
  const moments = Float64Array.from(rows, (row) => times.moments[row]!);
  const dateOf = (k: number) => times.cells[rows[k]!]!.trim();
  const { missing, repeated } = irregularities(moments, inferFrequency(moments));
  if (repeated) refuseMany(table, rows, times, others);
  return [
    ...(missing ? [{ code: 'rows-missing', rows: missing.rows, after: dateOf(missing.after) } as const] : []),
    ...(repeated ? [{ code: 'dates-repeated', rows: repeated.rows, date: dateOf(repeated.first) } as const] : []),
  ];
}

/** @throws DataError naming the column of text that has every date once for each of its words. */
function refuseMany(table: Table, rows: readonly number[], times: Times, others: readonly Column[]): void {
  for (const column of table.columns) {
    if (column.kind !== 'text' || others.includes(column) || times.columns.includes(column)) continue;
    const words = new Map<string, Set<number>>();
    const isApart = rows.every((row) => {
      const word = column.cells[row]!.trim();
      const moments = words.get(word) ?? new Set();
      words.set(word, moments);
      const size = moments.size;
      return moments.add(times.moments[row]!).size > size;
    });
    if (!isApart || words.size < 2 || 2 * words.size > rows.length) continue;
    const [first, second] = words.keys();
    throw new DataError(
      `CSV: dates in ${JSON.stringify(times.name)} come again, once for each of the ${words.size} in ` +
        `${JSON.stringify(column.name)} (${JSON.stringify(first)}, ${JSON.stringify(second)}, ...): these are several series. ` +
        `Leave one in the file, or name the column: readManySeries(text, { id: ${JSON.stringify(column.name)} }), or ` +
        `lstm-webgpu sweep --id ${column.name}.`,
      { code: 'csv-many-series', details: { column: column.name, series: words.size } },
    );
  }
}
