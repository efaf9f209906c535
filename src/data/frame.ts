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

/** Which columns of a file to read besides the target. */
export interface FrameOptions extends SeriesOptions {
  /**
   * Columns known up to the last row of the target, by name or index; none by default. A column of text becomes columns of 0
   * and 1, `name=value` for each of at most 50 values, sorted; with two values, only for the second. Such a name may also be
   * requested as a column.
   */
  past?: readonly (string | number)[];
  /** Columns also known in future rows, such as holidays or fixed prices; names as in `past`; none by default. */
  future?: readonly (string | number)[];
  /** A column of any kind that names the series of each row; a frame has exactly one. */
  id?: string | number;
}

/** The compiler requires every option. */
const FRAME_OPTIONS: OptionNames<FrameOptions> = { ...SERIES_OPTIONS, past: true, future: true, id: true };

/** A series with other columns of its file, aligned by row. */
export interface Frame extends Series {
  /** By column name, [rows], finite. */
  past: Record<string, Float64Array>;
  /** By column name, [rows + future rows], finite. */
  future: Record<string, Float64Array>;
}

/**
 * Reads several columns of CSV text, aligned and ordered as in {@link Series}. Rows at the end in which the target has no
 * number but every future column has one are future rows: only the future columns extend into them. A row is a hole if any of
 * the columns has one there; `missing` specifies what to do with it, for all columns, and each column is filled separately.
 * @throws DataError for a problem in the file, by row (in the file, from 1, including the header) and column.
 * @throws ConfigError for an invalid option, and for a column that is requested twice.
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
 * Reads the series of a CSV as {@link Frame}s by name: of a long file by the values of its id column (ignoring surrounding
 * spaces), in order of first appearance; of a wide file by the names of their columns, in the order of `columns`. Number and
 * date formats are decided once for the file; otherwise each series is read alone, as in {@link readFrame}.
 * @param options `id` for a long file, or `columns` for a wide one: numeric columns, by name or index, instead of `column`.
 * @returns each series, or the DataError of one that cannot be read.
 * @throws DataError for a problem with the whole file, ConfigError for an invalid option.
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

/** @throws ConfigError unless exactly one of `id` and `columns` is given. */
function checkNaming({ columns, id, column }: Parameters<typeof readManySeries>[1]): void {
  if (columns === undefined) {
    if (id !== undefined) return;
    throw new ConfigError(
      'readManySeries: got neither id nor columns. Give the column that names the series (id), or one column per series (columns).',
    );
  }
  if (!Array.isArray(columns) || columns.length === 0)
    throw new ConfigError(`columns: got ${shown(columns)}, expected a list of column names or indices.`);
  for (const [option, value] of Object.entries({ id, column }))
    if (value !== undefined)
      throw new ConfigError(
        `${option}: got ${shown(value)} with columns. Each series of a file is in its own column (columns), or all are in one ` +
          'column with their names in another (id, column). Use one of the two.',
      );
}

/** The reader of each series, by name. */
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

/** The requested columns of a table. @throws ConfigError, DataError as {@link readFrame}. */
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

/** Rows of the table by id, in file order. */
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

/** @throws ConfigError for a column requested twice, by one option or two. */
function checkOnce(asked: Readonly<Record<string, readonly Column[]>>): void {
  const askedBy = new Map<Column | string, string>();
  for (const [option, columns] of Object.entries(asked))
    for (const column of columns) {
      const key = isIndicator(column) ? column.name : column;
      const before = askedBy.get(key);
      if (before !== undefined)
        throw new ConfigError(
          `${option}: ${JSON.stringify(column.name)} is already used by ${before}. A column has a single role: remove it from ` +
            'one of the two.',
        );
      askedBy.set(key, option);
    }
}
