import { textOf } from '../src/data/text.ts';
import { DataError, type ErrorDetails, LstmError, readManySeries, readSeries, type Series } from '../src/data.ts';

/** Lines of a file that the page shows. */
const PREVIEW_LINES = 8;

/** How to read a file. The file itself crosses to the worker as a Blob, so its bytes are not copied. */
export interface SeriesRequest {
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

/** A series, and the first rows of its file as they stand there. */
export interface PageSeries extends Series {
  preview: string;
  /** Of a file with several: which it is, and what there is. */
  among: { idColumn: string; id: string; ids: string[]; unread: string[] } | undefined;
}

/** @throws DataError for what is wrong with the file. */
export async function readSeriesFile(request: SeriesRequest): Promise<PageSeries> {
  const { name, file, column, missing, gaps, rows } = request;
  const bytes = await file.arrayBuffer();
  const options = { column, missing, gaps, rows, fileName: name };
  const preview = textOf(bytes)
    .split(/\r\n|\n|\r/, PREVIEW_LINES)
    .join('\n');
  if (request.of) return { ...oneOf(bytes, options, request.of), preview };
  try {
    return { ...readSeries(bytes, options), preview, among: undefined };
  } catch (error) {
    if (!(error instanceof LstmError && error.code === 'csv-many-series')) throw error;
    const { column: idColumn } = error.details as ErrorDetails['csv-many-series'];
    return { ...oneOf(bytes, options, { idColumn, id: undefined }), preview };
  }
}

/** @throws DataError where the series that is meant cannot be read, or none can. */
function oneOf(
  bytes: ArrayBuffer,
  options: Parameters<typeof readSeries>[1],
  { idColumn, id: asked }: SeriesName,
): Omit<PageSeries, 'preview'> {
  const all = [...readManySeries(bytes, { ...options, id: idColumn })];
  const ids = all.flatMap(([id, one]) => (one instanceof DataError ? [] : [id]));
  const unread = all.flatMap(([id, one]) => (one instanceof DataError ? [id] : []));
  const [id, series] =
    all.find(([id, one]) => (asked === undefined ? !(one instanceof DataError) : id === asked)) ?? all[0]!;
  if (series instanceof DataError) throw series;
  const { past, future, ...own } = series;
  return { ...own, among: { idColumn, id, ids, unread } };
}
