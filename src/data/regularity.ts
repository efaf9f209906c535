import { inferFrequency, irregularities } from './frequency.ts';
import type { Note } from './notes.ts';

/**
 * What the dates of a series say of its rows: which are missing by their step, and which have the date of another.
 * @param moments rising, [rows]. @param dates the same, as the file writes them.
 */
export function regularityNotes(moments: Float64Array, dates: readonly string[]): Note[] {
  const { missing, repeated } = irregularities(moments, inferFrequency(moments));
  return [
    ...(missing ? [{ code: 'rows-missing', rows: missing.rows, after: dates[missing.after]! } as const] : []),
    ...(repeated ? [{ code: 'dates-repeated', rows: repeated.rows, date: dates[repeated.first]! } as const] : []),
  ];
}
