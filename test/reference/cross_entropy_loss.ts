import type { LossDims } from '../../src/kernels/dims.ts';
import { isValid, type LossTensors } from './regression_loss.ts';
import type { Step } from './step.ts';

/** Negative log-likelihood of classes under softmax(y), and its gradient. */
export function crossEntropyLoss(
  { R, N, O, mean }: LossDims,
  { y, target_rows, lengths, d_y, losses }: LossTensors,
  step: Step,
): void {
  const valid = Array.from({ length: R }, (_, r) => r).filter((r) => isValid(r, N, lengths, step));
  const count = mean === 1 ? valid.length : 1;
  let sum = 0;
  d_y.fill(0, 0, R * O);
  for (const r of valid) {
    const row = y.subarray(r * O, (r + 1) * O);
    const largest = Math.max(...row);
    const logTotal = Math.log(row.reduce((total, value) => total + Math.exp(value - largest), 0)) + largest;
    const target = target_rows[r]!;
    sum += logTotal - row[target]!;
    for (let o = 0; o < O; o++) d_y[r * O + o] = (Math.exp(row[o]! - logTotal) - (o === target ? 1 : 0)) / count;
  }
  losses[step.slot] = sum / count;
}
