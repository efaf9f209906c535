import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ResultsFile } from '../../src/node/sweep/results_file.ts';
import type { SweepResult } from '../../src/sweep/results.ts';
import { trainedAs } from '../outcomes.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-results-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const job = (key: string) => ({ key, series: 's', configuration: {}, seed: 0, fold: null, version: '0' });
const result = (key: string, reason = 'é'): SweepResult => ({ ...job(key), ok: false, reason });

/** Writes a file with some results. @returns its bytes. */
function fill(path: string, keys: readonly string[]): Buffer {
  const file = new ResultsFile(path);
  file.append(keys.map((key) => result(key)));
  file.close();
  return readFileSync(path);
}

/** Reads a file, with its notes; then writes `more`, and reads the file again. */
function opened(path: string, more: readonly string[] = []): { keys: string[]; notes: string[] } {
  const notes: string[] = [];
  const file = new ResultsFile(path, undefined, (text) => notes.push(text));
  const keys = [...file.rows.keys()];
  file.append(more.map((key) => result(key)));
  file.close();
  if (more.length > 0) expect(opened(path)).toEqual({ keys: [...keys, ...more], notes: [] });
  return { keys, notes };
}

const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n');

describe('ResultsFile', () => {
  test('has one line per key, however often a key is appended', () => {
    const path = join(folder, 'once.jsonl');
    fill(path, ['a', 'b']);
    const file = new ResultsFile(path);
    expect(file.append([result('b', 'again'), result('c')]).map(({ key }) => key)).toEqual(['c']);
    file.close();
    expect(linesOf(path).map((line) => line.slice(0, 10))).toEqual(['{"key":"a"', '{"key":"b"', '{"key":"c"', '']);
  });

  test('reads what it wrote, for any result', () => {
    const path = join(folder, 'whole.jsonl');
    const { model: _, ...outcome } = trainedAs({ configuration: {}, seed: 0 });
    const trained = { ...job('b'), fold: { trainRows: -3, testRows: 5 }, series: 'tab\tquote"\u001b', ...outcome };
    const rows = [result('a', 'line\nbreak'), { ...result('c'), code: 'constant' } as const, trained];
    const file = new ResultsFile(path);
    file.append([rows[0] as SweepResult, rows[1] as SweepResult, { ...trained, model: new Uint8Array() }]);
    file.close();
    const again = new ResultsFile(path);
    expect([...again.rows.values()]).toEqual(rows);
    again.close();
  });

  test('a line that lacks only its newline is complete', () => {
    const path = join(folder, 'newline.jsonl');
    const whole = fill(path, ['a', 'b']);
    writeFileSync(path, whole.subarray(0, -1));
    expect(opened(path)).toEqual({ keys: ['a', 'b'], notes: [] });
    expect(readFileSync(path)).toEqual(whole);
  });

  test('of two lines with one key the first counts, as in files joined by cat', () => {
    const [one, two, joined] = ['one', 'two', 'joined'].map((name) => join(folder, `${name}.jsonl`));
    const parts = [fill(one!, ['a', 'b']), fill(two!, ['b', 'c'])];
    writeFileSync(joined!, Buffer.concat(parts));
    expect(opened(joined!)).toEqual({ keys: ['a', 'b', 'c'], notes: [] });
  });

  describe('moves a damaged line aside with a note, and keeps the next one', () => {
    const lines = (bytes: Buffer) => bytes.toString('latin1').split('\n');
    const damage: [name: string, change: (bytes: Buffer) => Buffer | string, kept: string[], reason: string][] = [
      ['torn a byte before its end', (bytes) => bytes.subarray(0, -2), ['a'], 'line 2 (cut off)'],
      ['torn in the middle', (bytes) => bytes.subarray(0, -95), ['a'], 'line 2 (cut off)'],
      [
        'torn at its beginning',
        (bytes) => bytes.subarray(0, bytes.indexOf(10) + 3),
        ['a'],
        'line 2 (not a result of a sweep)',
      ],
      ['zeros after the last', (bytes) => Buffer.concat([bytes, Buffer.alloc(300)]), ['a', 'b'], 'line 3 (only zeros)'],
      [
        'zeros before a line',
        (bytes) => bytes.toString('latin1').replace('\n', '\n\0\0\0'),
        ['a'],
        'line 2 (not a result',
      ],
      [
        'zeros in a torn line',
        (bytes) => Buffer.concat([bytes.subarray(0, -50), Buffer.alloc(50)]),
        ['a'],
        'line 2 (cut off)',
      ],
      [
        'a Latin-1 byte',
        (bytes) => Buffer.from(bytes.toString('utf8'), 'latin1'),
        [],
        'line 1 (The encoded data was not valid',
      ],
      [
        'a Latin-1 byte and a torn tail',
        (bytes) => Buffer.from(`${lines(bytes)[0]!.replace('Ã©', 'é')}\n${lines(bytes)[1]}\n{"ke`, 'latin1'),
        ['b'],
        'line 1',
      ],
      [
        'a bit of a number',
        (bytes) => bytes.toString('latin1').replace('"seed":0', '"seed":1'),
        ['b'],
        'line 1 (wrong checksum',
      ],
      ['a bit of the key', (bytes) => bytes.toString('latin1').replace('"a"', '"c"'), ['b'], 'line 1 (wrong checksum'],
      [
        'a bit of a digit of it',
        (bytes) => bytes.toString('latin1').replace(/"sha256":"./, '"sha256":"x'),
        ['b'],
        'line 1 (cut off)',
      ],
      [
        'a bit of its name',
        (bytes) => bytes.toString('latin1').replace('"sha256"', '"sha257"'),
        ['b'],
        'line 1 (cut off)',
      ],
      ['two lines in one', (bytes) => bytes.toString('latin1').replace('\n', ''), [], 'line 1 (wrong checksum'],
    ];
    test.each(damage)('%s', (name, change, kept, reason) => {
      const path = join(folder, `${name.replaceAll(' ', '-')}.jsonl`);
      const changed = change(fill(path, ['a', 'b']));
      writeFileSync(path, typeof changed === 'string' ? Buffer.from(changed, 'latin1') : changed);
      const { keys, notes } = opened(path, ['d']);
      expect(keys).toEqual(kept);
      expect(notes).toEqual([expect.stringContaining(reason)]);
      expect(notes[0]).toContain(`Moved to ${path}.damaged; the jobs will be done again.`);
      expect(existsSync(`${path}.damaged`)).toBe(true);
    });
  });

  test('every bit matters', () => {
    const path = join(folder, 'bits.jsonl');
    const bytes = fill(path, ['a', 'b']);
    const first = bytes.indexOf(10) + 1;
    for (let place = first; place < bytes.length - 1; place += 3) {
      const flipped = Buffer.from(bytes);
      flipped[place]! ^= 1 << (place % 8);
      writeFileSync(path, flipped);
      expect(opened(path).keys, `byte ${place}`).toEqual(['a']);
    }
  });

  test.each([
    ['date,close\n2024-01-01,3\n', 'line 1 is not a result of a sweep: "date,close"'],
    ['{"key":"b","value":3}\n', 'line 1 is not a result of a sweep: "{\\"key\\":\\"b\\",\\"value\\":3}"'],
    ['notes', 'line 1 is not a result of a sweep: "notes"'],
  ])('leaves a file with other content unchanged: %j', (text, message) => {
    const path = join(folder, 'other.txt');
    writeFileSync(path, text);
    expect(() => new ResultsFile(path)).toThrow(message);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test('a folder, a pipe and a device are rejected', () => {
    expect(() => new ResultsFile(folder)).toThrow(/cannot be written: EISDIR/);
    expect(() => new ResultsFile('/dev/null')).toThrow('this is a pipe or a device, expected a file');
    const pipe = join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    expect(() => new ResultsFile(pipe)).toThrow('this is a pipe or a device, expected a file');
  });

  test('a key cannot be a path, and a model does not replace a link', () => {
    const models = join(folder, 'models');
    mkdirSync(models);
    const file = new ResultsFile(join(folder, 'links.jsonl'), models);
    const trained = (key: string): SweepResult => ({ ...job(key), ...trainedAs({ configuration: {}, seed: 0 }) });
    expect(() => file.append([trained('../escaped')])).toThrow('key: got "../escaped"');
    symlinkSync(join(folder, 'elsewhere'), join(models, 'a.safetensors'));
    expect(() => file.append([trained('a')])).toThrow('this is a link, expected a model or nothing');
    expect(file.append([trained('b')])).toHaveLength(1);
    file.close();
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
  });
});

describe('the lock of a results file', () => {
  const lockOf = (path: string, owner: object) => writeFileSync(`${path}.lock`, JSON.stringify(owner));
  const other = { host: 'elsewhere', pid: 1, run: 'x' };

  test('keeps a second sweep out until the first has ended, also under another name of the file', () => {
    const path = join(folder, 'locked.jsonl');
    const link = join(folder, 'link.jsonl');
    const file = new ResultsFile(path);
    symlinkSync(path, link);
    const who = `another sweep writes there (process ${process.pid} on ${hostname()})`;
    for (const name of [path, link]) expect(() => new ResultsFile(name)).toThrow(who);
    file.close();
    expect(opened(link, ['a']).keys).toEqual([]);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test.each([
    ['of another machine', other],
    ['of a process that is there', { ...other, host: hostname(), pid: process.ppid }],
    ['that is not written yet', {}],
  ])('is kept for a minute: one %s', (name, owner) => {
    const path = join(folder, `${name}.jsonl`);
    lockOf(path, owner);
    expect(() => new ResultsFile(path)).toThrow(`${path}.lock expires after a minute.`);
    const minuteAgo = Date.now() / 1000 - 61;
    utimesSync(`${path}.lock`, minuteAgo, minuteAgo);
    expect(opened(path, ['a']).keys).toEqual([]);
  });

  test.each([
    ['of a process that is gone', { ...other, host: hostname(), pid: spawnSync(process.execPath, ['-e', '']).pid }],
    ['of another process that had this number', { ...other, host: hostname(), pid: process.pid }],
  ])('is taken over at once: one %s', (name, owner) => {
    const path = join(folder, `${name}.jsonl`);
    lockOf(path, owner);
    expect(opened(path, ['a']).keys).toEqual([]);
  });

  test('a sweep whose lock was taken over stops writing, and leaves the new lock alone', () => {
    const path = join(folder, 'lost.jsonl');
    const file = new ResultsFile(path);
    file.append([result('a')]);
    lockOf(path, other);
    expect(() => file.append([result('b')])).toThrow(`another sweep has taken over ${path}.lock`);
    file.close();
    expect(readFileSync(`${path}.lock`, 'utf8')).toBe(JSON.stringify(other));
    expect(linesOf(path)).toHaveLength(2);
  });
});
