import type { PageSeries, SeriesRequest } from '../series_file.ts';
import type { TrainSettings } from '../settings.ts';
import { type PandasDates, pandasDates } from './pandas_dates.ts';

/** What a run was trained with, as the page's form has it. */
export type RunSettings = TrainSettings;

/** Where the series of a run comes from. */
export interface RunSource {
  fileName: string;
  /** By the name that `readSeries` gives it. */
  column: string;
  /** Last rows used. Undefined: all. */
  rows: number | undefined;
  missing: SeriesRequest['missing'];
  gaps?: SeriesRequest['gaps'];
  /** Undefined: rows that are missing by the dates are not found in pandas. */
  dates?: PandasDates | undefined;
  /** Of a file with several series the one, and the column that names them. */
  among?: { idColumn: string; id: string } | undefined;
  /** Names of other columns that are read. */
  past?: readonly string[] | undefined;
  future?: readonly string[] | undefined;
  /** Whether the file has its newest row first, which the library detects. Undefined: not checked. */
  newestFirst?: boolean;
}

/** Whether other columns are read. */
export const hasSide = ({ past = [], future = [] }: Pick<RunSource, 'past' | 'future'>): boolean =>
  past.length + future.length > 0;

/** @param fileName under which the series' file is to be saved. */
export function sourceOf(request: SeriesRequest, series: PageSeries, fileName: string): RunSource {
  const { rows, gaps, past, future = [] } = request;
  const { column, newestFirst, among, notes } = series;
  // the file has rows to come, of which nothing is read: the page leaves them out
  const leavesOut = future.length === 0 && notes.some(({ code }) => code === 'rows-to-come');
  const missing = leavesOut && request.missing === 'error' ? 'drop' : request.missing;
  const dates = gaps && pandasDates(series);
  return { fileName, column, rows, missing, gaps, dates, newestFirst, among, past, future };
}

/** Characters that JSON leaves as they are, but that end a line or cannot be seen in an editor. */
const UNSEEN = /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text between double quotes, escaped so that JSON, JavaScript and Python read the same. */
export const doubleQuoted = (text: string): string =>
  JSON.stringify(text).replace(UNSEEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The same between single quotes. In what JSON writes, every `"` has a backslash of its own. */
export const singleQuoted = (text: string): string =>
  `'${doubleQuoted(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
