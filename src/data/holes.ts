import { DataError } from '../errors.ts';
import { isIndicator } from './categories.ts';
import type { Column, Table } from './table.ts';

/** The error for a hole: names the cell, by row in the file and column, and the options. */
export function holeError(table: Table, column: Column, row: number): DataError {
  const mark = column.decimal === ',' ? ' with a decimal comma' : '';
  const [{ name }, what] = isIndicator(column) ? [column.of, 'value'] : [column, 'number'];
  const cell = JSON.stringify(column.cells[row]!);
  return new DataError(
    `CSV row ${table.lines[row]}, column ${JSON.stringify(name)}: got ${cell}, expected a ${what}${mark}. ` +
      "Fix the cell, leave such rows out (--missing drop, or missing: 'drop'), " +
      "or fill them (--missing interpolate, or missing: 'interpolate').",
    {
      code: 'csv-hole',
      details: {
        row: table.lines[row]!,
        column: name,
        got: column.cells[row]!,
        decimal: column.decimal === ',' ? ',' : '.',
      },
    },
  );
}

/**
 * [rows]: each NaN replaced from its neighbors; at least one value must not be NaN.
 * @param repeats whether a place repeats the value before it, instead of interpolating to the value after it.
 */
export function fillHoles(values: Float64Array, repeats: (place: number) => boolean): Float64Array {
  const filled = values.slice();
  const known = [...values.keys()].filter((k) => !Number.isNaN(values[k]!));
  let next = 0; // the first known place at or after k
  for (const k of values.keys()) {
    while (next < known.length && known[next]! < k) next++;
    const left = known[next - 1] ?? known[next]!;
    const right = known[next] ?? left;
    const [from, to] = [values[left]!, values[right]!];
    if (right !== k)
      filled[k] = left === right || repeats(k) ? from : from + ((to - from) * (k - left)) / (right - left);
  }
  return filled;
}
