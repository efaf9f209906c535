import { DataError } from '../errors.ts';
import { numbersOf } from './cells.ts';
import { countsOf } from './counts.ts';
import { direction } from './date_columns.ts';
import type { Note } from './notes.ts';
import type { Table } from './table.ts';
import type { Times } from './times.ts';

/** Daylight saving time sets clocks back by this much, so smaller steps back are not errors. */
const HOUR_MS = 3_600_000;

/** Rows in time order. */
export interface Order {
  /** Rows of the table, from 0, oldest first. */
  rows: readonly number[];
  newestFirst: boolean;
  /** Number of rows left out because of their date. */
  dropped: number;
}

/**
 * Sorts rows by their moments; rows with the same moment stay in file order.
 * @param isDropping leave out rows whose date is missing or wrong.
 * @throws DataError for such a row otherwise, and for rows of several series.
 */
export function timeOrder(
  table: Table,
  all: readonly number[],
  times: Times | undefined,
  isDropping: boolean,
  notes: Note[],
): Order {
  if (!times) return { rows: all, newestFirst: false, dropped: 0 };
  const { moments, name, mixed } = times;
  const isBad = (row: number) => Number.isNaN(moments[row]!) || row === mixed;
  let bad = all.find(isBad);
  let rows = bad === undefined ? all : all.filter((row) => !isBad(row));
  const findWrong = () => wrongDate(numbersOf(rows, (row) => moments[row]!));
  let wrong = bad === undefined || isDropping ? findWrong() : undefined;
  while (wrong !== undefined) {
    bad ??= rows[wrong]!;
    rows = rows.toSpliced(wrong, 1);
    wrong = isDropping ? findWrong() : undefined;
  }
  if ((bad !== undefined && (!isDropping || mixed !== undefined)) || rows.length === 0)
    throw badDate(table, times, bad ?? all[0]!);
  if (times.undecided !== undefined) notes.push({ code: 'ambiguous-date', column: name, cell: times.undecided });
  const dropped = all.length - rows.length;
  const inFile = numbersOf(rows, (row) => moments[row]!);
  const heading = direction(inFile);
  checkOneSeries(table, heading === 0 ? inFile.slice().sort() : inFile, rows, times);
  const isConstant = inFile.every((ms) => ms === inFile[0]);
  if (heading === 1 || isConstant) return { rows, newestFirst: false, dropped };
  if (heading === -1) {
    notes.push({ code: 'turned-around' });
    return { rows: rows.toReversed(), newestFirst: true, dropped };
  }
  const sorted = rows.toSorted((a, b) => moments[a]! - moments[b]!);
  notes.push({ code: 'rows-sorted', column: name });
  return { rows: sorted, newestFirst: false, dropped };
}

function badDate({ lines }: Table, { name, cells, moments, mixed }: Times, row: number): DataError {
  const got = cells[row]!.trim();
  const what = Number.isNaN(moments[row]!)
    ? 'expected a date'
    : row === mixed
      ? 'but some dates of the column have the day first, and others the month'
      : 'which is out of order with the dates around it';
  return new DataError(
    `CSV row ${lines[row]}, column ${JSON.stringify(name)}: got ${JSON.stringify(got)}, ${what}. ` +
      `Fix ${row === mixed ? 'the dates' : "the cell, or leave such rows out (--missing drop, or missing: 'drop')"}.`,
    { code: 'csv-bad-date', details: { row: lines[row]!, column: name, got } },
  );
}

/**
 * The index of a wrong date in a file that is otherwise in order: there is a gap between its neighbors where it should be, or
 * another row has the same date. Undefined if there is none, or too many to be mistakes.
 */
function wrongDate(moments: Float64Array): number | undefined {
  if (direction(moments) !== 0) return undefined;
  const steps = moments.subarray(1).map((ms, k) => ms - moments[k]!);
  const sign = Math.sign(steps.reduce((sum, step) => sum + Math.sign(step), 0));
  const breaks = [...steps.keys()].filter((k) => steps[k]! * sign < -HOUR_MS);
  if (breaks.length === 0 || breaks.length > 2 + steps.length / 50) return undefined;
  const usual = steps.map(Math.abs).sort()[steps.length >> 1]!;
  const times = countsOf(moments);
  const areUnique = times.size + breaks.length >= moments.length;
  for (const at of breaks)
    for (const place of [at + 1, at]) {
      const [before, after] = [moments[place - 1], moments[place + 1]];
      const gap = before === undefined || after === undefined ? 0 : (after - before) * sign;
      const isAlone = before === undefined || after === undefined || gap >= 0;
      if (isAlone && (gap > 1.5 * usual || (areUnique && times.get(moments[place]!)! > 1))) return place;
    }
  return undefined;
}

/** @throws DataError if most dates are repeated, each with different values in a text column. */
function checkOneSeries({ columns }: Table, inOrder: Float64Array, rows: readonly number[], times: Times): void {
  const repeated = inOrder.reduce((sum, ms, k) => sum + (k > 0 && ms === inOrder[k - 1] ? 1 : 0), 0);
  if (repeated * 2 < rows.length || repeated === 0) return;
  const ids = columns.find((column) => {
    if (column.kind !== 'text' || times.columns.includes(column)) return false;
    const names = new Set(rows.map((row) => column.cells[row]!));
    if (names.size < 2 || 2 * names.size > rows.length) return false;
    return new Set(rows.map((row) => `${times.moments[row]} ${column.cells[row]}`)).size === rows.length;
  });
  if (ids) throw manySeries('readSeries', ids.name, [...new Set(ids.cells)]);
}

/** @param where the function that reads a single series. */
export const manySeries = (where: string, column: string, names: readonly string[]): DataError =>
  new DataError(
    `${where}: ${JSON.stringify(column)} names ${names.length} series (${JSON.stringify(names[0])}, ` +
      `${JSON.stringify(names[1])}, ...), expected one. Keep one in the file, or read them all ` +
      `(--id ${JSON.stringify(column)}, or readManySeries).`,
    { code: 'csv-many-series', details: { column, series: names.length } },
  );
