// Files that are unpacked once and then run, where other users of the machine cannot change them.
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Checksums of all files as they were unpacked, in the format of `sha256sum`. */
const SUMS = 'SHA256SUMS';

/** An earlier folder of the same name, until it is removed. */
const BEFORE = '.before';

/** Write permission of the group and of others. */
const OTHERS_WRITE = 0o022;

/** Whether no other user can have written it: owned by this user or root, not a link, and not writable by others. */
export function isOwn(stats: Stats): boolean {
  const isMine = [process.getuid?.(), 0].includes(stats.uid);
  return isMine && !stats.isSymbolicLink() && (stats.mode & OTHERS_WRITE) === 0;
}

/**
 * A folder that only this user can write: in the user's cache folder, or if there is none, a new one that is removed when the
 * process ends.
 */
function privateFolder(): string {
  const { XDG_CACHE_HOME } = process.env;
  const folder = join(XDG_CACHE_HOME?.startsWith('/') ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'lstm-webgpu');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isOwn(lstatSync(folder))) return folder;
  } catch {
    // no home folder, or not writable
  }
  const own = mkdtempSync(join(tmpdir(), 'lstm-webgpu-'));
  process.once('exit', () => rmSync(own, { recursive: true, force: true }));
  return own;
}

let cache: string | undefined;

/** The same folder for the whole process. */
export const cacheFolder = (): string => {
  cache ??= privateFolder();
  return cache;
};

/**
 * Unpacks files once for all processes of this user. An existing folder is used only if it is this user's own and its checksums
 * are right.
 * @param name of the folder; different for different content. @param unpack writes the files into a folder.
 * @returns the folder.
 */
export async function unpackedOnce(name: string, unpack: (folder: string) => Promise<void> | void): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (isWhole(folder)) return folder;
  const fill = async (stage: string) => {
    await unpack(stage);
    writeFileSync(join(stage, SUMS), sumsOf(stage));
    if (existsSync(folder) && !isWhole(folder)) renameSync(folder, join(stage, BEFORE));
  };
  await inPlaceWhenWhole(folder, fill, () => isWhole(folder));
  rmSync(join(folder, BEFORE), { recursive: true, force: true });
  return folder;
}

/**
 * Fills a temporary folder and renames it when it is complete, so that several processes may do so at once. Only the user can read
 * it.
 * @param isDone whether another process was faster.
 */
export async function inPlaceWhenWhole(
  folder: string,
  fill: (stage: string) => Promise<void> | void,
  isDone = () => existsSync(folder),
): Promise<void> {
  const stage = mkdtempSync(`${folder}.`); // of mode 0700
  try {
    await fill(stage);
    renameSync(stage, folder);
  } catch (error) {
    if (!isDone()) throw error;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function isWhole(folder: string): boolean {
  try {
    return isOwn(lstatSync(folder)) && readFileSync(join(folder, SUMS), 'utf8') === sumsOf(folder);
  } catch {
    return false;
  }
}

/** A line for each file in a folder. @throws Error for one that others can write. */
function sumsOf(folder: string): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path !== SUMS);
  const lines = paths.sort().flatMap((path) => {
    const stats = lstatSync(join(folder, path));
    if (!isOwn(stats)) throw new Error(`${join(folder, path)} can be written by others`);
    if (stats.isDirectory()) return [];
    return [
      `${createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex')}  ${path}\n`,
    ];
  });
  return lines.join('');
}
