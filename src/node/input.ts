import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type MissingPolicy, readSeries, type Series, type SeriesOptions } from '../data/csv.ts';
import { DataError } from '../errors.ts';
import { choiceFlag, integerFlag, textFlag } from './flags.ts';

/** Flags about the CSV file, the same for every command that reads one. */
export const seriesFlags = {
  column: textFlag(
    'NAME|INDEX',
    'Column to forecast, by its name or its index from 0 (default: Close, Adj Close or Price, else the last column of numbers)',
  ),
  rows: integerFlag(undefined, { min: 1 }, 'Use the last N rows only (default: all)'),
  missing: choiceFlag<MissingPolicy>(
    'error',
    ['error', 'drop', 'interpolate'],
    'What to do with rows without a number: refuse them, leave them out, or fill them from their neighbours',
  ),
};

/** The name that reads from the standard input. */
const STDIN = '-';

/** What an input file is called in messages and in the chart. */
export const displayName = (path: string): string => (path === STDIN ? 'standard input' : basename(path));

/** @throws DataError naming the file and what is wrong with it. */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    if (path !== STDIN) return readFileSync(path);
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'this is a folder, expected a file',
      EACCES: 'no permission to read it',
    };
    throw new DataError(`${path}: ${reasons[code ?? ''] ?? message}.`);
  }
}

/** Reads one column of a CSV file, oldest row first. @throws DataError naming the file, and row and column. */
export async function readSeriesFile(path: string, options: SeriesOptions): Promise<Series> {
  const text = await readText(path);
  try {
    return readSeries(text, options);
  } catch (error) {
    throw error instanceof DataError ? new DataError(`${displayName(path)}: ${error.message}`) : error;
  }
}

/** @throws DataError naming the file and what is wrong with it. */
export const readText = async (path: string): Promise<string> => decode(await readInput(path));

/** UTF-8, or what spreadsheets write instead: UTF-16 with a byte order mark, else Windows-1252. */
function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
