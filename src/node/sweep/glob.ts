import { readdirSync, statSync } from 'node:fs';
import path, { type PlatformPath } from 'node:path';
import { DataError } from '../../errors.ts';

/** The file system of a pattern. */
export interface Files {
  /** The format of its paths. */
  path: PlatformPath;
  exists(file: string): boolean;
  /** The names in a folder; none if it is not a folder. */
  list(folder: string): readonly string[];
}

const here: Files = {
  path,
  exists: (file) => statSync(file, { throwIfNoEntry: false }) !== undefined,
  list(folder) {
    try {
      return readdirSync(folder);
    } catch {
      return []; // a file where the pattern has a folder
    }
  },
};

/**
 * Files that match a pattern, sorted: `*` matches any characters of a name, `?` one. The name of an existing file is not a
 * pattern.
 * @throws DataError if there is none.
 */
export function expandPattern(pattern: string, files = here): string[] {
  const { sep, parse, join } = files.path;
  const isWindows = sep === '\\';
  const { root } = parse(pattern); // may contain a question mark: \\?\C:\
  const rest = pattern.slice(root.length);
  if (!/[*?]/.test(rest) || files.exists(pattern)) return [pattern];
  let paths = [root];
  for (const part of rest.split(isWindows ? /[\\/]/ : '/').filter((name) => name !== ''))
    paths = paths.flatMap((folder) =>
      matching(folder, part).map((name) => (folder === '' ? name : join(folder, name))),
    );
  if (paths.length === 0) throw new DataError(`${pattern}: no file matches this pattern.`);
  return paths.sort();

  function matching(folder: string, part: string): readonly string[] {
    if (!/[*?]/.test(part)) return files.exists(join(folder, part)) ? [part] : [];
    const letters = new RegExp(`^${regexpOf(part)}$`, isWindows ? 'is' : 's');
    return files
      .list(folder || '.')
      .filter((name) => letters.test(name) && (part.startsWith('.') || !name.startsWith('.')));
  }
}

const regexpOf = (part: string): string =>
  part
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
