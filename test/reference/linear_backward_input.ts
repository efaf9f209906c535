import type { HeadDims } from './linear_forward.ts';

/** d_out[t] = d_y weight */
export function linearBackwardInput(
  { N, H, O, t }: HeadDims,
  { d_y, weight, d_out }: { d_y: Float64Array; weight: Float64Array; d_out: Float64Array },
): void {
  for (let n = 0; n < N; n++)
    for (let j = 0; j < H; j++) {
      let sum = 0;
      for (let o = 0; o < O; o++) sum += d_y[n * O + o]! * weight[o * H + j]!;
      d_out[(t * N + n) * H + j] = sum;
    }
}
