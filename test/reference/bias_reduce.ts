type Dims = Record<'R' | 'row' | 'first' | 'G' | 'to' | 'twin', number>;

/** The gradient of a bias, and of its twin if it has one: the sum of some columns of d_gates over time and batch. */
export function biasReduce(
  { R, row, first, G, to, twin }: Dims,
  { d_gates, d_bias, d_twin }: Record<'d_gates' | 'd_bias' | 'd_twin', Float64Array>,
): void {
  for (let g = 0; g < G; g++) {
    let sum = 0;
    for (let r = 0; r < R; r++) sum += d_gates[r * row + first + g]!;
    d_bias[to + g] = sum;
    if (twin === 1) d_twin[to + g] = sum;
  }
}
