export interface HeadDims {
  N: number;
  H: number;
  O: number;
  t: number;
}

/** y = h[t] weight^T + bias */
export function linearForward(
  { N, H, O, t }: HeadDims,
  { h, weight, bias, y }: { h: Float64Array; weight: Float64Array; bias: Float64Array; y: Float64Array },
): void {
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++) {
      let sum = bias[o]!;
      for (let j = 0; j < H; j++) sum += h[(t * N + n) * H + j]! * weight[o * H + j]!;
      y[n * O + o] = sum;
    }
}
