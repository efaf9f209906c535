import { ConfigError, DataError } from '../errors.ts';
import { isIndicator, sideColumns, unseenNotes } from './categories.ts';
import { anyColumn, selectColumn } from './columns.ts';
import { manySeries } from './order.ts';
import {
  type Asked,
  checkSeriesOptions,
  readRows,
  SERIES_OPTIONS,
  type Series,
  type SeriesOptions,
} from './reading.ts';
import { type Column, readTable, type Table } from './table.ts';
import type { TableInput } from './text.ts';
import { timesOf } from './times.ts';

/** Which columns of a file are read beside the series. */
export interface FrameOptions extends SeriesOptions {
  /**
   * Columns that are known up to the last row of the target, by name or index; none by default. A column of text becomes
   * columns of 0 and 1, `name=value` for each of at most 50 values, sorted; of two values the later one only. Such a name
   * is a column that may be asked for, too.
   */
  past?: readonly (string | number)[];
  /** Columns that are known also in rows to come, such as holidays or prices that were set, as in `past`; none by default. */
  future?: readonly (string | number)[];
  /** A column of any kind that names the series a row belongs to; a frame has one. */
  id?: string | number;
}

/** A series with other columns of its file, in the same rows. */
export interface Frame extends Series {
  /** By the name of the column, [rows], finite. */
  past: Record<string, Float64Array>;
  /** By the name of the column, [rows + rows to come], finite. */
  future: Record<string, Float64Array>;
}

/**
 * Reads several columns of CSV text, in the rows and the order of {@link Series}. Rows at the end of the time in which the
 * target has no number but every future column has one are rows to come: only the future columns go on into them. A row
 * has a hole where any of the columns has one, and `missing` says for all of them what becomes of it; what fills holes does
 * so in each column by itself.
 * @throws DataError for what is wrong with the file, by row (as in the file, from 1, header included) and column.
 * @throws ConfigError for an option that it cannot have, and for a column that is asked for twice.
 */
export function readFrame(input: TableInput, options: FrameOptions): Frame {
  const { table, asked, id } = askedColumns('readFrame', input, options);
  const names = id ? [...rowsById(id).keys()] : [];
  if (names.length > 1) throw manySeries('id', id!.name, names);
  const rows = Array.from({ length: table.numRows }, (_, row) => row);
  return frameIn(table, rows, asked, options);
}

/**
 * Reads a long CSV, which holds several series under one another, as {@link Frame}s by the names in its id column (spaces
 * around them do not count), in the order in which they first appear. How numbers and dates are written is decided once
 * for the file; what {@link readFrame} does with rows is done to those of each series alone.
 * @returns for a series that cannot be read its DataError, and the others all the same.
 * @throws DataError for what is wrong with the whole file, ConfigError for an option that it cannot have.
 */
export function readManySeries(
  input: TableInput,
  options: FrameOptions & { id: string | number },
): Map<string, Frame | DataError> {
  const { table, asked, id } = askedColumns('readManySeries', input, options);
  const readOne = (rows: readonly number[]): Frame | DataError => {
    try {
      return frameIn(table, rows, asked, options);
    } catch (error) {
      if (error instanceof DataError) return error;
      throw error;
    }
  };
  return new Map(Array.from(rowsById(id!), ([name, rows]) => [name, readOne(rows)]));
}

/** A table, and what of it is asked for. @throws ConfigError, DataError as {@link readFrame}. */
function askedColumns(
  where: string,
  input: TableInput,
  options: FrameOptions,
): { table: Table; asked: Asked; id: Column | undefined } {
  checkSeriesOptions(where, options, { ...SERIES_OPTIONS, past: true, future: true, id: true });
  const table = readTable(input, options);
  const past = sideColumns(table, options.past, 'past');
  const future = sideColumns(table, options.future, 'future');
  const id = options.id === undefined ? undefined : anyColumn(table, options.id, 'id').column;
  const times = timesOf(table, id && [id]);
  const taken = [...past, ...future, ...(id ? [id] : []), ...(times?.columns ?? [])];
  const target = selectColumn(table, options.column, { taken, fileName: options.fileName });
  checkOnce({ column: [target.column], past, future, id: id ? [id] : [] });
  return { table, asked: { target, past, future, times }, id };
}

function frameIn(table: Table, rows: readonly number[], asked: Asked, options: FrameOptions): Frame {
  const { series, rows: inTime, ...others } = readRows(table, rows, asked, options);
  const unseen = unseenNotes([...asked.past, ...asked.future], inTime);
  return { ...series, ...others, notes: [...series.notes, ...unseen] };
}

/** Rows of the table for each id, in the order of the file. */
function rowsById({ cells }: Column): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [row, cell] of cells.entries()) {
    const name = cell.trim();
    const rows = groups.get(name);
    if (rows) rows.push(row);
    else groups.set(name, [row]);
  }
  return groups;
}

/** @throws ConfigError for a column that two options ask for, or one twice. */
function checkOnce(asked: Readonly<Record<string, readonly Column[]>>): void {
  const askedBy = new Map<Column | string, string>();
  for (const [option, columns] of Object.entries(asked))
    for (const column of columns) {
      const key = isIndicator(column) ? column.name : column;
      const before = askedBy.get(key);
      if (before !== undefined)
        throw new ConfigError(
          `${option}: ${JSON.stringify(column.name)} is asked for already, by ${before}. A column has one part to play: ` +
            'leave it out of one of the two.',
        );
      askedBy.set(key, option);
    }
}
