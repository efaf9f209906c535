import { selectColumn } from './columns.ts';
import type { GapPolicy } from './gaps.ts';
import type { MissingPolicy } from './missing.ts';
import { checkSeriesOptions, readRows, SERIES_OPTIONS, type Series, type SeriesOptions } from './reading.ts';
import { allRows, type Column, type CsvOptions, parseCsv, readTable, type Table } from './table.ts';
import type { TableInput } from './text.ts';
import { timesOf } from './times.ts';

export {
  type Column,
  type CsvOptions,
  type GapPolicy,
  type MissingPolicy,
  parseCsv,
  type Series,
  type SeriesOptions,
  selectColumn,
  type Table,
};

/**
 * Reads one column of a CSV, or of a table in JSON, as a series, with its rows sorted by date if there are dates.
 * @param input text, or the bytes of a file.
 * @throws DataError for a problem in the file, by row (in the file, from 1, including the header) and column.
 * @throws ConfigError for an invalid option.
 */
export function readSeries(input: TableInput, options: SeriesOptions = {}): Series {
  checkSeriesOptions('readSeries', options, SERIES_OPTIONS);
  const table = readTable(input, options);
  const times = timesOf(table);
  const target = selectColumn(table, options.column, { taken: times?.columns ?? [], fileName: options.fileName });
  return readRows(table, allRows(table), { target, past: [], future: [], times }, options).series;
}
