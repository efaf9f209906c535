import * as zlib from 'node:zlib';
import { DAY_MS } from '../data/dates.ts';
import { ConfigError, DataError } from '../errors.ts';
import { messageOf } from '../shown.ts';

/** Whether the bytes of a file start like Parquet. */
export const isParquet = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(0, 4)) === 'PAR1';

async function loadParquet(): Promise<typeof import('hyparquet')> {
  try {
    return await import('hyparquet');
  } catch (error) {
    throw new ConfigError(`This is a Parquet file: npm install hyparquet first (${messageOf(error)})`, {
      cause: error,
    });
  }
}

/**
 * The table of a Parquet file as JSON, a list of cells for each row: numbers as they are, 64-bit integers as digits, times as
 * ISO 8601, and nested values as JSON in a cell.
 * @throws ConfigError if the package is missing. @throws DataError for a file that cannot be read.
 */
export async function parquetTable(bytes: Uint8Array): Promise<string> {
  const { parquetMetadata, parquetReadObjects, parquetSchema } = await loadParquet();
  const file = bytes.slice().buffer; // a copy: Node.js puts small files into a shared buffer
  try {
    const metadata = parquetMetadata(file);
    const fields = parquetSchema(metadata).children.map(({ element }) => element);
    const columns = fields.map(({ name }) => name);
    const rows = await parquetReadObjects({ file, metadata, compressors: COMPRESSORS });
    const cells = fields.map(({ name, scale }) =>
      cellsOf(
        rows.map((row): unknown => row[name]),
        scale,
      ),
    );
    return JSON.stringify({ columns, data: rows.map((_, k) => cells.map((column) => column[k])) });
  } catch (error) {
    throw new DataError(
      `This Parquet file cannot be read: ${messageOf(error)}. Write it with snappy compression, or as CSV.`,
      { cause: error },
    );
  }
}

type Decompress = (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

/** Those of Node.js, where it has them; snappy comes with the package. */
const COMPRESSORS = Object.fromEntries(
  Object.entries({
    GZIP: zlib.gunzipSync,
    BROTLI: zlib.brotliDecompressSync,
    ZSTD: (zlib as { zstdDecompressSync?: Decompress }).zstdDecompressSync,
  }).map(([codec, decompress]: [string, Decompress | undefined]) => [
    codec,
    decompress && ((input: Uint8Array, size: number) => decompress(input, { maxOutputLength: Math.max(1, size) })),
  ]),
);

/** The values of a column for JSON. @param scale number of decimals: the package multiplies by 0.01 and the like. */
function cellsOf(values: readonly unknown[], scale = 0): unknown[] {
  const dates = values.filter((value) => value instanceof Date);
  const areDays = dates.every((date) => date.getTime() % DAY_MS === 0);
  return values.map((value) => {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : isoOf(value, areDays);
    if (scale > 0 && typeof value === 'number') return Number(value.toFixed(scale));
    return typeof value === 'object' && value !== null ? JSON.stringify(value, digits) : digits('', value);
  });
}

const isoOf = (date: Date, isDay: boolean): string =>
  isDay ? date.toISOString().slice(0, 10) : date.toISOString().replace('.000Z', 'Z');

const digits = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
