import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import type { JobDescription, SweepResult } from '../../sweep/results.ts';
import type { SummaryInput } from '../../sweep/summary.ts';
import { OutputError, writeOutput } from '../output.ts';

/** A result as a line of the file has it: the model is a file of its own. */
export type ResultRow = SummaryInput & { modelFile?: string };

/** How every line begins. */
const BEGINNING = '{"key":"';

/**
 * Results of a sweep as JSON lines, one a job. A line is whole and on the disk when `append` returns; what a crash left of
 * one behind the last whole line is cut off, and its job is to be done again.
 */
export class ResultsFile {
  readonly path: string;
  /** By key; of two lines with the same key the first counts. */
  readonly rows = new Map<string, ResultRow>();
  readonly #file: number;
  readonly #models: string | undefined;
  #sizeBytes: number;

  /**
   * Opens or makes the file.
   * @param models folder for the models. Default: they are not kept.
   * @throws DataError when the file holds something else. @throws OutputError when it cannot be written.
   */
  constructor(path: string, models?: string) {
    this.path = path;
    this.#models = models;
    try {
      this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o666);
    } catch (error) {
      throw new OutputError(path, error);
    }
    const text = readFileSync(this.#file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const torn = text.slice(whole.length);
    for (const [k, line] of whole.split('\n').slice(0, -1).entries()) this.#take(line, k + 1);
    if (!torn.startsWith(BEGINNING.slice(0, torn.length))) throw this.#noResult(torn, this.rows.size + 1);
    this.#sizeBytes = Buffer.byteLength(whole);
    if (torn !== '') ftruncateSync(this.#file, this.#sizeBytes);
  }

  /** Writes results, one line each; those that are there already are left out. @throws OutputError, and nothing is written. */
  append(results: readonly SweepResult[]): ResultRow[] {
    const fresh = results.filter(({ key }) => !this.rows.has(key)).map((result) => this.#rowOf(result));
    if (fresh.length === 0) return fresh;
    const bytes = Buffer.from(fresh.map((row) => `${JSON.stringify(row)}\n`).join(''));
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
      fsyncSync(this.#file);
    } catch (error) {
      if (fstatSync(this.#file).isFile()) ftruncateSync(this.#file, this.#sizeBytes);
      const kept = `It keeps the ${this.rows.size} results written before; make room and start again to go on.`;
      throw new OutputError(this.path, error, kept);
    }
    this.#sizeBytes += bytes.length;
    for (const row of fresh) this.rows.set(row.key, row);
    return fresh;
  }

  close(): void {
    closeSync(this.#file);
  }

  #rowOf(result: SweepResult): ResultRow {
    if (!result.ok) return result;
    const { model, ...row } = result;
    if (this.#models === undefined) return row;
    const modelFile = join(this.#models, `${result.key}.safetensors`);
    writeOutput(modelFile, model);
    return { ...row, modelFile };
  }

  #take(line: string, number: number): void {
    let row: Partial<JobDescription> = {};
    try {
      row = JSON.parse(line) as ResultRow;
    } catch {
      // said below
    }
    if (typeof row?.key !== 'string' || typeof row.series !== 'string') throw this.#noResult(line, number);
    if (!this.rows.has(row.key)) this.rows.set(row.key, row as ResultRow);
  }

  #noResult(line: string, number: number): DataError {
    const got = JSON.stringify(line.slice(0, 40));
    return new DataError(
      `${this.path}: line ${number} is no result of a sweep: ${got}. Give another --results-out, or mend the line.`,
    );
  }
}
