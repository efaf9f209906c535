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

/** Of a file's mode, who may read, write and run it. */
const MODE = 0o777;

/** Links that are followed, as Linux does. */
const MAX_LINKS = 40;

/** How long the reader of a pipe may take nothing. */
const MAX_PIPE_WAIT_MS = 10_000;

/** Letters of a file's name that its temporary one has: a name may have 255 bytes. */
const MAX_KEPT_NAME = 40;

/** A temporary file of another machine is left over when it is as old as this. */
const LEFT_OVER_MS = 24 * 60 * 60 * 1000;

/**
 * Writes a file in one move: whoever looks sees the old content or all of the new, also after a crash. Mode, owner and links
 * stay as they are; devices and named pipes are written to.
 * @throws Error of the system.
 */
export function writeFile(path: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const before = statsOf(path);
  if (before && !before.isFile()) writeDevice(path, bytes);
  else replace(targetOf(path), bytes, before);
}

/** @param before the file that is there. */
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

/** Makes sure that {@link writeFile} can put a file there; deletes temporary ones that a crash left behind. @throws Error of the system. */
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

/** Undefined where there is nothing, or nothing to be seen. */
export function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** Where links lead, also to a file that is not there yet. @throws Error of the system. */
export function targetOf(path: string): string {
  let target = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    if (!lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) return target;
    target = resolve(dirname(target), readlinkSync(target));
  }
  throw new Error(`more than ${MAX_LINKS} links, one after the other`);
}

/** Writes all bytes: the system may take them in parts. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Opens without waiting: a pipe may have no reader, or one that takes nothing. */
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
        if (waitedMs >= MAX_PIPE_WAIT_MS) throw new Error('its reader takes nothing', { cause: error });
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
    // only root may give files away, and some disks know no modes: the new one is the writer's
  }
}

/** The name itself must be on the disk, too. Some systems cannot do it, and say so each in its own way. */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    // the file is there
  }
}

/** Of a machine, as far as names tell machines apart. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** Beside the file, and of nobody else: machines that share a folder have processes with the same number. */
const temporaryName = (path: string): string =>
  join(
    dirname(path),
    `.${basename(path).slice(0, MAX_KEPT_NAME)}.lstm-webgpu-${HOST}-${process.pid}-${randomUUID()}.tmp`,
  );

const TEMPORARY = /\.lstm-webgpu-([0-9a-f]{8})-(\d+)-[0-9a-f-]{36}\.tmp$/;

/** Whether a file is a temporary one of a process that is gone. */
function isLeftOver(folder: string, name: string): boolean {
  const [, host, pid] = TEMPORARY.exec(name) ?? [];
  if (host === undefined) return false;
  const stats = statsOf(join(folder, name));
  return (
    stats !== undefined && (host === HOST ? !isAlive(Number(pid)) : Date.now() - Number(stats.mtimeMs) > LEFT_OVER_MS)
  );
}

/** Whether a process of this machine is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // of somebody else
  }
}
