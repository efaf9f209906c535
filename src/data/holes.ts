import { DataError } from '../errors.ts';
import type { Column, Table } from './table.ts';

/** What to do with holes: rows whose cell is missing, or no number. */
export type MissingPolicy = 'error' | 'drop' | 'interpolate';

export const DEFAULT_MISSING: MissingPolicy = 'error';

/** Names the cell, by the row of the file and its column, and the ways out. */
export function holeError(table: Table, column: Column, row: number): DataError {
  const mark = column.decimal === ',' ? ' with a decimal comma' : '';
  const cell = JSON.stringify(column.cells[row]!);
  return new DataError(
    `CSV row ${table.lines[row]}, column ${JSON.stringify(column.name)}: got ${cell}, expected a number${mark}. ` +
      "Mend the cell, leave such rows out (--missing drop, or missing: 'drop'), " +
      "or fill them (--missing interpolate, or missing: 'interpolate').",
    {
      code: 'csv-hole',
      details: {
        row: table.lines[row]!,
        column: column.name,
        got: column.cells[row]!,
        decimal: column.decimal === ',' ? ',' : '.',
      },
    },
  );
}

/** [rows]: each NaN replaced from its neighbours; at least one value is none. */
export function interpolate(values: Float64Array): Float64Array {
  const filled = values.slice();
  const known = [...values.keys()].filter((k) => !Number.isNaN(values[k]!));
  let next = 0; // the first known place at or after k
  for (const k of values.keys()) {
    while (next < known.length && known[next]! < k) next++;
    const left = known[next - 1] ?? known[next]!;
    const right = known[next] ?? left;
    const [from, to] = [values[left]!, values[right]!];
    if (right !== k) filled[k] = left === right ? from : from + ((to - from) * (k - left)) / (right - left);
  }
  return filled;
}
