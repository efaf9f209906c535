import type { HeadDims } from './linear_forward.ts';

/** d_weight = d_y^T h[t], d_bias = the sum of d_y over the batch */
export function linearBackwardWeight(
  { N, H, O, t }: HeadDims,
  { d_y, h, d_weight, d_bias }: { d_y: Float64Array; h: Float64Array; d_weight: Float64Array; d_bias: Float64Array },
): void {
  for (let o = 0; o < O; o++) {
    d_bias[o] = 0;
    for (let n = 0; n < N; n++) d_bias[o]! += d_y[n * O + o]!;
    for (let j = 0; j < H; j++) {
      let sum = 0;
      for (let n = 0; n < N; n++) sum += d_y[n * O + o]! * h[(t * N + n) * H + j]!;
      d_weight[o * H + j] = sum;
    }
  }
}
