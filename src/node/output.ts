import { randomUUID } from 'node:crypto';
import {
  accessSync,
  type BigIntStats,
  constants,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigError } from '../errors.ts';
import { messageOf } from '../shown.ts';

/** Where a command writes, by flag. */
export type OutputPaths = Readonly<Record<string, string | undefined>>;

/** Letters of a file's name that its temporary one has: a name may have 255 bytes. */
const MAX_KEPT_NAME = 50;

/** A file could not be written: names the path, and why. */
export class OutputError extends Error {
  constructor(path: string, cause: unknown, ...advice: readonly string[]) {
    super([`${path}: cannot be written: ${messageOf(cause)}.`, ...advice].join(' '), { cause });
  }
}

/**
 * Refuses outputs that would overwrite each other or an input.
 * @throws ConfigError naming both flags, or the flag and the input.
 */
export function checkDistinct(outputs: OutputPaths, inputs: readonly string[]): void {
  const taken = new Map(inputs.map((path) => [identity(path), `the input file ${path}`]));
  for (const [flag, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    if (path === '-') throw new ConfigError(`--${flag}: got "-", expected the name of a file.`);
    const other = taken.get(identity(path));
    if (other) throw new ConfigError(`--${flag}: ${path} is also ${other}; give another name.`);
    taken.set(identity(path), `the file of --${flag}`);
  }
}

/** The same for all names of a file that exists; else the path with its folder's links resolved. */
function identity(path: string): string {
  const stats = statsOf(path);
  if (stats) return `${stats.dev}:${stats.ino}`;
  const folder = dirname(resolve(path));
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : resolve(path);
}

/**
 * Makes sure, before any work is done, that each file can be written: creates the folders that are missing and puts a
 * temporary file there.
 * @throws OutputError naming the path.
 */
export function prepareOutputs(outputs: OutputPaths): void {
  for (const path of Object.values(outputs)) {
    if (path === undefined) continue;
    attempt(path, () => {
      if (/[/\\]$/.test(path) || statsOf(path)?.isDirectory())
        throw new Error('this is a folder, expected a file name');
      mkdirSync(dirname(path), { recursive: true });
      if (existsSync(path)) accessSync(path, constants.W_OK);
      if (isDevice(path)) return;
      const temporary = temporaryName(path);
      writeFileSync(temporary, '', { flag: 'wx' });
      rmSync(temporary);
    });
  }
}

/** Writes a file in one move: whoever looks sees the old content or all of the new, also after a crash. @throws OutputError naming the path. */
export function writeOutput(path: string, content: string | Uint8Array): void {
  attempt(path, () => {
    if (isDevice(path)) return writeFileSync(path, content);
    const target = existsSync(path) ? realpathSync(path) : path; // a link stays a link
    const temporary = temporaryName(target);
    try {
      writeFileSync(temporary, content, { flag: 'wx', flush: true });
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** /dev/null, a named pipe and the like are written to, never replaced. */
function isDevice(path: string): boolean {
  const stats = statsOf(path);
  return stats !== undefined && !stats.isFile();
}

/** Undefined where there is nothing, or nothing to be seen. */
function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** Beside the file, and of nobody else: machines that share a folder have processes with the same number. */
const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path).slice(0, MAX_KEPT_NAME)}.${randomUUID()}.tmp`);

function attempt(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new OutputError(path, error);
  }
}
