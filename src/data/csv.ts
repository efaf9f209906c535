import { selectColumn } from './columns.ts';
import type { MissingPolicy } from './holes.ts';
import { checkSeriesOptions, readRows, SERIES_OPTIONS, type Series, type SeriesOptions } from './reading.ts';
import { type Column, type CsvOptions, parseCsv, readTable, type Table } from './table.ts';

export {
  type Column,
  type CsvOptions,
  type MissingPolicy,
  parseCsv,
  type Series,
  type SeriesOptions,
  selectColumn,
  type Table,
};

/**
 * Reads one column of CSV text as a series in time order. A file whose dates only fall is turned around.
 * @throws DataError for what is wrong with the file, by row (as in the file, from 1, header included) and column.
 * @throws ConfigError for an option that it cannot have.
 */
export function readSeries(text: string, options: SeriesOptions = {}): Series {
  checkSeriesOptions('readSeries', options, SERIES_OPTIONS);
  const table = readTable(text, options);
  const target = selectColumn(table, options.column);
  const dateColumn = table.columns.find(({ kind }) => kind === 'date');
  const rows = Array.from({ length: table.numRows }, (_, row) => row);
  return readRows(table, rows, { target, past: [], future: [], dateColumn }, options).series;
}
