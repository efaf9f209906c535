import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, type PlatformPath, posix, win32 } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { expandPattern, type Files } from '../../src/node/sweep/glob.ts';

/** Files in memory, with the paths of one operating system. */
function filesOf(path: PlatformPath, names: readonly string[]): Files {
  const isWindows = path === win32;
  const same = (name: string) => (isWindows ? path.normalize(name).toLowerCase() : path.normalize(name));
  const trimmed = (folder: string) => (folder === path.parse(folder).root ? folder : folder.replace(/[\\/]$/, ''));
  const foldersOf = (name: string): string[] => {
    const folder = path.dirname(name);
    return folder === name ? [] : [folder, ...foldersOf(folder)];
  };
  const all = [...new Set(names.flatMap((name) => [name, ...foldersOf(name)]))];
  return {
    path,
    exists: (file) => all.some((name) => same(name) === trimmed(same(file))),
    list: (folder) =>
      all.flatMap(
        (name) => (same(path.dirname(name)) === trimmed(same(folder)) && name !== '.' && path.basename(name)) || [],
      ),
  };
}

describe('expandPattern', () => {
  const names = [
    'a1.csv',
    'a2.csv',
    'B.CSV',
    '.hidden.csv',
    'notes.txt',
    'in/x.csv',
    'in/y.csv',
    'out/x.csv',
    '[z]+.csv',
  ];
  const files = filesOf(posix, [...names, '/data/2024/s.csv', '/data/2025/s.csv', 'line\nbreak.csv']);
  test.each([
    ['a1.csv', ['a1.csv']],
    ['not-there.csv', ['not-there.csv']],
    ['a*.csv', ['a1.csv', 'a2.csv']],
    ['a?.csv', ['a1.csv', 'a2.csv']],
    ['.h*', ['.hidden.csv']],
    ['*/x.csv', ['in/x.csv', 'out/x.csv']],
    ['./in/*.csv', ['in/x.csv', 'in/y.csv']],
    ['in//*.csv', ['in/x.csv', 'in/y.csv']],
    ['[z]+.*', ['[z]+.csv']],
    ['line*k.csv', ['line\nbreak.csv']],
    ['/data/*/s.csv', ['/data/2024/s.csv', '/data/2025/s.csv']],
    ['/*/2024/*', ['/data/2024/s.csv']],
  ])('%j', (pattern, expected) => {
    expect(expandPattern(pattern, files)).toEqual(expected);
  });

  test('a pattern that matches no file is an error', () => {
    for (const pattern of ['b*.csv', 'a*.csv/*', 'in/z*', '*\\x.csv'])
      expect(() => expandPattern(pattern, files)).toThrow(`${pattern}: no file matches this pattern.`);
  });

  test('treats adjacent stars as one', { timeout: 20_000 }, () => {
    expect(() => expandPattern(`${'*'.repeat(200)}b`, filesOf(posix, ['a'.repeat(200)]))).toThrow('no file matches');
  });

  test('searches folders of this machine', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-glob-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'in'));
    for (const name of ['in/a.csv', 'in/b.csv', 'c.csv']) writeFileSync(join(folder, name), '');
    expect(expandPattern(join(folder, '*', '*.csv'))).toEqual([
      join(folder, 'in', 'a.csv'),
      join(folder, 'in', 'b.csv'),
    ]);
  });
});

describe('expandPattern with paths of Windows', () => {
  const here = ['a1.csv', 'A2.CSV', 'series\\x.csv', 'series\\y.csv', 'old\\x.csv'];
  const there = [
    'C:\\data\\2024\\s.csv',
    'C:\\data\\2025\\s.csv',
    '\\\\host\\share\\in\\s.csv',
    '\\\\?\\C:\\long\\s.csv',
  ];
  const files = filesOf(win32, [...here, ...there]);
  test.each([
    ['a*.csv', ['A2.CSV', 'a1.csv']],
    ['series\\*.csv', ['series\\x.csv', 'series\\y.csv']],
    ['series/*.csv', ['series\\x.csv', 'series\\y.csv']],
    ['SERIES\\*.CSV', ['SERIES\\x.csv', 'SERIES\\y.csv']],
    ['.\\*\\x.csv', ['old\\x.csv', 'series\\x.csv']],
    ['C:\\data\\*\\s.csv', ['C:\\data\\2024\\s.csv', 'C:\\data\\2025\\s.csv']],
    ['C:/data/*/s.csv', ['C:\\data\\2024\\s.csv', 'C:\\data\\2025\\s.csv']],
    ['\\\\host\\share\\*\\s.csv', ['\\\\host\\share\\in\\s.csv']],
    ['\\\\?\\C:\\long\\s.csv', ['\\\\?\\C:\\long\\s.csv']],
    ['\\\\?\\C:\\long\\*.csv', ['\\\\?\\C:\\long\\s.csv']],
  ])('%j', (pattern, expected) => {
    expect(expandPattern(pattern, files)).toEqual(expected);
  });
});
