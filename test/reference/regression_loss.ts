import type { LossDims } from '../../src/kernels/dims.ts';
import type { Step } from './step.ts';

export type LossTensors = Record<'y' | 'target_rows' | 'lengths' | 'd_y' | 'losses', Float64Array>;

/** Whether a row of y counts. */
export const isValid = (r: number, N: number, lengths: Float64Array, { rows }: Step): boolean =>
  r % N < rows && Math.floor(r / N) < lengths[r % N]!;

/** Losses that are a sum over elements. @param element value and slope for error = y - target. */
export const regressionLoss =
  (element: (error: number, quantile: number) => readonly [number, number]) =>
  (
    { R, N, O, Q, mean }: LossDims,
    { y, target_rows, lengths, d_y, losses, quantiles }: LossTensors & { quantiles?: Float64Array },
    step: Step,
  ): void => {
    const counts = Array.from({ length: R }, (_, r) => isValid(r, N, lengths, step));
    const count = mean === 1 ? counts.filter(Boolean).length * O * Q : 1;
    let sum = 0;
    for (let k = 0; k < R * O * Q; k++) {
      const counted = counts[Math.floor(k / (O * Q))]!;
      const error = y[k]! - target_rows[Math.floor(k / Q)]!;
      const [value, slope] = counted ? element(error, quantiles?.[k % Q] ?? 0) : [0, 0];
      sum += value;
      d_y[k] = slope / count;
    }
    losses[step.slot] = sum / count;
  };
