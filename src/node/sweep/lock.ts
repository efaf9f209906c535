import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { OutputError } from '../output.ts';
import { isAlive } from '../write_file.ts';

/** How often the owner touches the lock, and how long it may miss that before others take the lock over. */
const BEAT_MS = 10_000;
const STALE_MS = 60_000;

/** Identifies this process where ids repeat: in a container every run may be process 1. */
const RUN = randomUUID();

interface Owner {
  host: string;
  pid: number;
  run: string;
}

/**
 * Excludes other processes, also on other machines that share the folder, from writing the same file: with a file next to it,
 * `NAME.lock`, which only one of them can create, and which names its owner. A lock is taken over if its process has ended, or
 * has not touched it for a minute.
 */
export class FileLock {
  readonly #path: string;
  readonly #target: string;
  readonly #text: string;
  readonly #beat: NodeJS.Timeout;
  readonly #release = () => this.release();

  /** @throws OutputError if another process has it, with what to do. */
  constructor(target: string) {
    this.#target = target;
    this.#path = `${target}.lock`;
    this.#text = JSON.stringify({ host: hostname(), pid: process.pid, run: `${RUN} ${randomUUID()}` } satisfies Owner);
    this.#take();
    this.#beat = setInterval(() => this.#touch(), BEAT_MS).unref();
    process.once('exit', this.#release);
  }

  /** @throws OutputError if another process has taken it over since. */
  check(): void {
    if (textOf(this.#path) === this.#text) return;
    throw new OutputError(
      this.#target,
      `another sweep has taken over ${this.#path}, because this one did not respond for a while`,
      'Run the same command again when that one has ended.',
    );
  }

  release(): void {
    clearInterval(this.#beat);
    process.removeListener('exit', this.#release);
    if (textOf(this.#path) === this.#text) rmSync(this.#path, { force: true });
  }

  #take(): void {
    for (let tries = 0; tries < 5; tries++) {
      try {
        writeFileSync(this.#path, this.#text, { flag: 'wx' });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
          if (textOf(this.#path) === '') rmSync(this.#path, { force: true }); // created, but the disk was full
          throw new OutputError(this.#path, error);
        }
      }
      const text = textOf(this.#path);
      if (text === undefined) continue; // released meanwhile
      const owner = ownerOf(text);
      if (!isGone(owner) && this.#silentMs() < STALE_MS) throw this.#taken(owner);
      this.#remove(text);
    }
    throw this.#taken(ownerOf(textOf(this.#path) ?? ''));
  }

  /** Removes a lock as it was found; one that was created since is put back. */
  #remove(found: string): void {
    const aside = `${this.#path}.${randomUUID()}`;
    try {
      renameSync(this.#path, aside);
      if (textOf(aside) !== found) linkSync(aside, this.#path);
    } catch {
      // Another process was faster.
    } finally {
      rmSync(aside, { force: true });
    }
  }

  /** Time since its owner touched it, by the clock of the file system: the clocks of machines differ. */
  #silentMs(): number {
    const probe = `${this.#path}.${randomUUID()}`;
    try {
      writeFileSync(probe, '', { flag: 'wx' });
      return statSync(probe).mtimeMs - statSync(this.#path).mtimeMs;
    } catch {
      return 0;
    } finally {
      rmSync(probe, { force: true });
    }
  }

  #touch(): void {
    try {
      if (textOf(this.#path) === this.#text) writeFileSync(this.#path, this.#text, { flag: 'r+' });
    } catch {
      // The next write of a result detects it.
    }
  }

  #taken(owner: Owner | undefined): OutputError {
    const who = owner ? `process ${owner.pid} on ${owner.host}` : 'unknown process';
    return new OutputError(
      this.#target,
      `another sweep writes there (${who})`,
      `Give another --results-out, or wait until it has ended: if it crashed, ${this.#path} expires after a minute.`,
    );
  }
}

/** Undefined if there is none. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Undefined if the text is not that of a lock, or not yet written. */
function ownerOf(text: string): Owner | undefined {
  try {
    const { host, pid, run } = JSON.parse(text) as Owner;
    const isOwner = typeof host === 'string' && Number.isSafeInteger(pid) && pid > 0 && typeof run === 'string';
    return isOwner ? { host, pid, run } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the owner was a process of this machine that has ended. */
function isGone(owner: Owner | undefined): boolean {
  if (owner?.host !== hostname()) return false;
  if (owner.pid === process.pid) return !owner.run.startsWith(RUN);
  return !isAlive(owner.pid);
}
