import type * as Fs from 'node:fs';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { OutputError, writeOutput } from '../../src/node/output.ts';

/** Called before a temporary file takes the place of its target. */
let beforeRename: () => void;

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const renameSync: typeof Fs.renameSync = (from, to) => {
    beforeRename();
    fs.renameSync(from, to);
  };
  return { ...fs, renameSync };
});

const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-output-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  beforeRename = () => undefined;
});

const read = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('writeOutput', () => {
  test('is not disturbed by another writer with the same process number in the same folder', () => {
    beforeRename = () => {
      beforeRename = () => undefined;
      writeOutput(join(folder, 'b'), 'of b');
    };
    writeOutput(join(folder, 'a'), 'of a');
    expect([read('a'), read('b')]).toEqual(['of a', 'of b']);
    expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
  });

  test('leaves nothing behind when it fails, and takes a name as long as names may be', () => {
    const long = 'x'.repeat(255);
    writeOutput(join(folder, long), 'of x');
    expect(read(long)).toBe('of x');
    const before = readdirSync(folder);
    beforeRename = () => {
      throw new Error('no room');
    };
    expect(() => writeOutput(join(folder, long), 'more')).toThrow(OutputError);
    expect(readdirSync(folder)).toEqual(before);
    expect(read(long)).toBe('of x');
  });
});
