import { DataError } from '../errors.ts';
import { numbersOf } from './cells.ts';
import { dateWriter } from './date_text.ts';
import { inferFrequency, momentsBetween } from './frequency.ts';
import type { Note } from './notes.ts';
import type { Times } from './times.ts';

export const GAPS = ['error', 'interpolate', 'previous', 'skip'] as const;

/** What to do with rows that are missing according to the dates. */
export type GapPolicy = (typeof GAPS)[number];

/** Marks a row that is not in the file. */
export const NO_ROW = -1;

/** A limit, because dates that are wrong by years would exhaust memory. */
const MOST_INSERTED = 1_000_000;

/** Rows in time order, with their moments. */
export interface TimedRows {
  /** Rows of the table, or {@link NO_ROW}. */
  rows: readonly number[];
  moments: Float64Array;
  /** In the file's format. */
  dates: string[];
}

/**
 * Inserts the rows that are missing according to the usual step of the dates.
 * @param all rows of the table, in time order, whose dates have a step.
 * @param rows those of them that are read. @param count those of these that belong to the series; future rows follow.
 * @throws DataError if there are no dates, or they are irregular; with 'error', for missing rows.
 */
export function insertGaps(
  all: readonly number[],
  rows: readonly number[],
  count: number,
  times: Times | undefined,
  policy: GapPolicy,
  notes: Note[],
): TimedRows {
  const moments = (of: readonly number[]) => numbersOf(of, (row) => times?.moments[row] ?? Number.NaN);
  const own = moments(rows);
  const known = own.subarray(0, count);
  const frequency = inferFrequency(known) ?? inferFrequency(moments(all));
  const name = times && JSON.stringify(times.name);
  if (!times || !frequency)
    throw new DataError(
      `gaps: ${times ? `the dates in ${name} are irregular` : 'the file has no column of dates'}, so missing rows cannot be ` +
        'found. Leave gaps out.',
    );
  const dates = rows.map((row) => times.cells[row]!.trim());
  const gaps = Array.from(own, (ms, k) => (k === 0 ? undefined : momentsBetween(own[k - 1]!, ms, frequency)));
  const inserted = gaps.reduce((sum, gap) => sum + (gap ? gap.length : 0), 0);
  if (inserted === 0) return { rows, moments: own, dates };
  const after = dates[gaps.findIndex((gap) => gap && gap.length > 0) - 1]!;
  const what =
    `CSV: ${inserted} ${inserted === 1 ? 'row is' : 'rows are'} missing according to the dates in ${name}, ` +
    `the first after ${after}`;
  if (policy === 'error')
    throw new DataError(
      `${what}. Add them to the file, or fill them (--gaps interpolate or previous, or gaps: 'interpolate').`,
    );
  if (inserted > MOST_INSERTED)
    throw new DataError(`${what}, but at most ${MOST_INSERTED} can be inserted. Fix the dates, or leave gaps out.`);
  notes.push({ code: 'rows-inserted', rows: inserted, after, policy });
  const write = dateWriter(dates.slice(0, count), known);
  const whole = gaps.flatMap((gap, k) => [
    ...Array.from(gap?.moments() ?? [], (ms) => ({ row: NO_ROW, ms, date: write(ms) })),
    { row: rows[k]!, ms: own[k]!, date: dates[k]! },
  ]);
  return {
    rows: whole.map(({ row }) => row),
    moments: Float64Array.from(whole, ({ ms }) => ms),
    dates: whole.map(({ date }) => date),
  };
}
