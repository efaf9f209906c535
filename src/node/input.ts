import { constants } from 'node:buffer';
import { closeSync, createReadStream, constants as flags, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { GAPS } from '../data/gaps.ts';
import { DEFAULT_MISSING, MISSING } from '../data/holes.ts';
import type { SeriesOptions } from '../data/reading.ts';
import type { CsvOptions } from '../data/table.ts';
import { type TableInput, textOf } from '../data/text.ts';
import { ConfigError, DataError } from '../errors.ts';
import { type ParsedFile, parseModelFile } from '../forecast/model_file.ts';
import { choice, decimalOf, integer, list, positiveInteger, text } from '../kinds.ts';
import { placed, within } from '../placing.ts';
import { shownBytes } from '../shown.ts';
import { columnsKind } from '../train/settings.ts';
import { type FlagValues, flag } from './flags.ts';
import { isParquet, parquetTable } from './parquet_table.ts';

/** Flags about the CSV file, the same for every command that reads one. */
export const seriesFlags = {
  column: flag(
    text('NAME|INDEX'),
    'Column to forecast, by its name or its index from 0 (default: one named Close, Price, Value, y or like the file, else the only one)',
  ),
  header: flag(
    choice(['yes', 'no']),
    'Whether the first row holds names (default: when it is unlike the rows below it)',
  ),
  delimiter: flag(text('TEXT'), 'What stands between cells; tab for a tab (default: found by trying ; tab | and ,)'),
  decimal: flag(choice(['.', ',']), 'What stands before the fraction of numbers (default: as the cells decide)'),
  skip: flag(integer(0), 'Lines at the top of the file to pass over (default: those above the header)'),
  'missing-values': flag(
    list('LIST', decimalOf, 'a list of numbers'),
    'Numbers that stand for missing values, with commas between them: --missing-values=-999,-200 (default: none)',
  ),
  rows: flag(positiveInteger, 'Use the last N rows only (default: all)'),
  missing: flag(
    choice(MISSING),
    'What to do with rows without a number: refuse them, leave them out, fill them from their neighbors or with the value ' +
      'before, or skip every window that touches them',
    DEFAULT_MISSING,
  ),
  gaps: flag(
    choice(GAPS),
    'What to do with rows that are missing by the dates: refuse them, insert them filled from their neighbors or with the ' +
      'value before, or skip every window that touches them (default: say how many, and read on)',
  ),
};

/** Of commands that read one or several series. */
export const severalFlags = {
  id: flag(
    text('NAME|INDEX'),
    'Column that names the series a row belongs to: each has a model of its own (default: the file is one series)',
  ),
  columns: flag(columnsKind, 'Columns that are a series each, named by its column, in place of --id and --column'),
};

/** Columns made of the dates, of commands that make a model. */
export const madeFlags = {
  calendar: flag(
    choice(['auto']),
    'Columns made of the dates, known ahead by themselves: the hour, the weekday and the time of the year, as far as the rows ' +
      'tell them apart (default: none)',
  ),
  holidays: flag(
    text('COUNTRY'),
    'A column made of the dates, too: 1 on public holidays of a country, such as BR, or of a part of it, such as US-CA ' +
      '(npm install date-holidays; default: none)',
  ),
};

/** The same for commands that read a model, too. */
export const modelSeriesFlags = {
  id: flag(
    text('NAME|INDEX'),
    'Column that names the series a row belongs to (default: the one of the training, where it had one)',
  ),
  columns: flag(
    columnsKind,
    'Columns that are a series each, in place of --id and --column (default: those of the training, where it had such)',
  ),
  ...seriesFlags,
  column: flag(
    text('NAME|INDEX'),
    'Column to forecast, by its name or its index from 0 (default: the one the model was trained on)',
  ),
};

/** What the flags say of the file. */
export function seriesOptions(values: FlagValues<typeof seriesFlags>): SeriesOptions {
  const { column, rows, missing, gaps, header, delimiter, decimal, skip, 'missing-values': missingValues } = values;
  return {
    ...{ column, rows, missing, gaps, decimal, skip, missingValues },
    header: header && header === 'yes',
    delimiter: delimiter === 'tab' ? '\t' : delimiter,
  };
}

/** The same for a file of one or several series. @throws ConfigError for series that are named in two ways. */
export function fileOptions(values: FlagValues<typeof seriesFlags & typeof severalFlags>) {
  const { id, columns, column } = values;
  for (const [name, value] of Object.entries({ id, column }))
    if (columns && value !== undefined)
      throw new ConfigError(
        `--columns and --${name}: give one of the two: --columns for series in columns of their own, --id and --column for ` +
          'series under one another.',
      );
  return { ...seriesOptions(values), id, columns };
}

/** The name that reads from the standard input. */
const STDIN = '-';

/** What an input file is called in messages and in the chart. */
export const displayName = (path: string): string => (path === STDIN ? 'standard input' : basename(path));

/** Bytes that are read, at most: what a string holds, and for models what a buffer holds of every version of Node. */
const MOST_TEXT = constants.MAX_STRING_LENGTH;
const MOST_BYTES = 2 ** 31;
/** Of what somebody writes by hand. */
export const MOST_BY_HAND = 2 ** 24;

/**
 * Reads a file, or a pipe to its end. Without holding up the process, which signals end meanwhile: a pipe may never end.
 * @throws DataError naming the file and what is wrong with it.
 */
async function readInput(path: string, most: number): Promise<Uint8Array> {
  try {
    if (path === STDIN) return await readStream(process.stdin, most);
    return await readStream(openStream(path, most), most);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'this is a folder, expected a file',
      EACCES: 'no permission to read it',
    };
    const reason = reasons[code ?? ''] ?? message;
    throw new DataError(`${path === STDIN ? displayName(path) : path}: ${reason}.`, {
      code: 'file-unreadable',
      details: { path, reason },
      cause: error,
    });
  }
}

/** A file as a stream, or a pipe as a socket, which waits for its other end without a thread that would wait, too. */
function openStream(path: string, most: number): Readable {
  const file = openSync(path, flags.O_RDONLY | (flags.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    if (stats.isCharacterDevice() || stats.isBlockDevice())
      throw new Error('this is a device, expected a file or a pipe; "-" reads the standard input');
    if (stats.size > most)
      throw new Error(`it has ${shownBytes(stats.size)}, but at most ${shownBytes(most)} are read`);
    if (stats.isFIFO()) return new Socket({ fd: file, readable: true, writable: false });
    return createReadStream(path, { fd: file, highWaterMark: 2 ** 20 });
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** @throws Error for a stream that goes on behind `most` bytes. */
async function readStream(stream: AsyncIterable<unknown>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length;
    if (sizeBytes > most) throw new Error(`it goes on after ${shownBytes(most)}, the most that is read`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** The bytes of a model. @throws DataError naming the file and what is wrong with it. */
export const readModelBytes = (path: string): Promise<Uint8Array> => readInput(path, MOST_BYTES);

/** A file that `train` wrote: a model, or a checkpoint. @throws DataError naming the file and what is wrong with it. */
export async function readModelFile(path: string): Promise<{ bytes: Uint8Array; file: ParsedFile }> {
  const bytes = await readModelBytes(path);
  return { bytes, file: within(displayName(path), () => parseModelFile(bytes)) };
}

/**
 * A file with a table, and what is known of it: the bytes of text, or for Parquet its table as JSON.
 * @throws DataError naming the file and what is wrong with it. @throws ConfigError where a package is missing.
 */
export async function readTableFile(path: string): Promise<{ table: TableInput; known: CsvOptions }> {
  const bytes = await readInput(path, MOST_TEXT);
  if (!isParquet(bytes)) return { table: bytes, known: {} };
  const table = await parquetTable(bytes).catch((error: unknown) => {
    throw placed(error, displayName(path));
  });
  return { table, known: { header: true } };
}

/** @param most bytes that are read. @throws DataError naming the file and what is wrong with it. */
export const readText = async (path: string, most = MOST_TEXT): Promise<string> => textOf(await readInput(path, most));
