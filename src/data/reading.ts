import { DataError } from '../errors.ts';
import { checkOptions, notAChoice, notWhole, type OptionNames } from '../options.ts';
import { isIndicator } from './categories.ts';
import { numbersOf } from './cells.ts';
import type { Choice } from './columns.ts';
import { GAPS, type GapPolicy, insertGaps, NO_ROW, type TimedRows } from './gaps.ts';
import { fillHoles, holeError } from './holes.ts';
import { DEFAULT_MISSING, MISSING, type MissingPolicy } from './missing.ts';
import type { Note } from './notes.ts';
import { timeOrder } from './order.ts';
import { regularityNotes } from './regularity.ts';
import { sentinelOf } from './sentinels.ts';
import { type Column, CSV_OPTIONS, type CsvOptions, type Table } from './table.ts';
import { areOrdered, type Times } from './times.ts';

/** Which column and rows of a file to read. */
export interface SeriesOptions extends CsvOptions {
  /** Name or index from 0, see `selectColumn`. */
  column?: string | number;
  /**
   * 'error' (default) rejects holes in the rows that are used. 'drop' leaves such rows out. 'interpolate' fills them linearly
   * between their neighbors, and with the nearest value at the ends; it uses the value after a hole, which was not known at the
   * time. 'previous' repeats the previous value, or at the start the first one. 'skip' fills like 'interpolate' and marks the
   * rows in `holes`, which excludes them from all windows of a forecaster.
   */
  missing?: MissingPolicy;
  /**
   * What to do with rows that are missing according to the usual step of the dates. Default: they are noted, and the rows
   * around them count as consecutive. 'error' rejects them; the others insert them, and fill or mark them like `missing`.
   */
  gaps?: GapPolicy;
  /** Use only the last rows, at least 1, not counting dropped or inserted rows. Default: all. */
  rows?: number;
  /** Name of the file: if several columns could be the target, the one named like the file is chosen. */
  fileName?: string;
}

/** One column of a file, oldest row first. */
export interface Series {
  /** [rows], finite. */
  values: Float64Array;
  /** The dates as in the file, those of several columns joined by a space [rows]. Undefined if there are none. */
  dates: string[] | undefined;
  dateColumn: string | undefined;
  /** Ms since 1970 (UTC if the file has no zone) [rows], never falling. Undefined if there are no dates. */
  moments: Float64Array | undefined;
  /** 1 for a row without a value, filled by 'skip' [rows]. Undefined if there is none. */
  holes: Uint8Array | undefined;
  column: string;
  /** From 0. */
  columnIndex: number;
  /** The file has its newest row first and was reversed. */
  newestFirst: boolean;
  /** For the user: which column was chosen and why, and what was dropped, filled or reversed; see `noteText`. */
  notes: readonly Note[];
  /** Every column of the file. */
  columns: { name: string; kind: Column['kind'] }[];
}

/** Columns to read together, by their role in a forecast. */
export interface Asked {
  target: Choice;
  /** Known up to the last row of the target. */
  past: readonly Column[];
  /** Also known in future rows. */
  future: readonly Column[];
  /** The times of the rows. */
  times: Times | undefined;
}

/** The values of the requested columns, aligned by row. */
export interface Reading {
  series: Series;
  past: Record<string, Float64Array>;
  /** Longer than the series by the future rows. */
  future: Record<string, Float64Array>;
  /** Rows of the table, including future ones, or `NO_ROW`. */
  rows: readonly number[];
}

/** The compiler requires every option. */
export const SERIES_OPTIONS: OptionNames<SeriesOptions> = {
  ...CSV_OPTIONS,
  column: true,
  missing: true,
  gaps: true,
  rows: true,
  fileName: true,
};

/** @param where the options are, for messages. @throws ConfigError for an invalid option. */
export function checkSeriesOptions<Options extends SeriesOptions>(
  where: string,
  options: Options,
  known: OptionNames<NoInfer<Options>>,
): void {
  checkOptions(where, options, known);
  const { missing = DEFAULT_MISSING, gaps, rows } = options;
  if (!MISSING.includes(missing)) throw notAChoice('missing', missing, MISSING);
  if (gaps !== undefined && !GAPS.includes(gaps)) throw notAChoice('gaps', gaps, GAPS);
  if (rows !== undefined && (!Number.isInteger(rows) || rows < 1)) throw notWhole('rows', rows, 1);
}

/** A column in time order: [rows], or [rows + future rows] for one known ahead. */
interface Track {
  column: Column;
  values: Float64Array;
}

const isHole = ({ values }: Track, k: number): boolean => Number.isNaN(values[k]!);

/**
 * Reads some rows of a table, which are of one series, in time order. Rows at the end in which the target has no number but
 * every future column has one are future rows.
 * @param rows of the table, from 0, in file order; at least one.
 * @throws DataError for a problem in the file, by row (in the file, from 1, including the header) and column.
 */
export function readRows(table: Table, rows: readonly number[], asked: Asked, options: SeriesOptions): Reading {
  const { target, past, future, times } = asked;
  const { column, foundBy, others } = target;
  const notes: Note[] = [
    { code: 'column', column: column.name, index: column.index, foundBy, ...(others && { others }) },
  ];
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

  const tracks = [...whole, ...longer];
  const used = usedPlaces(table, order, count, tracks, options, notes, dropped);
  const toCome = Array.from({ length: order.length - count }, (_, k) => count + k);
  const places = [...used, ...toCome];
  const { rows: inTime, moments, dates } = timed(order, places, used.length, times, options, notes);
  const numRows = inTime.lastIndexOf(order[used.at(-1)!]!) + 1;
  const filled = fillTracks(tracks, inTime, numRows, { places, ...options });
  if (moments && dates) notes.push(...regularityNotes(moments.slice(0, numRows), dates));
  for (const { column: of, values } of tracks) {
    const sentinel = sentinelOf(values);
    if (sentinel) notes.push({ code: 'sentinel', column: of.name, ...sentinel });
  }
  if (inTime.length > numRows) notes.push({ code: 'rows-to-come', rows: inTime.length - numRows });
  const byName = (from: number, to: number) =>
    Object.fromEntries(tracks.slice(from, to).map((one, k) => [one.column.name, filled.values[from + k]!]));
  return {
    series: {
      values: filled.values[0]!,
      dates: dates?.slice(0, numRows),
      dateColumn: times?.name,
      moments: moments?.slice(0, numRows),
      holes: filled.holes,
      column: column.name,
      columnIndex: column.index,
      newestFirst,
      notes,
      columns: table.columns.map(({ name, kind }) => ({ name, kind })),
    },
    past: byName(1, whole.length),
    future: byName(whole.length, tracks.length),
    rows: inTime,
  };
}

/** The rows to read, with their times; with `gaps` also the missing ones. */
function timed(
  order: readonly number[],
  places: readonly number[],
  count: number,
  times: Times | undefined,
  { gaps }: SeriesOptions,
  notes: Note[],
): Pick<TimedRows, 'rows'> & Partial<TimedRows> {
  const rows = places.map((k) => order[k]!);
  if (gaps !== undefined) return insertGaps(order, rows, count, times, gaps, notes);
  if (!times) return { rows };
  return {
    rows,
    moments: numbersOf(rows, (row) => times.moments[row]!),
    dates: rows.map((row) => times.cells[row]!.trim()),
  };
}

/** The indices among the first `count` that are used. */
function usedPlaces(
  table: Table,
  order: readonly number[],
  count: number,
  tracks: readonly Track[],
  { missing = DEFAULT_MISSING, rows }: SeriesOptions,
  notes: Note[],
  dropped: number,
): number[] {
  const hasHole = (k: number) => tracks.some((track) => isHole(track, k));
  const places = Array.from({ length: count }, (_, k) => k);
  let used = places.slice(-(rows ?? count));
  if (missing === 'error') {
    const place = used.find(hasHole);
    if (place !== undefined)
      throw holeError(table, tracks.find((track) => isHole(track, place))!.column, order[place]!);
  } else if (missing === 'drop') {
    used = places.filter((k) => !hasHole(k)).slice(-(rows ?? count));
    if (used.length === 0) {
      const names = tracks.map(({ column }) => JSON.stringify(column.name)).join(', ');
      throw new DataError(
        `CSV: no row has a number in each of ${names}. Use fewer columns, or fill the missing values.`,
        {
          code: 'csv-no-whole-row',
          details: { columns: tracks.map(({ column }) => column.name) },
        },
      );
    }
    // Rows before the first one used were not requested, with or without holes.
    const span = used.length === rows ? places.slice(used[0]) : places;
    const numHoles = span.filter(hasHole).length + dropped;
    if (numHoles > 0) notes.push({ code: 'rows-dropped', rows: numHoles });
  } else if (missing === 'skip') {
    const numRows = used.filter(hasHole).length;
    if (numRows > 0) notes.push({ code: 'rows-skipped', rows: numRows });
  } else {
    const holes = tracks.reduce((sum, track) => sum + used.filter((k) => isHole(track, k)).length, 0);
    if (holes > 0) notes.push({ code: missing === 'previous' ? 'holes-repeated' : 'holes-filled', holes });
  }
  if (rows !== undefined && used.length < rows) notes.push({ code: 'fewer-rows', asked: rows, rows: used.length });
  return used;
}

/**
 * The values of each track in the rows that are read, without holes, and which rows of the series to skip.
 * @param inTime rows of the table, those at `places` and missing ones. @param numRows the series'.
 */
function fillTracks(
  tracks: readonly Track[],
  inTime: readonly number[],
  numRows: number,
  { places, missing, gaps }: SeriesOptions & { places: readonly number[] },
): { values: Float64Array[]; holes: Uint8Array | undefined } {
  const before = places[0]!; // older rows, from which a hole may be filled
  let next = 0;
  const slots = [
    ...Array.from({ length: before }, (_, k) => k),
    ...inTime.map((row) => (row === NO_ROW ? NO_ROW : places[next++]!)),
  ];
  const repeats = (slot: number) => (slots[slot] === NO_ROW ? gaps : missing) === 'previous';
  const always = () => true; // categories cannot be interpolated
  const values = tracks.map((track) => {
    const own = track.values.length < places.at(-1)! + 1 ? slots.slice(0, before + numRows) : slots;
    const inSlots = numbersOf(own, (k) => (k === NO_ROW ? Number.NaN : track.values[k]!));
    return fillHoles(inSlots, isIndicator(track.column) ? always : repeats).slice(before);
  });
  const isSkipped = (k: number) =>
    k === NO_ROW ? gaps === 'skip' : missing === 'skip' && tracks.some((track) => isHole(track, k));
  const holes = Uint8Array.from(slots.slice(before, before + numRows), (k) => Number(isSkipped(k)));
  return { values, holes: holes.includes(1) ? holes : undefined };
}

/** The number of rows at the end that have only future columns. */
function countToCome(order: readonly number[], target: Column, future: readonly Column[]): number {
  if (future.length === 0) return 0;
  const last = order.findLastIndex(
    (row) => !Number.isNaN(target.values[row]!) || future.some(({ values }) => Number.isNaN(values[row]!)),
  );
  return order.length - 1 - last;
}
