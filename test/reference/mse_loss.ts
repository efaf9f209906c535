import type { Step } from './step.ts';

type Tensors = Record<'y' | 'target_rows' | 'd_y' | 'losses', Float64Array>;

/** Mean squared error of the first `step.rows` rows, and its gradient; the rows after them have none. */
export function mseLoss(
  { N, O }: { N: number; O: number },
  { y, target_rows, d_y, losses }: Tensors,
  step: Step,
): void {
  const count = step.rows * O;
  let sum = 0;
  for (let k = 0; k < N * O; k++) {
    const error = k < count ? y[k]! - target_rows[k]! : 0;
    d_y[k] = (2 * error) / count;
    sum += error ** 2;
  }
  losses[step.slot] = sum / count;
}
