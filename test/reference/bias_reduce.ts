type Tensors = Record<'d_gates' | 'd_bias_ih' | 'd_bias_hh', Float64Array>;

/** Both biases' gradient: the sum of d_gates over time and batch. */
export function biasReduce({ R, G }: { R: number; G: number }, { d_gates, d_bias_ih, d_bias_hh }: Tensors): void {
  for (let j = 0; j < G; j++) {
    let sum = 0;
    for (let r = 0; r < R; r++) sum += d_gates[r * G + j]!;
    d_bias_ih[j] = sum;
    d_bias_hh[j] = sum;
  }
}
