import { accessSync, constants, lstatSync, mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ConfigError } from '../errors.ts';
import { messageOf } from '../shown.ts';
import { statsOf, targetOf, tryFile, writeFile } from './write_file.ts';

type Content = string | Uint8Array;

/** A file could not be written: names the path and the reason. */
export class OutputError extends Error {
  constructor(path: string, cause: unknown, ...advice: readonly string[]) {
    super([`${path}: cannot be written: ${reasonOf(cause)}.`, ...advice].join(' '), { cause });
  }
}

/** The files that a command writes, by flag. When one fails, the others are still written. */
export class Outputs<Flag extends string> {
  readonly #paths: Readonly<Record<Flag, string | undefined>>;
  readonly #flags: readonly Flag[];
  readonly #written = new Set<Flag>();
  readonly #failed = new Map<Flag, OutputError>();

  /**
   * @param paths of each file; undefined if it was not requested. @param inputs files that must not be overwritten.
   * @throws ConfigError for two files with one path, naming both flags, or the flag and the input.
   */
  constructor(paths: Readonly<Record<Flag, string | undefined>>, inputs: readonly string[]) {
    checkDistinct(paths, inputs);
    this.#paths = paths;
    this.#flags = Object.keys(paths) as Flag[];
  }

  /** Undefined if the file was not requested. */
  path(flag: Flag): string | undefined {
    return this.#paths[flag];
  }

  /** Paths that were written, by flag without "-out"; null if not requested or not written. */
  get files(): Record<string, string | null> {
    const pathOf = (flag: Flag) => (this.#written.has(flag) ? this.#paths[flag]! : null);
    return Object.fromEntries(this.#flags.map((flag) => [flag.replace(/-out$/, ''), pathOf(flag)]));
  }

  /** `Wrote a, b.`, if anything was. */
  get sentence(): string | undefined {
    const paths = this.#flags.flatMap((flag) => (this.#written.has(flag) ? [this.#paths[flag]!] : []));
    return paths.length > 0 ? `Wrote ${paths.join(', ')}.` : undefined;
  }

  /** Checks, before any work is done, that each file can be written. @throws OutputError naming the path. */
  prepare(): void {
    for (const path of Object.values<string | undefined>(this.#paths)) if (path !== undefined) prepareOutput(path);
  }

  /**
   * Writes a file, if it was requested.
   * @param content called if it was; its errors are thrown. @returns what went wrong, which {@link check} throws at the end.
   */
  async write(flag: Flag, content: () => Content | Promise<Content>): Promise<OutputError | undefined> {
    const path = this.#paths[flag];
    if (path === undefined) return undefined;
    const made = await content();
    this.#written.delete(flag);
    this.#failed.delete(flag);
    try {
      writeOutput(path, made);
      this.#written.add(flag);
    } catch (error) {
      this.#failed.set(flag, error as OutputError);
    }
    return this.#failed.get(flag);
  }

  /** @throws OutputError for a file that could not be written, AggregateError for several. */
  check(): void {
    const errors = [...this.#failed.values()];
    if (errors.length > 1) throw new AggregateError(errors, errors.map(messageOf).join('\n'));
    if (errors[0]) throw errors[0];
  }
}

/** @throws ConfigError for outputs that would overwrite each other or an input. */
export function checkDistinct(outputs: Readonly<Record<string, string | undefined>>, inputs: readonly string[]): void {
  const taken = new Map(inputs.map((path) => [identity(path), `the input file ${path}`]));
  for (const [flag, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    if (path === '-') throw new ConfigError(`--${flag}: got "-", expected the name of a file.`);
    const other = taken.get(identity(path));
    if (other) throw new ConfigError(`--${flag}: ${path} is also ${other}; give another name.`);
    taken.set(identity(path), `the file of --${flag}`);
  }
}

/** Creates missing folders, and checks that a file can be written there. @throws OutputError */
export function prepareOutput(path: string): void {
  namingPath(path, () => {
    if (/[/\\]$/.test(path) || statsOf(path)?.isDirectory()) throw new Error('this is a folder, expected a file name');
    lstatSync(path, { throwIfNoEntry: false }); // throws for a name that is too long
    mkdirSync(dirname(targetOf(path)), { recursive: true });
    const stats = statsOf(path);
    if (stats) accessSync(path, constants.W_OK);
    if (!stats || stats.isFile()) tryFile(targetOf(path));
  });
}

/** As {@link writeFile}. @throws OutputError naming the path. */
export function writeOutput(path: string, content: Content): void {
  namingPath(path, () => writeFile(path, content));
}

/** The same for all names of a file that exists or would be created. */
function identity(path: string): string {
  const stats = statsOf(path);
  if (stats) return `${stats.dev}:${stats.ino}`;
  try {
    const target = targetOf(path);
    const folder = statsOf(dirname(target));
    return folder ? `${folder.dev}:${folder.ino}/${basename(target)}` : target;
  } catch {
    return path; // an error when it is written
  }
}

/** In words where the system's own are unclear. */
function reasonOf(cause: unknown): string {
  const { code, syscall } = cause as NodeJS.ErrnoException;
  if (code === 'ENXIO' && syscall === 'open') return 'this pipe has no reader';
  return messageOf(cause);
}

/** The result of `write`. @throws OutputError naming the path. */
export function namingPath<Result>(path: string, write: () => Result): Result {
  try {
    return write();
  } catch (error) {
    throw new OutputError(path, error);
  }
}
