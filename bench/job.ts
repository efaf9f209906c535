import { readFileSync } from 'node:fs';
import { readSeries } from '../src/index.ts';

/** The tutorial's job: the S&P 500's last 1000 closes, windows of 10, LSTM(1, 32), Linear(32, 1), Adam, batch 1. */
export const WINDOW_LENGTH = 10;
export const HIDDEN_SIZE = 32;

export function tutorialSeries(): Float64Array {
  const csv = readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8');
  return readSeries(csv, { rows: 1000 }).values;
}

/**
 * Floating-point operations of one optimizer step of the job at batch N: two for each product of the gate matmuls
 * forward, twice that backward, and about twelve per parameter in Adam.
 */
export function stepFlops(batchSize: number): number {
  const [T, I, H] = [WINDOW_LENGTH, 1, HIDDEN_SIZE];
  const params = 4 * H * (I + H + 2) + H + 1;
  return 3 * batchSize * T * 2 * 4 * H * (I + H) + 12 * params;
}
