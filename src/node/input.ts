import { constants } from 'node:buffer';
import { closeSync, createReadStream, constants as flags, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { GAPS } from '../data/gaps.ts';
import { DEFAULT_MISSING, MISSING } from '../data/missing.ts';
import type { SeriesOptions } from '../data/reading.ts';
import type { CsvOptions } from '../data/table.ts';
import { type TableInput, textOf } from '../data/text.ts';
import { ConfigError, DataError } from '../errors.ts';
import { type ParsedFile, parseModelFile } from '../forecast/model_file.ts';
import { foreignFile } from '../io/foreign_file.ts';
import { choice, decimalOf, integer, list, positiveInteger, text } from '../kinds.ts';
import { placed, within } from '../placing.ts';
import { shownBytes } from '../shown.ts';
import { readTrainedFile, type Writer } from '../train/file.ts';
import { columnsKind } from '../train/settings.ts';
import { type FlagValues, flag } from './flags.ts';
import { COMMAND } from './invocation.ts';
import { isParquet, parquetTable } from './parquet_table.ts';

/** Flags for the CSV file, the same for every command that reads one. */
export const seriesFlags = {
  column: flag(
    text('NAME|INDEX'),
    'Column to forecast, by name or by index from 0 (default: a column named after the file, or Close, Price, ' +
      'Value or y; otherwise the only numeric column)',
  ),
  header: flag(choice(['yes', 'no']), 'Whether the first row has names (default: detected)'),
  delimiter: flag(text('TEXT'), 'Column separator, or the word tab (default: detected from ; tab | and ,)'),
  decimal: flag(choice(['.', ',']), 'Decimal separator (default: detected)'),
  skip: flag(integer(0), 'Lines to skip at the top of the file (default: those above the header)'),
  'missing-values': flag(
    list('LIST', decimalOf, 'a list of numbers'),
    'Numbers that mean a missing value, separated by commas: --missing-values=-999,-200 (default: none)',
  ),
  rows: flag(positiveInteger, 'Use only the last N rows (default: all)'),
  missing: flag(
    choice(MISSING),
    'Rows without a number: stop with an error, drop them, interpolate, repeat the previous value, or skip every window that ' +
      'touches them',
    DEFAULT_MISSING,
  ),
  gaps: flag(
    choice(GAPS),
    'Gaps in the dates: stop with an error, insert the missing rows by interpolation or with the previous value, or insert ' +
      'them and skip every window that touches them (default: report them and continue)',
  ),
};

/** The same for a command that uses all rows: no window of a model can be left out. */
export const wholeSeriesFlags = {
  ...seriesFlags,
  missing: flag(
    choice(MISSING.filter((name) => name !== 'skip')),
    'Rows without a number: stop with an error, drop them, interpolate, or repeat the previous value',
    DEFAULT_MISSING,
  ),
  gaps: flag(
    choice(GAPS.filter((name) => name !== 'skip')),
    'Gaps in the dates: stop with an error, or insert the missing rows by interpolation or with the previous value (default: ' +
      'report them and continue)',
  ),
};

/** Of commands that read one or several series. */
export const severalFlags = {
  id: flag(
    text('NAME|INDEX'),
    'Column that names the series of each row; each series gets its own model (default: the file is one series)',
  ),
  columns: flag(columnsKind, 'Columns that are one series each, named by column; instead of --id and --column'),
};

/** Columns made from the dates, for commands that create a model. */
export const madeFlags = {
  calendar: flag(
    choice(['auto']),
    'Columns made from the dates, known ahead: hour, weekday and time of year, where they vary within the data (default: none)',
  ),
  holidays: flag(
    text('COUNTRY'),
    'A column made from the dates: 1 on public holidays of a country, such as BR, or of a region, such as US-CA ' +
      '(npm install date-holidays; default: none)',
  ),
};

/** The same for commands that also read a model. */
export const modelSeriesFlags = {
  id: flag(text('NAME|INDEX'), 'Column that names the series of each row (default: as in training)'),
  columns: flag(
    columnsKind,
    'Columns that are one series each; instead of --id and --column (default: as in training)',
  ),
  ...seriesFlags,
  column: flag(
    text('NAME|INDEX'),
    'Column to forecast, by name or by index from 0 (default: the one that the model was trained on)',
  ),
};

/** The options that the flags give. */
export function seriesOptions(values: FlagValues<typeof seriesFlags | typeof wholeSeriesFlags>): SeriesOptions {
  const { column, rows, missing, gaps, header, delimiter, decimal, skip, 'missing-values': missingValues } = values;
  return {
    ...{ column, rows, missing, gaps, decimal, skip, missingValues },
    header: header && header === 'yes',
    delimiter: delimiter === 'tab' ? '\t' : delimiter,
  };
}

/** The same for a file of one or several series. @throws ConfigError for both ways to name several series. */
export function fileOptions(values: FlagValues<(typeof seriesFlags | typeof wholeSeriesFlags) & typeof severalFlags>) {
  const { id, columns, column } = values;
  for (const [name, value] of Object.entries({ id, column }))
    if (columns && value !== undefined)
      throw new ConfigError(
        `--columns and --${name}: give one of the two: --columns for series side by side, --id and --column for series under ` +
          'one another.',
      );
  return { ...seriesOptions(values), id, columns };
}

/** The name that reads from the standard input. */
const STDIN = '-';

/** The name of an input file in messages and in the chart. */
export const displayName = (path: string): string => (path === STDIN ? 'standard input' : basename(path));

/** Most bytes that are read: the limit of a string, and for models that of a buffer in every version of Node. */
const MOST_TEXT = constants.MAX_STRING_LENGTH;
const MOST_BYTES = 2 ** 31;
/** The same for files that are written by hand. */
export const MOST_BY_HAND = 2 ** 24;

/**
 * Reads a file, or a pipe to its end, without blocking: a pipe may never end, and signals must stop the process meanwhile.
 * @throws DataError naming the file and the problem.
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

/** A file as a stream, or a pipe as a socket: a socket waits for its other end without blocking a thread. */
function openStream(path: string, most: number): Readable {
  const file = openSync(path, flags.O_RDONLY | (flags.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    if (stats.isCharacterDevice() || stats.isBlockDevice())
      throw new Error('this is a device, expected a file or a pipe; use "-" for the standard input');
    if (stats.size > most) throw new Error(`it has ${shownBytes(stats.size)}, and the limit is ${shownBytes(most)}`);
    if (stats.isFIFO()) return new Socket({ fd: file, readable: true, writable: false });
    return createReadStream(path, { fd: file, highWaterMark: 2 ** 20 });
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** @throws Error for a stream of more than `most` bytes. */
async function readStream(stream: AsyncIterable<unknown>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length;
    if (sizeBytes > most) throw new Error(`it has more than ${shownBytes(most)}, the limit`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** The bytes of a model. @throws DataError naming the file and the problem. */
const readModelBytes = (path: string): Promise<Uint8Array> => readInput(path, MOST_BYTES);

/**
 * A file that `train` wrote: a model, or a checkpoint.
 * @param usage of the command, for the message about a file of another kind. @throws DataError naming the file and the problem.
 */
export async function readModelFile(path: string, usage: string): Promise<{ bytes: Uint8Array; file: ParsedFile }> {
  const bytes = await readModelBytes(path);
  const foreign = foreignFile(bytes);
  if (foreign !== undefined)
    throw new DataError(`${displayName(path)}: expected a model, but this is ${foreign} Usage: ${COMMAND} ${usage}`, {
      code: 'file-of-another-kind',
    });
  try {
    return { bytes, file: within(displayName(path), () => parseModelFile(bytes)) };
  } catch (error) {
    if (!(error instanceof DataError && error.code === 'file-of-another-kind' && isOf('recipe', bytes))) throw error;
    throw new DataError(
      `${displayName(path)}: this model was made by \`forecast\`. Run: ${COMMAND} forecast FILE --model ${path}`,
      { code: 'file-of-another-kind', cause: error },
    );
  }
}

/**
 * The bytes of a model that `forecast` wrote, which is read later.
 * @param csv the file to forecast, for the message about a model of `train`. @throws DataError naming the file and the problem.
 */
export async function readRecipeBytes(path: string, csv: string): Promise<Uint8Array> {
  const bytes = await readModelBytes(path);
  if (isOf('forecaster', bytes))
    throw new DataError(
      `${displayName(path)}: this model was made by \`train\`. Run: ${COMMAND} predict ${path} ${csv}`,
      {
        code: 'file-of-another-kind',
      },
    );
  return bytes;
}

function isOf(writer: Writer, bytes: Uint8Array): boolean {
  try {
    readTrainedFile(writer, bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * A file with a table, and options that follow from its format: the bytes of text, or for Parquet the table as JSON.
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

/** @param most limit in bytes. @throws DataError naming the file and the problem. */
export const readText = async (path: string, most = MOST_TEXT): Promise<string> => textOf(await readInput(path, most));
