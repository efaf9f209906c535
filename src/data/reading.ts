import { DataError } from '../errors.ts';
import { checkOptions, notAChoice, notWhole, type OptionNames } from '../options.ts';
import type { Choice } from './columns.ts';
import { DEFAULT_MISSING, holeError, interpolate, type MissingPolicy } from './holes.ts';
import type { Note } from './notes.ts';
import { timeOrder } from './order.ts';
import { regularityNotes } from './regularity.ts';
import { sentinelOf } from './sentinels.ts';
import { type Column, CSV_OPTIONS, type CsvOptions, type Table } from './table.ts';
import { areOrdered, type Times } from './times.ts';

/** Which column and which rows of a file are a series. */
export interface SeriesOptions extends CsvOptions {
  /** Name or index from 0, see `selectColumn`. */
  column?: string | number;
  /**
   * 'error' (default) refuses holes in the rows that are used. 'drop' leaves such rows out. 'interpolate' draws a
   * straight line between the neighbours, row by row, and repeats the nearest value at the ends; it looks at the value
   * after a hole, which a forecaster of that day could not know.
   */
  missing?: MissingPolicy;
  /** Use the last rows only, at least 1. Rows that are dropped do not count. Default: all. */
  rows?: number;
  /** Name of the file: where several columns could be forecast, the one named like it is. */
  fileName?: string;
}

/** One column of a file, oldest row first. */
export interface Series {
  /** [rows], finite. */
  values: Float64Array;
  /** The dates as they stand in the file, of several columns with a blank between them [rows]. Undefined where there are none. */
  dates: string[] | undefined;
  dateColumn: string | undefined;
  /** Ms since 1970 (UTC where the file has no zone) [rows], never falling. Undefined where there are no dates. */
  moments: Float64Array | undefined;
  column: string;
  /** From 0. */
  columnIndex: number;
  /** The file has its newest row first, and was turned around. */
  newestFirst: boolean;
  /** For the user: which column was taken and why, and what was dropped, filled or turned around; see `noteText`. */
  notes: readonly Note[];
  /** Every column of the file. */
  columns: { name: string; kind: Column['kind'] }[];
}

/** Columns that are read together, by what a forecaster knows of them. */
export interface Asked {
  target: Choice;
  /** Known up to the last row of the target. */
  past: readonly Column[];
  /** Known also in rows to come. */
  future: readonly Column[];
  /** When the rows are. */
  times: Times | undefined;
}

/** What the asked columns hold, in rows of the same moments. */
export interface Reading {
  series: Series;
  past: Record<string, Float64Array>;
  /** Longer than the series by the rows to come. */
  future: Record<string, Float64Array>;
}

/** The compiler asks for every option. */
export const SERIES_OPTIONS: OptionNames<SeriesOptions> = {
  ...CSV_OPTIONS,
  column: true,
  missing: true,
  rows: true,
  fileName: true,
};

/** @param where the options stand, for messages. @throws ConfigError for an option that it cannot have. */
export function checkSeriesOptions<Options extends SeriesOptions>(
  where: string,
  options: Options,
  known: OptionNames<NoInfer<Options>>,
): void {
  checkOptions(where, options, known);
  const { missing = DEFAULT_MISSING, rows } = options;
  if (missing !== 'error' && missing !== 'drop' && missing !== 'interpolate')
    throw notAChoice('missing', missing, ['error', 'drop', 'interpolate']);
  if (rows !== undefined && (!Number.isInteger(rows) || rows < 1)) throw notWhole('rows', rows, 1);
}

/** A column in time order: [rows], or for one that is known in rows to come [rows + rows to come]. */
interface Track {
  column: Column;
  values: Float64Array;
}

const isHole = ({ values }: Track, k: number): boolean => Number.isNaN(values[k]!);

/**
 * Reads some rows of a table, which hold one series, in time order. Rows at the end in which the target has no number but
 * every column of the future has one are rows to come.
 * @param rows of the table, from 0, in the order of the file; at least one.
 * @throws DataError for what is wrong with the file, by row (as in the file, from 1, header included) and column.
 */
export function readRows(table: Table, rows: readonly number[], asked: Asked, options: SeriesOptions): Reading {
  const { target, past, future, times } = asked;
  const { column, foundBy } = target;
  const notes: Note[] = [{ code: 'column', column: column.name, index: column.index, foundBy }];
  for (const { name, undecided, decimal = '.' } of [column, ...past, ...future])
    if (undecided !== undefined) notes.push({ code: 'ambiguous-decimal', column: name, cell: undecided, decimal });
  if (table.leftOut.length > 0) notes.push({ code: 'lines-left-out', lines: table.leftOut });
  const isDropping = options.missing === 'drop';
  const { rows: order, newestFirst, dropped } = timeOrder(table, rows, times, isDropping, notes);
  const [first] = table.columns;
  if (!times && first && first !== column && areOrdered(first)) notes.push({ code: 'no-dates', column: first.name });
  const count = order.length - countToCome(order, column, future);
  const track = (of: Column, length: number): Track => {
    const values = Float64Array.from({ length }, (_, k) => of.values[order[k]!]!);
    if (values.every(Number.isNaN)) throw holeError(table, of, rows[0]!);
    return { column: of, values };
  };
  const whole = [column, ...past].map((of) => track(of, count));
  const longer = future.map((of) => track(of, order.length));

  const { used, tracks } = settleHoles(table, order, count, [...whole, ...longer], options, notes, dropped);
  const toCome = Array.from({ length: order.length - count }, (_, k) => count + k);
  const take = ({ values }: Track, places: readonly number[]) => Float64Array.from(places, (k) => values[k]!);
  const byName = (some: readonly Track[], places: readonly number[]) =>
    Object.fromEntries(some.map((one) => [one.column.name, take(one, places)]));
  const inTime = used.map((k) => order[k]!);
  if (times) notes.push(...regularityNotes(inTime, times));
  for (const { column: of, values } of tracks) {
    const sentinel = sentinelOf(values);
    if (sentinel) notes.push({ code: 'sentinel', column: of.name, ...sentinel });
  }
  if (toCome.length > 0) notes.push({ code: 'rows-to-come', rows: toCome.length });
  return {
    series: {
      values: take(tracks[0]!, used),
      dates: times && inTime.map((row) => times.cells[row]!.trim()),
      dateColumn: times?.name,
      moments: times && Float64Array.from(inTime, (row) => times.moments[row]!),
      column: column.name,
      columnIndex: column.index,
      newestFirst,
      notes,
      columns: table.columns.map(({ name, kind }) => ({ name, kind })),
    },
    past: byName(tracks.slice(1, whole.length), used),
    future: byName(tracks.slice(whole.length), [...used, ...toCome]),
  };
}

/** The places among the first `count` that are used, and tracks that have no hole there. */
function settleHoles(
  table: Table,
  order: readonly number[],
  count: number,
  tracks: Track[],
  { missing = DEFAULT_MISSING, rows }: SeriesOptions,
  notes: Note[],
  dropped: number,
): { used: number[]; tracks: Track[] } {
  const hasHole = (k: number) => tracks.some((track) => isHole(track, k));
  const places = Array.from({ length: count }, (_, k) => k);
  let used = places.slice(-(rows ?? count));
  let settled = tracks;
  if (missing === 'error') {
    const place = used.find(hasHole);
    if (place !== undefined)
      throw holeError(table, tracks.find((track) => isHole(track, place))!.column, order[place]!);
  } else if (missing === 'drop') {
    used = places.filter((k) => !hasHole(k)).slice(-(rows ?? count));
    if (used.length === 0) {
      const names = tracks.map(({ column }) => JSON.stringify(column.name)).join(', ');
      throw new DataError(`CSV: no row has a number in each of ${names}. Ask for fewer columns, or fill the holes.`, {
        code: 'csv-no-whole-row',
        details: { columns: tracks.map(({ column }) => column.name) },
      });
    }
    // Older rows than the first one used were never asked for, whole or not.
    const span = used.length === rows ? places.slice(used[0]) : places;
    const numHoles = span.filter(hasHole).length + dropped;
    if (numHoles > 0) notes.push({ code: 'rows-dropped', rows: numHoles });
  } else {
    settled = tracks.map(({ column, values }) => ({ column, values: interpolate(values) }));
    const numHoles = tracks.reduce((sum, track) => sum + used.filter((k) => isHole(track, k)).length, 0);
    if (numHoles > 0) notes.push({ code: 'holes-filled', holes: numHoles });
  }
  if (rows !== undefined && used.length < rows) notes.push({ code: 'fewer-rows', asked: rows, rows: used.length });
  return { used, tracks: settled };
}

/** Rows at the end that only the columns of the future know. */
function countToCome(order: readonly number[], target: Column, future: readonly Column[]): number {
  if (future.length === 0) return 0;
  const last = order.findLastIndex(
    (row) => !Number.isNaN(target.values[row]!) || future.some(({ values }) => Number.isNaN(values[row]!)),
  );
  return order.length - 1 - last;
}
