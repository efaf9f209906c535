import { inferFrequency, irregularities } from './frequency.ts';
import type { Note } from './notes.ts';
import type { Times } from './times.ts';

/**
 * What the dates of a series say of its rows: which are missing by their step, and which have the date of another.
 * @param rows of the table, in the order of time.
 */
export function regularityNotes(rows: readonly number[], { moments, cells }: Times): Note[] {
  const own = Float64Array.from(rows, (row) => moments[row]!);
  const dateOf = (k: number) => cells[rows[k]!]!.trim();
  const { missing, repeated } = irregularities(own, inferFrequency(own));
  return [
    ...(missing ? [{ code: 'rows-missing', rows: missing.rows, after: dateOf(missing.after) } as const] : []),
    ...(repeated ? [{ code: 'dates-repeated', rows: repeated.rows, date: dateOf(repeated.first) } as const] : []),
  ];
}
