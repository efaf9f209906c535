const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Step t: a in `gates` without biases -> i f g o in `gates`, c[t+1], h[t+1]. */
export function lstmCellForward(
  { N, H, t }: { N: number; H: number; t: number },
  {
    bias_ih,
    bias_hh,
    gates,
    c,
    h,
  }: { bias_ih: Float64Array; bias_hh: Float64Array; gates: Float64Array; c: Float64Array; h: Float64Array },
): void {
  for (let n = 0; n < N; n++)
    for (let j = 0; j < H; j++) {
      const row = (t * N + n) * 4 * H;
      const a = (gate: number) => gates[row + gate * H + j]! + bias_ih[gate * H + j]! + bias_hh[gate * H + j]!;
      const [i, f, g, o] = [sigmoid(a(0)), sigmoid(a(1)), Math.tanh(a(2)), sigmoid(a(3))];
      for (const [gate, value] of [i, f, g, o].entries()) gates[row + gate * H + j] = value;
      const next = ((t + 1) * N + n) * H + j;
      c[next] = f * c[(t * N + n) * H + j]! + i * g;
      h[next] = o * Math.tanh(c[next]);
    }
}
