import type { Step } from './step.ts';

type Tensors = Record<'series' | 'order' | 'x' | 'target_rows', Float64Array>;
type Dims = Record<'N' | 'T' | 'I' | 'O' | 'C' | 'every', number>;

/** Windows of a batch and the values that follow them, or follow each of their steps; rows past `step.rows` repeat the last one. */
export function windowGather(
  { N, T, I, O, C, every }: Dims,
  { series, order, x, target_rows }: Tensors,
  step: Step,
): void {
  for (let n = 0; n < N; n++) {
    const start = order[step.first + Math.min(n, step.rows - 1)]!;
    for (let t = 0; t < T; t++) {
      for (let i = 0; i < I; i++) x[(t * N + n) * I + i] = series[(start + t) * I + i]!;
      if (every === 0) continue;
      for (let o = 0; o < O; o++) target_rows[(t * N + n) * O + o] = series[(start + t + 1) * I + o]!;
    }
    if (every === 1) continue;
    for (let o = 0; o < O; o++) target_rows[n * O + o] = series[(start + T + Math.floor(o / C)) * I + (o % C)]!;
  }
}
