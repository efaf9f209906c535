import type { Step } from './step.ts';

type Names = 'inputs' | 'targets' | 'sample_lengths' | 'order' | 'x' | 'target_rows' | 'lengths';

/** Sequences of a batch with their targets and lengths; rows past `step.rows` repeat the last one. */
export function sampleGather(
  { N, T, TT, I, K }: Record<'N' | 'T' | 'TT' | 'I' | 'K', number>,
  { inputs, targets, sample_lengths, order, x, target_rows, lengths }: Record<Names, Float64Array>,
  step: Step,
): void {
  for (let n = 0; n < N; n++) {
    const sample = order[step.first + Math.min(n, step.rows - 1)]!;
    lengths[n] = sample_lengths[sample]!;
    for (let t = 0; t < T; t++)
      for (let i = 0; i < I; i++) x[(t * N + n) * I + i] = t < lengths[n]! ? inputs[(sample * T + t) * I + i]! : 0;
    for (let t = 0; t < TT; t++)
      for (let k = 0; k < K; k++) target_rows[(t * N + n) * K + k] = targets[(sample * TT + t) * K + k]!;
  }
}
