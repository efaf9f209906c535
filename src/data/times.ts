import { numbersOf } from './cells.ts';
import { varies } from './columns.ts';
import { direction, numDates, presentSample } from './date_columns.ts';
import { DAY_MS, readDate } from './dates.ts';
import { type DatePart, isPart } from './names.ts';
import type { Column, Table } from './table.ts';

/** The times of a table's rows. */
export interface Times {
  /** Name of the first column with dates. */
  name: string;
  /** Ms since 1970 (UTC without a zone), NaN for no date [rows]. */
  moments: Float64Array;
  /** As in the file, those of several columns joined by a space [rows]. */
  cells: readonly string[];
  columns: readonly Column[];
  /** A date that is another one with day and month swapped, if nothing decides which. */
  undecided: string | undefined;
  /** A row whose order of day and month differs from that of others. */
  mixed: number | undefined;
}

/** A time of day in its own cell: 01:35, 1:35 PM, 0000 UTC, 00:00 - 01:00. */
const CLOCK = /^\s*\d{1,2}[:.h]\d\d|^\s*\d{4} ?(?:utc|gmt|z)\s*$/i;

/** The time of day in ms, or NaN. */
const clockMs = (text: string): number => readDate(`1970-01-01 ${text.trim()}`, 'ymd');

/**
 * The dates of a table: in a column, possibly with the time of day and the zone in other columns; or in columns of years,
 * months, days and hours. Dates that could be numbers are the last choice.
 * @param others columns that have another role.
 */
export function timesOf({ columns }: Table, others: readonly Column[] = []): Times | undefined {
  const free = columns.filter((column) => !others.includes(column));
  const dates = free.filter(({ kind }) => kind === 'date');
  const sure = dates.filter(({ isBare }) => !isBare);
  const date = sure.find(varies);
  return (
    (date && withClock(date, free)) ??
    ofParts(free) ??
    (dates.find(varies) ? withClock(dates.find(varies)!, free) : dates[0] && withClock(dates[0], free))
  );
}

/** Adds times of day and zones from other columns, if the dates are whole days. */
function withClock(date: Column, free: readonly Column[]): Times {
  const times = {
    name: date.name,
    moments: date.values,
    cells: date.cells,
    columns: [date],
    undecided: date.undecided,
    mixed: date.mixed,
  };
  const others = free.filter((column) => column !== date);
  const isDays = date.values.every((ms) => Number.isNaN(ms) || ms % DAY_MS === 0);
  const clock = isDays ? (others.find(isClock) ?? others.find(isHours)) : undefined;
  const zone = others.find(
    (column) =>
      /(?:tz|zone|zona)/i.test(column.name) && allAre(column, (cell) => !Number.isNaN(clockMs(`0:00 ${cell}`))),
  );
  for (const [column, read] of [
    [clock, (cell: string) => (clock && isClock(clock) ? clockMs(cell) : hoursMs(cell))],
    [(clock ?? !isDays) ? zone : undefined, (cell: string) => clockMs(`0:00 ${cell}`)],
  ] as const) {
    if (!column) continue;
    times.moments = times.moments.map((ms, row) => ms + read(column.cells[row]!));
    times.cells = times.cells.map((cell, row) => `${cell.trim()} ${column.cells[row]!.trim()}`);
    times.columns.push(column);
  }
  return times;
}

const allAre = ({ cells }: Column, isOne: (cell: string) => boolean): boolean => {
  const present = presentSample(cells);
  return present.length > 0 && present.every(isOne);
};

const isClock = (column: Column): boolean =>
  column.kind === 'text' && allAre(column, (cell) => CLOCK.test(cell) && !Number.isNaN(clockMs(cell)));

/** Hours, or hours and minutes such as 930, by the column's name. */
const isHours = (column: Column): boolean =>
  (isPart(column.name, 'hour') || isPart(column.name, 'time')) &&
  allAre(column, (cell) => !Number.isNaN(hoursMs(cell)));

function hoursMs(cell: string): number {
  const digits = /^\s*(\d{1,4})(?:\.0+)?\s*$/.exec(cell)?.[1] ?? '';
  return clockMs(digits.length > 2 ? `${digits.slice(0, -2)}:${digits.slice(-2)}` : `${digits}:00`);
}

/** From columns named like parts of a date, at least a year and a part of it. */
function ofParts(free: readonly Column[]): Times | undefined {
  const of = (part: DatePart) => free.find((column) => isPart(column.name, part));
  const [year, hour, minute] = [of('year'), of('hour'), of('minute')];
  const within = of('month') ?? of('quarter') ?? of('week') ?? of('dayOfYear');
  if (!year || !within) return undefined;
  const day = within === of('month') ? of('day') : undefined;
  const mark = within === of('quarter') ? 'Q' : within === of('week') ? 'W' : '';
  const columns = [year, within, day, hour, hour && minute].filter((column) => column !== undefined);
  const cell = (column: Column | undefined, row: number) =>
    column ? column.cells[row]!.trim().replace(/\.0+$/, '') : '';
  const cells = year.cells.map((_, row) => columns.map((column) => cell(column, row)).join(' '));
  const moments = numbersOf(cells, (_, row) => {
    const [y, part, d, h] = [year, within, day, hour].map((column) => cell(column, row)) as [
      string,
      string,
      string,
      string,
    ];
    const inYear = within === of('dayOfYear') ? part.padStart(3, '0') : /^\d/.test(part) ? mark + part : part;
    const date = readDate(`${y}-${inYear}${d && `-${d}`}`, 'ymd');
    return date + (h ? hoursMs(h) : 0) + (hour && minute ? Number(cell(minute, row)) * 60_000 : 0);
  });
  if (2 * numDates(moments) < moments.length) return undefined;
  return { name: year.name, moments, cells, columns, undecided: undefined, mixed: undefined };
}

/** Whether cells that are not dates are in order anyway, as dates in an unknown format would be. */
export function areOrdered({ cells, kind, values }: Column): boolean {
  if (kind === 'number') {
    const isCount = values.every((value, k) => k === 0 || value === values[k - 1]! + 1);
    return !isCount && direction(values) !== 0;
  }
  if (!cells.every((cell) => /\d/.test(cell)) || new Set(cells).size < cells.length) return false;
  const compare = (k: number) => Math.sign(cells[k]!.localeCompare(cells[k - 1]!, 'en', { numeric: true }));
  return cells.every((_, k) => k === 0 || compare(k) === compare(1));
}
