type Tensors = Record<'gates' | 'c' | 'd_out' | 'd_h' | 'd_c' | 'd_gates', Float64Array>;

/** Step t: gates, c, d_out[t], d_h and d_c from step t + 1 -> d_gates[t] before the activations, d_c for step t - 1. */
export function lstmCellBackward(
  { N, T, H, t }: { N: number; T: number; H: number; t: number },
  { gates, c, d_out, d_h, d_c, d_gates }: Tensors,
): void {
  const isLast = t === T - 1;
  for (let n = 0; n < N; n++)
    for (let j = 0; j < H; j++) {
      const k = n * H + j;
      const gate = (index: number) => (t * N + n) * 4 * H + index * H + j;
      const [i, f, g, o] = [gates[gate(0)]!, gates[gate(1)]!, gates[gate(2)]!, gates[gate(3)]!];
      const tanhC = Math.tanh(c[(t + 1) * N * H + k]!);
      const dH = d_out[t * N * H + k]! + (isLast ? 0 : d_h[k]!);
      const dC = (isLast ? 0 : d_c[k]!) + dH * o * (1 - tanhC ** 2);
      d_gates[gate(0)] = dC * g * i * (1 - i);
      d_gates[gate(1)] = dC * c[t * N * H + k]! * f * (1 - f);
      d_gates[gate(2)] = dC * i * (1 - g ** 2);
      d_gates[gate(3)] = dH * tanhC * o * (1 - o);
      d_c[k] = dC * f;
    }
}
