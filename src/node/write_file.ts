import { createHash, randomUUID } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** The permission bits of a file's mode. */
const MODE = 0o777;

/** Most links that are followed, as in Linux. */
const MAX_LINKS = 40;

/** How long the reader of a pipe may pause. */
const MAX_PIPE_WAIT_MS = 10_000;

/** Characters of a file's name that are kept in its temporary name: names are limited to 255 bytes. */
const MAX_KEPT_NAME = 40;

/** A temporary file of another machine counts as left over at this age. */
const LEFT_OVER_MS = 24 * 60 * 60 * 1000;

/**
 * Writes a file atomically: readers see the old content or all of the new, also after a crash. Mode, owner and links stay as they
 * are; devices and named pipes are written to.
 * @throws the system's Error.
 */
export function writeFile(path: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const before = statsOf(path);
  if (before && !before.isFile()) writeDevice(path, bytes);
  else replace(targetOf(path), bytes, before);
}

/** @param before the existing file. */
function replace(target: string, bytes: Uint8Array, before: BigIntStats | undefined): void {
  const temporary = temporaryName(target);
  try {
    const file = openSync(temporary, 'wx', before && Number(before.mode) & MODE);
    try {
      writeAll(file, bytes);
      if (before) keepOwnerAndMode(file, before);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(target));
}

/** Checks that {@link writeFile} can put a file there; deletes temporary ones that a crash has left. @throws the system's Error. */
export function tryFile(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) if (isLeftOver(folder, name)) rmSync(join(folder, name), { force: true });
  const temporary = temporaryName(path);
  try {
    closeSync(openSync(temporary, 'wx'));
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Undefined if there is no such file, or no permission to see it. */
export function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** The target of links, even if it does not exist yet. @throws the system's Error. */
export function targetOf(path: string): string {
  let target = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    if (!lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) return target;
    target = resolve(dirname(target), readlinkSync(target));
  }
  throw new Error(`more than ${MAX_LINKS} links in a row`);
}

/** Writes all bytes: a single call may write only some of them. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Opens without waiting: a pipe may have no reader, or one that does not read. */
function writeDevice(path: string, bytes: Uint8Array): void {
  const nonBlocking = (constants.O_NONBLOCK as number | undefined) ?? 0; // Windows has none
  const file = openSync(path, constants.O_WRONLY | nonBlocking);
  try {
    let waitedMs = 0;
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(file, bytes, at);
        waitedMs = 0;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        if (waitedMs >= MAX_PIPE_WAIT_MS) throw new Error('its reader does not read', { cause: error });
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
        waitedMs += 10;
      }
    }
  } finally {
    closeSync(file);
  }
}

function keepOwnerAndMode(file: number, { uid, gid, mode }: BigIntStats): void {
  try {
    fchmodSync(file, Number(mode) & MODE);
    fchownSync(file, Number(uid), Number(gid));
  } catch {
    // only root may change the owner, and some file systems have no modes: the new file belongs to the writer
  }
}

/** The name itself must also be on the disk. Some systems cannot do this, and report it in different ways. */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    // the file itself is written
  }
}

/** Identifies this machine by its name. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** In the same folder, and unique: machines that share the folder may have processes with the same id. */
const temporaryName = (path: string): string =>
  join(
    dirname(path),
    `.${basename(path).slice(0, MAX_KEPT_NAME)}.lstm-webgpu-${HOST}-${process.pid}-${randomUUID()}.tmp`,
  );

const TEMPORARY = /\.lstm-webgpu-([0-9a-f]{8})-(\d+)-[0-9a-f-]{36}\.tmp$/;

/** Whether a file is a temporary one of a process that has ended. */
function isLeftOver(folder: string, name: string): boolean {
  const [, host, pid] = TEMPORARY.exec(name) ?? [];
  if (host === undefined) return false;
  const stats = statsOf(join(folder, name));
  return (
    stats !== undefined && (host === HOST ? !isAlive(Number(pid)) : Date.now() - Number(stats.mtimeMs) > LEFT_OVER_MS)
  );
}

/** Whether a process of this machine is running. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // a process of another user
  }
}
