import { textOf } from '../src/data/text.ts';
import {
  DataError,
  type ErrorCode,
  type ErrorDetails,
  type Frame,
  LstmError,
  parseCsv,
  readFrame,
  readManySeries,
} from '../src/data.ts';
import type { SideNames } from './side_columns.ts';

/** Lines of a file that the page shows. */
const PREVIEW_LINES = 8;

/** How to read a file. The file itself crosses to the worker as a Blob, so its bytes are not copied. */
export interface SeriesRequest extends Partial<SideNames> {
  name: string;
  file: Blob;
  /** From 0. Undefined: the reader's default. */
  column: number | undefined;
  missing: 'error' | 'drop' | 'interpolate' | 'previous';
  /** What fills rows that are missing by the dates. Undefined: they stay missing. */
  gaps?: 'interpolate' | 'previous' | undefined;
  /** Last rows to use. Undefined: all. */
  rows: number | undefined;
  /** Of a file with several series: the column that names them, and the one that is meant. Undefined: the file is one series. */
  of?: SeriesName | undefined;
}

/** A series of several. */
interface SeriesName {
  idColumn: string;
  /** Undefined: the first that can be read. */
  id: string | undefined;
}

/** A series with the columns that were asked for, and the first rows of its file as they are there. */
export interface PageSeries extends Frame {
  preview: string;
  /** Of a file with several: which it is, and what there is. */
  among: { idColumn: string; id: string; ids: string[]; unread: string[] } | undefined;
}

type Options = NonNullable<Parameters<typeof readFrame>[1]>;

/** @throws DataError for what is wrong with the file. */
export async function readSeriesFile(request: SeriesRequest): Promise<PageSeries> {
  const { name, file, of, column, missing, gaps, rows, past = [], future = [] } = request;
  const bytes = await file.arrayBuffer();
  const options = { column, missing, gaps, rows, past, future, fileName: name };
  const preview = textOf(bytes)
    .split(/\r\n|\n|\r/, PREVIEW_LINES)
    .join('\n');
  const read = (asked: Options, series = of): Omit<PageSeries, 'preview'> =>
    series ? oneOf(bytes, asked, series) : { ...readFrame(bytes, asked), among: undefined };
  try {
    return { ...read(options), preview };
  } catch (error) {
    const many = detailsOf(error, 'csv-many-series');
    if (many) return { ...read(options, { idColumn: many.column, id: undefined }), preview };
    const hole = detailsOf(error, 'csv-hole');
    const known = hole && readWithRowsToCome(bytes, options, hole, read);
    if (!known) throw error;
    return { ...known, preview };
  }
}

/**
 * The series of a file whose last rows have no value of it, but those of other columns: they are rows to come, also where none of
 * these columns is asked for, or not all that are asked for go on in them. Undefined: the hole is another one.
 */
function readWithRowsToCome(
  bytes: ArrayBuffer,
  options: Options,
  { row, column }: ErrorDetails['csv-hole'],
  read: (options: Options) => Omit<PageSeries, 'preview'>,
): Omit<PageSeries, 'preview'> | undefined {
  const { past = [], future = [] } = options;
  const { columns, lines } = parseCsv(bytes);
  const place = lines.indexOf(row);
  const namesWhere = (isKnown: boolean) =>
    columns
      .filter(({ kind, values }) => kind === 'number' && Number.isNaN(values[place]!) !== isKnown)
      .map(({ name }) => name);
  const others = namesWhere(true).filter((name) => !past.includes(name) && !future.includes(name));
  const ended = namesWhere(false).filter((name) => future.includes(name));
  const known = [...future.filter((name) => !ended.includes(String(name))), ...others];
  try {
    const series = read({ ...options, column, past: [...past, ...ended], future: known });
    const isEnded = ([name]: [string, Float64Array]) => ended.includes(name);
    const before = Object.entries(series.past);
    const ahead = Object.entries(series.future).filter(([name]) => !others.includes(name));
    return {
      ...series,
      past: Object.fromEntries(before.filter((entry) => !isEnded(entry))),
      future: Object.fromEntries([...ahead, ...before.filter(isEnded)]),
    };
  } catch {
    return undefined;
  }
}

/** The details of an error of this code; undefined of any other. */
const detailsOf = <Code extends ErrorCode>(error: unknown, code: Code): ErrorDetails[Code] | undefined =>
  error instanceof LstmError && error.code === code ? (error.details as ErrorDetails[Code]) : undefined;

/** @throws DataError where the series that is meant cannot be read, or none can. */
function oneOf(bytes: ArrayBuffer, options: Options, { idColumn, id: asked }: SeriesName): Omit<PageSeries, 'preview'> {
  const all = [...readManySeries(bytes, { ...options, id: idColumn })];
  const ids = all.flatMap(([id, one]) => (one instanceof DataError ? [] : [id]));
  const unread = all.flatMap(([id, one]) => (one instanceof DataError ? [id] : []));
  const [id, series] =
    all.find(([id, one]) => (asked === undefined ? !(one instanceof DataError) : id === asked)) ?? all[0]!;
  if (series instanceof DataError) throw series;
  return { ...series, among: { idColumn, id, ids, unread } };
}
