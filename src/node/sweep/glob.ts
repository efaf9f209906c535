import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';

/**
 * Files that a pattern names, sorted: `*` stands for any letters of a name, `?` for one. A name that is there counts as it
 * stands.
 * @throws DataError when there is none.
 */
export function expandPattern(pattern: string): string[] {
  const exists = statSync(pattern, { throwIfNoEntry: false }) !== undefined;
  if (exists || !/[*?]/.test(pattern)) return [pattern];
  let paths = [pattern.startsWith('/') ? '/' : ''];
  for (const part of pattern.split('/').filter((name) => name !== ''))
    paths = paths.flatMap((folder) => matching(folder, part).map((name) => join(folder, name)));
  if (paths.length === 0) throw new DataError(`${pattern}: no file fits this pattern.`);
  return paths.sort();
}

function matching(folder: string, part: string): string[] {
  if (!/[*?]/.test(part)) return statSync(join(folder, part), { throwIfNoEntry: false }) ? [part] : [];
  const escaped = part
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const letters = new RegExp(`^${escaped}$`);
  try {
    return readdirSync(folder || '.').filter(
      (name) => letters.test(name) && (part.startsWith('.') || !name.startsWith('.')),
    );
  } catch {
    return []; // a file where the pattern has a folder
  }
}
