import { ConfigError, DataError } from '../errors.ts';
import type { OptionNames } from '../options.ts';
import { shown } from '../shown.ts';
import { isIndicator, sideColumns, unseenNotes } from './categories.ts';
import { anyColumn, numberColumn, selectColumn } from './columns.ts';
import { manySeries } from './order.ts';
import {
  type Asked,
  checkSeriesOptions,
  readRows,
  SERIES_OPTIONS,
  type Series,
  type SeriesOptions,
} from './reading.ts';
import { allRows, type Column, readTable, type Table } from './table.ts';
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

/** The compiler asks for every option. */
const FRAME_OPTIONS: OptionNames<FrameOptions> = { ...SERIES_OPTIONS, past: true, future: true, id: true };

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
  checkSeriesOptions('readFrame', options, FRAME_OPTIONS);
  const table = readTable(input, options);
  const { asked, id } = askedColumns(table, options);
  const names = id ? [...rowsById(id).keys()] : [];
  if (names.length > 1) throw manySeries('id', id!.name, names);
  return frameIn(table, allRows(table), asked, options);
}

/**
 * Reads the series of a CSV as {@link Frame}s by their names: those under one another in a long file by the names in its id
 * column (spaces around them do not count), in the order in which they first appear; or those side by side in a wide one by
 * the names of their columns, in the order of `columns`. How numbers and dates are written is decided once for the file;
 * what {@link readFrame} does with rows is done to those of each series alone.
 * @param options `id` for a long file, or for a wide one `columns`: columns of numbers, by name or index, in place of `column`.
 * @returns for a series that cannot be read its DataError, and the others all the same.
 * @throws DataError for what is wrong with the whole file, ConfigError for an option that it cannot have.
 */
export function readManySeries(
  input: TableInput,
  options: FrameOptions & { columns?: readonly (string | number)[] },
): Map<string, Frame | DataError> {
  checkSeriesOptions('readManySeries', options, { ...FRAME_OPTIONS, columns: true });
  checkNaming(options);
  const table = readTable(input, options);
  const { columns } = options;
  const readers = columns ? wideReaders(table, columns, options) : longReaders(table, options);
  const readOne = (read: () => Frame): Frame | DataError => {
    try {
      return read();
    } catch (error) {
      if (error instanceof DataError) return error;
      throw error;
    }
  };
  return new Map(readers.map(([name, read]) => [name, readOne(read)]));
}

/** @throws ConfigError for series that are named in no way, or in two. */
function checkNaming({ columns, id, column }: Parameters<typeof readManySeries>[1]): void {
  if (columns === undefined) {
    if (id !== undefined) return;
    throw new ConfigError(
      'readManySeries: got neither id nor columns. Give the column that names the series (id), or those that are one each (columns).',
    );
  }
  if (!Array.isArray(columns) || columns.length === 0)
    throw new ConfigError(`columns: got ${shown(columns)}, expected a list of names or indices of columns.`);
  for (const [option, value] of Object.entries({ id, column }))
    if (value !== undefined)
      throw new ConfigError(
        `${option}: got ${shown(value)} beside columns. The series of a file stand in columns of their own (columns), or under one ` +
          'another in one (id, column): leave one of the two out.',
      );
}

/** What reads each series, by its name. */
type Readers = [name: string, read: () => Frame][];

function longReaders(table: Table, options: FrameOptions): Readers {
  const { asked, id } = askedColumns(table, options);
  return Array.from(rowsById(id!), ([name, rows]) => [name, () => frameIn(table, rows, asked, options)]);
}

function wideReaders(table: Table, columns: readonly (string | number)[], options: FrameOptions): Readers {
  const listed = columns.map((one) => anyColumn(table, one, 'columns').column);
  const beside = columnsBeside(table, options);
  checkOnce({ columns: listed, past: beside.past, future: beside.future });
  const rows = allRows(table);
  const targetOf = (k: number) => numberColumn(table, columns[k]!, 'columns');
  return listed.map(({ name }, k) => [name, () => frameIn(table, rows, { ...beside, target: targetOf(k) }, options)]);
}

/** What of a table is asked for. @throws ConfigError, DataError as {@link readFrame}. */
function askedColumns(table: Table, options: FrameOptions): { asked: Asked; id: Column | undefined } {
  const id = options.id === undefined ? undefined : anyColumn(table, options.id, 'id').column;
  const beside = columnsBeside(table, options, id);
  const { past, future, times } = beside;
  const taken = [...past, ...future, ...(id ? [id] : []), ...(times?.columns ?? [])];
  const target = selectColumn(table, options.column, { taken, fileName: options.fileName });
  checkOnce({ column: [target.column], past, future, id: id ? [id] : [] });
  return { asked: { ...beside, target }, id };
}

const columnsBeside = (table: Table, { past, future }: FrameOptions, id?: Column): Omit<Asked, 'target'> => ({
  past: sideColumns(table, past, 'past'),
  future: sideColumns(table, future, 'future'),
  times: timesOf(table, id && [id]),
});

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
