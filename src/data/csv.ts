import { ConfigError, DataError } from '../errors.ts';
import { direction } from './dates.ts';
import { type Column, type CsvOptions, parseCsv, type Table } from './table.ts';

export { type Column, type CsvOptions, parseCsv, type Table };

/** Columns that an error message lists. */
const MAX_LISTED = 30;

/** Names tried when none is asked for, in this order; case, accents, spaces, dots and underscores do not count. */
const DEFAULT_COLUMNS = [['close'], ['adjclose', 'adjustedclose'], ['price'], ['ultimo'], ['fechamento']];

const plainName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[\u0300-\u036f\s._*-]/g, '')
    .toLowerCase();

const listed = (columns: readonly Column[]): string =>
  columns
    .slice(0, MAX_LISTED)
    .map(({ name, index }) => `${index} ${JSON.stringify(name)}`)
    .join(', ') + (columns.length > MAX_LISTED ? `, and ${columns.length - MAX_LISTED} more` : '');

/**
 * Chooses the column to forecast.
 * @param column a name (the exact one first, then without regard to case) or an index from 0; digits that are no name
 *   are an index. Default: the numeric column named Close, Adj Close, Price, Último or Fechamento, in this order, else
 *   the last numeric one.
 * @returns the column, and how it was found, as the end of a sentence.
 * @throws DataError naming the columns there are when it is not there, or holds no numbers.
 */
export function selectColumn(table: Table, column?: string | number): { column: Column; how: string } {
  const numeric = table.columns.filter(({ kind }) => kind === 'number');
  if (numeric.length === 0)
    throw new DataError(`CSV: no column holds numbers. Columns: ${listed(table.columns)}. Is the delimiter right?`);
  if (column === undefined) {
    for (const names of DEFAULT_COLUMNS) {
      const found = numeric.find(({ name }) => names.includes(plainName(name)));
      if (found) return { column: found, how: 'taken by its name, as no column was asked for' };
    }
    const names = 'Close, Adj Close, Price, Último or Fechamento';
    return { column: numeric.at(-1)!, how: `the last one with numbers, as none is named ${names}` };
  }
  const { found, how } = findColumn(table, column);
  if (!found) {
    const got = JSON.stringify(column);
    throw new DataError(
      `column: got ${got}, but the file has ${listed(table.columns)}. Give a name or an index of these.`,
    );
  }
  if (found.kind !== 'number') {
    const what = found.kind === 'date' ? 'dates' : 'text';
    const name = JSON.stringify(found.name);
    throw new DataError(`column: ${name} holds ${what}, expected numbers. Columns with numbers: ${listed(numeric)}.`);
  }
  return { column: found, how };
}

function findColumn({ columns }: Table, column: string | number): { found: Column | undefined; how: string } {
  if (typeof column === 'number') return { found: columns[column], how: 'asked for by index' };
  const wanted = column.trim().replace(/\s+/g, ' '); // as the table writes its names
  const byName =
    columns.find(({ name }) => name === wanted) ??
    columns.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (byName || !/^\d+$/.test(wanted)) return { found: byName, how: 'asked for by name' };
  return { found: columns[Number(wanted)], how: 'asked for by index' };
}

/** What to do with holes: rows whose cell is missing, or no number. */
export type MissingPolicy = 'error' | 'drop' | 'interpolate';

/** Which column of a file is read, and what is done about holes. */
export interface SeriesOptions extends CsvOptions {
  /** Name or index from 0, see {@link selectColumn}. */
  column?: string | number;
  /**
   * 'error' (default) refuses holes in the rows that are used. 'drop' leaves such rows out. 'interpolate' draws a
   * straight line between the neighbours, row by row, and repeats the nearest value at the ends; it looks at the value
   * after a hole, which a forecaster of that day could not know.
   */
  missing?: MissingPolicy;
  /** Use the last rows only, at least 1. Rows that are dropped do not count. Default: all. */
  rows?: number;
}

/** One column of a file, oldest row first. */
export interface Series {
  /** [rows], finite. */
  values: Float64Array;
  /** [rows], the cells of the first column of dates, as they stand in the file. Undefined where there is none. */
  dates: string[] | undefined;
  dateColumn: string | undefined;
  column: string;
  /** From 0. */
  columnIndex: number;
  /** One sentence for the user: which column was taken and why, and what was dropped, filled or turned around. */
  note: string;
  /** Every column of the file. */
  columns: { name: string; kind: Column['kind'] }[];
}

/**
 * Reads one column of CSV text as a series in time order. A file whose dates only fall is turned around.
 * @throws DataError for what is wrong with the file, by row (as in the file, from 1, header included) and column.
 * @throws ConfigError for an option that it cannot have.
 */
export function readSeries(text: string, options: SeriesOptions = {}): Series {
  const { missing = 'error', rows } = options;
  if (missing !== 'error' && missing !== 'drop' && missing !== 'interpolate')
    throw new ConfigError(`missing: got ${JSON.stringify(missing)}, expected 'error', 'drop' or 'interpolate'.`);
  if (rows !== undefined && (!Number.isInteger(rows) || rows < 1))
    throw new ConfigError(`rows: got ${rows}, expected a whole number of at least 1.`);
  const table = parseCsv(text, options);
  const { column, how } = selectColumn(table, options.column);
  if (column.values.every(Number.isNaN)) throw holeError(table, column, 0);
  const dateColumn = table.columns.find(({ kind }) => kind === 'date');
  const remarks = [`column ${JSON.stringify(column.name)} (index ${column.index}), ${how}`];
  if (column.undecided !== undefined) {
    const mark = column.decimal === '.' ? 'point' : 'comma';
    remarks.push(
      `${JSON.stringify(column.undecided)} read with a decimal ${mark}, as no cell decides (option decimal)`,
    );
  }

  const order = timeOrder(table, dateColumn, remarks);
  const last = rows ?? order.length;
  const isHole = (row: number) => Number.isNaN(column.values[row]!);
  let used = order.slice(-last);
  let { values } = column;
  if (missing === 'error') {
    const hole = used.find(isHole);
    if (hole !== undefined) throw holeError(table, column, hole);
  } else if (missing === 'drop') {
    const whole = order.filter((row) => !isHole(row)).slice(-last);
    const span = order.slice(order.indexOf(whole[0]!));
    // Older rows than the first one used were never asked for, whole or not.
    const numHoles = (rows !== undefined && whole.length === rows ? span : order).filter(isHole).length;
    if (numHoles > 0) remarks.push(`${plural(numHoles, 'row')} without a number dropped`);
    used = whole;
  } else {
    values = interpolate(column.values, order);
    const numHoles = used.filter(isHole).length;
    if (numHoles > 0) remarks.push(`${plural(numHoles, 'hole')} filled by interpolation`);
  }
  if (rows !== undefined && used.length < rows)
    remarks.push(`the last ${plural(rows, 'row')} asked for, but there are only ${used.length}`);
  return {
    values: Float64Array.from(used, (row) => values[row]!),
    dates: dateColumn && used.map((row) => dateColumn.cells[row]!.trim()),
    dateColumn: dateColumn?.name,
    column: column.name,
    columnIndex: column.index,
    note: `${remarks.join('; ')}.`.replace(/^c/, 'C'),
    columns: table.columns.map(({ name, kind }) => ({ name, kind })),
  };
}

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** Rows of the table, oldest first. Dates that both rise and fall leave the file's order as it is. */
function timeOrder(table: Table, dateColumn: Column | undefined, remarks: string[]): number[] {
  const order = Array.from({ length: table.numRows }, (_, row) => row);
  if (!dateColumn) return order;
  const moments = dateColumn.values;
  if (direction(moments) === -1) {
    remarks.push('newest row first in the file, turned around');
    return order.reverse();
  }
  const first = moments.find((ms) => !Number.isNaN(ms));
  const constant = moments.every((ms) => Number.isNaN(ms) || ms === first);
  if (direction(moments) === 0 && !constant)
    remarks.push(
      `the dates in ${JSON.stringify(dateColumn.name)} go up and down, so rows stay in the order of the file`,
    );
  return order;
}

function holeError(table: Table, column: Column, row: number): DataError {
  const mark = column.decimal === ',' ? ' with a decimal comma' : '';
  const cell = JSON.stringify(column.cells[row]!);
  return new DataError(
    `CSV row ${table.lines[row]}, column ${JSON.stringify(column.name)}: got ${cell}, expected a number${mark}. ` +
      "Mend the cell, leave such rows out (--missing drop, or missing: 'drop'), " +
      "or fill them (--missing interpolate, or missing: 'interpolate').",
  );
}

/** [rows of the table]: `values` with each NaN replaced from its neighbours in `order`. */
function interpolate(values: Float64Array, order: readonly number[]): Float64Array {
  const filled = values.slice();
  const known = order.flatMap((row, k) => (Number.isNaN(values[row]!) ? [] : [k]));
  let next = 0; // the first known place at or after k
  for (const [k, row] of order.entries()) {
    while (next < known.length && known[next]! < k) next++;
    const left = known[next - 1] ?? known[next]!;
    const right = known[next] ?? left;
    const [from, to] = [values[order[left]!]!, values[order[right]!]!];
    if (right !== k) filled[row] = left === right ? from : from + ((to - from) * (k - left)) / (right - left);
  }
  return filled;
}
