import { textOf } from '../src/data/text.ts';
import { readSeries, type Series } from '../src/data.ts';

/** Lines of a file that the page shows. */
const PREVIEW_LINES = 8;

/** How to read a file. The file itself crosses to the worker as a Blob, so its bytes are not copied. */
export interface SeriesRequest {
  name: string;
  file: Blob;
  /** From 0. Undefined: the reader's default. */
  column: number | undefined;
  missing: 'error' | 'drop' | 'interpolate';
  /** Last rows to use. Undefined: all. */
  rows: number | undefined;
}

/** A series, and the first rows of its file as they stand there. */
export interface PageSeries extends Series {
  preview: string;
}

/** @throws DataError for what is wrong with the file. */
export async function readSeriesFile({ name, file, column, missing, rows }: SeriesRequest): Promise<PageSeries> {
  const bytes = await file.arrayBuffer();
  const series = readSeries(bytes, { column, missing, rows, fileName: name });
  const preview = textOf(bytes)
    .split(/\r\n|\n|\r/, PREVIEW_LINES)
    .join('\n');
  return { ...series, preview };
}
