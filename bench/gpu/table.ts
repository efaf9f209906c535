import { median } from '../contender.ts';

/** Times of an optimizer step of all models, in microseconds, one of each round. */
export interface StepTimes {
  gpuUs: readonly number[];
  hostUs: readonly number[];
}

/** Why there is no number. */
export type Missing = 'not here' | 'skipped' | 'failed' | '-';

type Peer = 'eager' | 'graph' | 'jax';

/** Of the peers, median microseconds per step. */
export type PeerUs = Readonly<Record<Peer, number | Missing>>;

/** While slices follow each other, a step takes as long as the slower of the two: the host encodes the next while the device runs one. */
export const stepUs = ({ gpuUs, hostUs }: StepTimes): number => Math.max(median(gpuUs), median(hostUs));

/** How many times as long as the fastest. @returns undefined if there is none. */
export function timesFastest(own: number, all: readonly number[]): number | undefined {
  return all.length === 0 ? undefined : own / Math.min(...all);
}

/** How many times as long as a peer. @returns undefined if the peer has no number. */
export const timesPeer = (own: number, peer: number | Missing): number | undefined =>
  typeof peer === 'number' ? own / peer : undefined;

/** Whether losses agree, within the rounding of f32 over a few steps. */
export const agree = (one: readonly number[], other: readonly number[]): boolean =>
  one.slice(0, other.length).every((loss, k) => Math.abs(loss - other[k]!) <= 1e-3 * Math.abs(other[k]!));

/** Three significant digits, without an exponent. */
export function digits(value: number | Missing | undefined): string {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : Number(value.toPrecision(3)).toLocaleString('en', DIGITS);
}
const DIGITS = { maximumSignificantDigits: 3 };

/** A column of the table: its title over at most two lines, and its width. */
export interface Column {
  title: readonly [string, string];
  width: number;
  left?: boolean;
}

export const COLUMNS = {
  row: { title: ['', 'training step'], width: 38, left: true },
  plan: { title: ['', 'plan'], width: 11, left: true },
  min: { title: ['us', 'min'], width: 8 },
  median: { title: ['us', 'median'], width: 8 },
  host: { title: ['host', 'us'], width: 8 },
  dispatches: { title: ['dis-', 'patches'], width: 8 },
  tflops: { title: ['TFLOP', '/s'], width: 8 },
  share: { title: ['of', 'FMA'], width: 7 },
  fastest: { title: ['x', 'fastest'], width: 8 },
  graphRatio: { title: ['x CUDA', 'graph'], width: 8 },
  eager: { title: ['PyTorch', 'eager'], width: 9 },
  graph: { title: ['PyTorch', 'graph'], width: 9 },
  jax: { title: ['JAX', 'scan'], width: 9 },
  mhz: { title: ['card', 'MHz'], width: 12 },
  note: { title: ['', 'note'], width: 0, left: true },
} as const satisfies Record<string, Column>;

export type Cells = Partial<Record<keyof typeof COLUMNS, string>>;

/** A line of the table; a column without a cell is empty. */
export function lineOf(cells: Cells): string {
  const padded = Object.entries(COLUMNS).map(([name, column]) => {
    const cell = cells[name as keyof typeof COLUMNS] ?? '';
    return 'left' in column ? cell.padEnd(column.width) : cell.padStart(column.width);
  });
  return padded.join(' ').trimEnd();
}

/** The two lines of titles. */
export const heading = (): string[] =>
  [0, 1].map((at) =>
    lineOf(Object.fromEntries(Object.entries(COLUMNS).map(([name, { title }]) => [name, title[at]])) as Cells),
  );
