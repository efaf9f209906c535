import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ResultsFile } from '../../src/node/sweep/results_file.ts';
import type { SweepResult } from '../../src/sweep/results.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-results-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const result = (key: string, reason = 'é'): SweepResult => ({
  ...{ key, series: 's', configuration: {}, seed: 0, fold: null, version: '0' },
  ok: false,
  reason,
});

function fill(path: string, keys: readonly string[]): void {
  const file = new ResultsFile(path);
  file.append(keys.map((key) => result(key)));
  file.close();
}

const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n');

describe('ResultsFile', () => {
  test('has one line a key, however often it is given one', () => {
    const path = join(folder, 'once.jsonl');
    fill(path, ['a', 'b']);
    const file = new ResultsFile(path);
    expect(file.append([result('b', 'again'), result('c')]).map(({ key }) => key)).toEqual(['c']);
    file.close();
    expect(linesOf(path).map((line) => line.slice(0, 10))).toEqual(['{"key":"a"', '{"key":"b"', '{"key":"c"', '']);
  });

  test.each([1, 7, 30, 95])('cuts off the last line when a crash left out %i bytes of it', (numBytes) => {
    const path = join(folder, `torn-${numBytes}.jsonl`);
    fill(path, ['a', 'b']);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - numBytes));
    const file = new ResultsFile(path);
    expect([...file.rows.keys()]).toEqual(['a']);
    file.append([result('b')]);
    file.close();
    expect(readFileSync(path)).toEqual(whole);
  });

  test('of two lines with one key the first counts, as in files joined by cat', () => {
    const path = join(folder, 'joined.jsonl');
    const lines = [result('a', 'first'), result('a', 'second')].map((row) => `${JSON.stringify(row)}\n`);
    writeFileSync(path, lines.join(''));
    const file = new ResultsFile(path);
    expect([...file.rows.values()]).toEqual([result('a', 'first')]);
    file.close();
  });

  test.each([
    ['date,close\n2024-01-01,3\n', 'line 1 is no result of a sweep: "date,close"'],
    [`${JSON.stringify(result('a'))}\n{"key":"b","ser\n${JSON.stringify(result('c'))}\n`, 'line 2 is no result'],
    ['notes', 'line 1 is no result of a sweep: "notes"'],
  ])('leaves a file of something else as it is: %j', (text, message) => {
    const path = join(folder, 'other.txt');
    writeFileSync(path, text);
    expect(() => new ResultsFile(path)).toThrow(message);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('a folder is no file', () => {
    expect(() => new ResultsFile(folder)).toThrow(/cannot be written: EISDIR/);
  });
});
