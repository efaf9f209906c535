import { inferFrequency, irregularities } from './frequency.ts';
import type { Note } from './notes.ts';

/**
 * What the dates of a series show: rows missing according to their step, and rows with the date of another.
 * @param moments ascending, [rows]. @param dates the same, in the file's format.
 */
export function regularityNotes(moments: Float64Array, dates: readonly string[]): Note[] {
  const { missing, repeated } = irregularities(moments, inferFrequency(moments));
  return [
    ...(missing ? [{ code: 'rows-missing', rows: missing.rows, after: dates[missing.after]! } as const] : []),
    ...(repeated ? [{ code: 'dates-repeated', rows: repeated.rows, date: dates[repeated.first]! } as const] : []),
  ];
}
