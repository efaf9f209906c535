// Files that are unpacked once and then run, out of the reach of others who use the machine.
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

/** What every file held when it was unpacked, in the form of `sha256sum`. */
const SUMS = 'SHA256SUMS';

/** What was in the place of a folder, until it goes. */
const BEFORE = '.before';

/** Write permission of the group and of others. */
const OTHERS_WRITE = 0o022;

/** Whether nobody else can have written it: this user's, or root's, no link, and not open to others. */
export function isOwn(stats: Stats): boolean {
  const isMine = [process.getuid?.(), 0].includes(stats.uid);
  return isMine && !stats.isSymbolicLink() && (stats.mode & OTHERS_WRITE) === 0;
}

/**
 * A folder that only this user can write: below the cache folder of the user, or where there is none, a new one for this
 * process, which goes with it.
 */
function privateFolder(): string {
  const { XDG_CACHE_HOME } = process.env;
  const folder = join(XDG_CACHE_HOME?.startsWith('/') ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'lstm-webgpu');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isOwn(lstatSync(folder))) return folder;
  } catch {
    // a user without a home, or with one that cannot be written
  }
  const own = mkdtempSync(join(tmpdir(), 'lstm-webgpu-'));
  process.once('exit', () => rmSync(own, { recursive: true, force: true }));
  return own;
}

let cache: string | undefined;

/**
 * Unpacks something once, for every process of this user. What is there already is used only while it is this user's own, and
 * every file holds what it held when it was unpacked.
 * @param name of the folder; of another content another name. @param unpack writes the files into a folder.
 * @returns the folder.
 */
export async function unpackedOnce(name: string, unpack: (folder: string) => Promise<void> | void): Promise<string> {
  cache ??= privateFolder();
  const folder = join(cache, name);
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
 * Fills a folder beside its place and puts it there when it is whole, so that many processes may do so at once. Only the user can
 * read it.
 * @param isDone whether another process was first.
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

/** A line for each file below a folder. @throws Error for one that others can have written. */
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
