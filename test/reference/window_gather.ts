import type { Step } from './step.ts';

type Tensors = Record<'series' | 'order' | 'x' | 'target_rows', Float64Array>;

/** Windows of a batch and what follows them, or each of their steps; rows past `step.rows` repeat the last one. */
export function windowGather(
  { N, T, I, O, every }: { N: number; T: number; I: number; O: number; every: number },
  { series, order, x, target_rows }: Tensors,
  step: Step,
): void {
  for (let n = 0; n < N; n++) {
    const start = order[step.first + Math.min(n, step.rows - 1)]!;
    for (let t = 0; t < T; t++) {
      for (let i = 0; i < I; i++) x[(t * N + n) * I + i] = series[(start + t) * I + i]!;
      const row = every === 1 ? t * N + n : n;
      for (let o = 0; o < O; o++) target_rows[row * O + o] = series[(start + t + 1) * I + o]!;
    }
  }
}
