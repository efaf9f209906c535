import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError, DataError } from '../../errors.ts';
import { check } from '../../kinds.ts';
import { messageOf } from '../../shown.ts';
import type { SweepResult } from '../../sweep/results.ts';
import { jobKey, readResult } from '../../sweep/stored.ts';
import type { SummaryInput } from '../../sweep/summary.ts';
import { namingPath, OutputError, writeOutput } from '../output.ts';
import { writeAll } from '../write_file.ts';
import { FileLock } from './lock.ts';

/** A result as in a line of the file: the model is in a separate file. */
export type ResultRow = SummaryInput & { modelFile?: string };

/** The start of every line. */
const BEGINNING = '{"key":"';

/** The end of every line: a checksum of the rest of the line. */
const ENDING = /,"sha256":"([0-9a-f]{64})"\}$/;

const NEWLINE = 10;

/**
 * Results of a sweep as JSON lines, one per job, written by one sweep at a time. A line is complete and on the disk when `append`
 * returns. Damaged lines are removed when the file is opened, and their jobs are done again.
 */
export class ResultsFile {
  readonly path: string;
  /** By key; of two lines with the same key, the first counts. */
  readonly rows = new Map<string, ResultRow>();
  readonly #file: number;
  readonly #lock: FileLock;
  readonly #models: string | undefined;
  #sizeBytes: number;

  /**
   * Opens or creates the file.
   * @param models folder for the models. Default: they are not kept. @param note called with what was repaired.
   * @throws DataError if the file has other content. @throws OutputError if it cannot be written, or another sweep writes it.
   */
  constructor(path: string, models?: string, note: (text: string) => void = () => undefined) {
    this.path = path;
    this.#models = models;
    closeSync(openFile(path)); // creates it, or checks that it is a file
    this.#lock = new FileLock(realpathSync(path)); // links to it have one lock
    try {
      this.#repair(note);
      this.#file = openFile(path);
    } catch (error) {
      this.#lock.release();
      throw error;
    }
    this.#sizeBytes = fstatSync(this.#file).size;
  }

  /** Writes results, one line each, except those already in the file. @throws OutputError, and nothing is written. */
  append(results: readonly SweepResult[]): ResultRow[] {
    const fresh = results.filter(({ key }) => !this.rows.has(key));
    if (fresh.length === 0) return [];
    this.#lock.check();
    const rows = fresh.map((result) => this.#rowOf(result));
    const bytes = Buffer.from(rows.map(lineOf).join(''));
    try {
      writeAll(this.#file, bytes);
      fsyncSync(this.#file);
    } catch (error) {
      ftruncateSync(this.#file, this.#sizeBytes);
      const kept = `The ${this.rows.size} earlier results are safe; free some space and run the same command to resume.`;
      throw new OutputError(this.path, error, kept);
    }
    this.#sizeBytes += bytes.length;
    for (const row of rows) this.rows.set(row.key, row);
    return rows;
  }

  close(): void {
    closeSync(this.#file);
    this.#lock.release();
  }

  #rowOf(result: SweepResult): ResultRow {
    check('key', result.key, jobKey); // becomes a file name
    if (!result.ok) return result;
    const { model, ...row } = result;
    if (this.#models === undefined) return row;
    const modelFile = join(this.#models, `${result.key}.safetensors`);
    if (lstatSync(modelFile, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new OutputError(modelFile, 'this is a link, expected a model or nothing');
    writeOutput(modelFile, model);
    return { ...row, modelFile };
  }

  /** Reads the rows, and moves damaged lines to a separate file. */
  #repair(note: (text: string) => void): void {
    const { path } = this;
    const bytes = readAll(path);
    const end = bytes.byteOffset + bytes.length;
    const whole: Buffer[] = [];
    const damaged: { line: Buffer; number: number; reason: string }[] = [];
    for (let [first, number] = [0, 1]; first < bytes.length; number++) {
      const newline = bytes.indexOf(NEWLINE, first);
      const line = bytes.subarray(first, newline < 0 ? bytes.length : newline);
      first += line.length + 1;
      try {
        const row = rowOf(line);
        if (!this.rows.has(row.key)) this.rows.set(row.key, row);
        whole.push(line);
      } catch (error) {
        damaged.push({ line, number, reason: messageOf(error) });
      }
    }
    const [other] = damaged;
    if (
      other &&
      whole.length === 0 &&
      !damaged.every(({ line }) => isOfOurs(line, line.byteOffset + line.length === end))
    ) {
      const got = JSON.stringify(other.line.subarray(0, 40).toString());
      throw new DataError(
        `${path}: line ${other.number} is not a result of a sweep: ${got}. Give another --results-out.`,
      );
    }
    if (other) {
      const aside = `${path}.damaged`;
      namingPath(aside, () =>
        appendFileSync(aside, Buffer.concat(damaged.flatMap(({ line }) => [line, Buffer.from('\n')]))),
      );
      note(
        `${path}: ${damaged.length === 1 ? 'one line is' : `${damaged.length} lines are`} damaged, first line ${other.number} ` +
          `(${other.reason}). Moved to ${aside}; the jobs will be done again.`,
      );
    }
    if (other || (bytes.length > 0 && bytes.at(-1) !== NEWLINE))
      writeOutput(path, Buffer.concat(whole.flatMap((line) => [line, Buffer.from('\n')])));
  }
}

/** For reading and appending, without waiting for the other end of a pipe. @throws OutputError */
function openFile(path: string): number {
  const { O_RDWR, O_CREAT, O_APPEND, O_NONBLOCK = 0 } = constants;
  return namingPath(path, () => {
    const file = openSync(path, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK, 0o666);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
    throw new Error('this is a pipe or a device, expected a file: a sweep reads its earlier results from it');
  });
}

/** @throws DataError for a file that is too large to be read at once. */
function readAll(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new DataError(`${path}: ${messageOf(error)}. Give another --results-out.`, { cause: error });
  }
}

function lineOf(row: ResultRow): string {
  const text = JSON.stringify(row);
  return `${text.slice(0, -1)},"sha256":"${sha256(text)}"}\n`;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws Error with the reason why it is not a valid line. */
function rowOf(line: Buffer): ResultRow {
  if (line.every((byte) => byte === 0)) throw new DataError('only zeros');
  if (!line.subarray(0, BEGINNING.length).equals(Buffer.from(BEGINNING)))
    throw new DataError('not a result of a sweep');
  const text = utf8.decode(line);
  const [ending, digits] = ENDING.exec(text) ?? [];
  if (ending === undefined) throw new DataError('cut off');
  const own = `${text.slice(0, -ending.length)}}`;
  if (sha256(own) !== digits) throw new DataError('wrong checksum');
  const { modelFile, ...result } = JSON.parse(own) as { modelFile?: unknown };
  if (modelFile !== undefined && typeof modelFile !== 'string') throw new ConfigError('modelFile: expected text.');
  return { ...readResult(result), ...(modelFile !== undefined && { modelFile }) };
}

/** Whether a damaged line looks like one of a sweep. @param isLast a crash may have cut off the last line anywhere. */
function isOfOurs(line: Buffer, isLast: boolean): boolean {
  const text = line.toString('latin1').replaceAll('\0', '');
  return (
    (isLast && BEGINNING.startsWith(text.slice(0, BEGINNING.length))) ||
    (text.startsWith(BEGINNING) && ENDING.test(text))
  );
}
