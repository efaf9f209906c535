import type { Step } from './step.ts';

type Tensors = Record<'y' | 'order' | 'series', Float64Array>;
type Dims = Record<'T' | 'I' | 'ahead' | 'Q' | 'q', number>;

/** The forecast of a window becomes the first column of the rows after it: of Q sorted quantiles the one at index q. */
export function roll({ T, I, ahead, Q, q }: Dims, { y, order, series }: Tensors, step: Step): void {
  const start = order[step.first]!;
  for (let j = 0; j < ahead; j++) series[(start + T + j) * I] = y.slice(j * Q, (j + 1) * Q).sort()[q]!;
}
