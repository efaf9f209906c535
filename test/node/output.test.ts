import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type * as Fs from 'node:fs';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { OutputError, Outputs, prepareOutput, writeOutput } from '../../src/node/output.ts';

/** Called before a temporary file replaces its target. */
let beforeRename: (from: string) => void;

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const renameSync: typeof Fs.renameSync = (from, to) => {
    beforeRename(String(from));
    fs.renameSync(from, to);
  };
  return { ...fs, renameSync };
});

import { testWith } from '../skips.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-output-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  beforeRename = () => undefined;
});

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
const linux = testWith(isLinux ? undefined : 'Linux, with modes, owners and pipes');
const inFolder = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('writeOutput', () => {
  test('is not disturbed by another writer with the same process id in the same folder', () => {
    beforeRename = () => {
      beforeRename = () => undefined;
      writeOutput(join(folder, 'b'), 'of b');
    };
    writeOutput(join(folder, 'a'), 'of a');
    expect([read('a'), read('b')]).toEqual(['of a', 'of b']);
    expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
  });

  test('leaves nothing when it fails, and accepts a name of maximum length', () => {
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

describe('a file that is replaced', () => {
  linux('keeps its mode, and its owner where the writer may give it away', () => {
    const path = inFolder('private');
    writeFileSync(path, 'old');
    chmodSync(path, 0o600);
    if (isRoot) chownSync(path, 65534, 65534);
    writeOutput(path, 'new');
    const { mode, uid } = statSync(path);
    expect([mode & 0o777, uid]).toEqual([0o600, isRoot ? 65534 : process.getuid!()]);
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  test('stays the target of its links, even if it does not exist yet', () => {
    mkdirSync(inFolder('far'), { recursive: true });
    symlinkSync(join('far', 'target'), inFolder('one'));
    symlinkSync('one', inFolder('two'));
    expect(() => new Outputs({ a: inFolder('one'), b: inFolder('far/target') }, [])).toThrow(/the file of --a/);
    expect(() => new Outputs({ a: inFolder('two'), b: inFolder('one') }, [])).toThrow(/the file of --a/);
    prepareOutput(inFolder('two'));
    writeOutput(inFolder('two'), 'through both');
    for (const name of ['one', 'two']) expect(lstatSync(inFolder(name)).isSymbolicLink()).toBe(true);
    expect(readFileSync(inFolder('far/target'), 'utf8')).toBe('through both');
    symlinkSync('itself', inFolder('itself'));
    expect(() => prepareOutput(inFolder('itself'))).toThrow(/more than 40 links/);
  });

  test('is rejected early for a name that is too long, or a pipe without a reader', () => {
    expect(() => prepareOutput(inFolder('a'.repeat(300)))).toThrow(/ENAMETOOLONG/);
    if (!isLinux) return;
    execFileSync('mkfifo', [inFolder('pipe')]);
    expect(() => writeOutput(inFolder('pipe'), 'unread')).toThrow('pipe: cannot be written: this pipe has no reader.');
  });

  linux('may be a pipe, whose reader gets it all', async () => {
    const bytes = new Uint8Array(300_000).map((_, k) => k); // more than a pipe buffers
    execFileSync('mkfifo', [inFolder('read')]);
    const script = `exec 3<>"$0"; echo open; head -c ${bytes.length} <&3 | sha256sum`;
    const reader = spawn('sh', ['-c', script, inFolder('read')]);
    const output: string[] = [];
    reader.stdout.on('data', (text: Buffer) => output.push(text.toString()));
    await new Promise((resolve) => reader.stdout.once('data', resolve));
    writeOutput(inFolder('read'), bytes);
    await new Promise((resolve) => reader.once('close', resolve));
    const sum = execFileSync('sha256sum', { input: bytes }).toString();
    expect(output.join('')).toBe(`open\n${sum}`);
  });
});

describe('temporary files', () => {
  test('of a process that has ended are deleted by the next one; those of others stay', () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    mkdirSync(inFolder('left'));
    let ours = '';
    beforeRename = (from) => {
      ours = basename(from);
    };
    writeOutput(inFolder('left/model'), 'x');
    const of = (pid: number) => ours.replace(`-${process.pid}-`, `-${pid}-`);
    const elsewhere = of(dead).replace(/(lstm-webgpu)-[0-9a-f]{8}/, '$1-00000000');
    const names = [
      of(dead), // deleted
      of(process.pid),
      elsewhere, // of another machine, and new
      `.old${elsewhere}`, // of another machine, and old: deleted
      '.model.1234.tmp',
    ];
    for (const name of names) writeFileSync(inFolder(join('left', name)), '');
    const longAgo = new Date(Date.now() - 48 * 3600 * 1000);
    utimesSync(inFolder(join('left', names[3]!)), longAgo, longAgo);
    prepareOutput(inFolder('left/model'));
    expect(readdirSync(inFolder('left')).sort()).toEqual(['model', names[1], names[2], names[4]].sort());
  });
});

describe('Outputs', () => {
  test('tries each, whatever happened to the others, and throws all errors at the end', async () => {
    mkdirSync(inFolder('folder'));
    const outputs = new Outputs(
      { a: inFolder('folder'), 'b-out': inFolder('b'), c: undefined, d: inFolder('no/d') },
      [],
    );
    expect(await outputs.write('a', () => 'a')).toBeInstanceOf(OutputError);
    expect(await outputs.write('b-out', () => Promise.resolve('b'))).toBeUndefined();
    expect(await outputs.write('c', () => expect.unreachable())).toBeUndefined();
    await outputs.write('d', () => 'd');
    expect(outputs.files).toEqual({ a: null, b: inFolder('b'), c: null, d: null });
    expect(outputs.sentence).toBe(`Wrote ${inFolder('b')}.`);
    expect(() => outputs.check()).toThrow(AggregateError);
    mkdirSync(inFolder('no'));
    await outputs.write('d', () => 'd'); // a later success counts
    expect(() => outputs.check()).toThrow(OutputError);
  });
});
