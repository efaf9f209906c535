type Dims = Record<'R' | 'row' | 'first' | 'G' | 'to', number>;

/** A bias' gradient: the sum of some columns of d_gates over time and batch. */
export function biasReduce(
  { R, row, first, G, to }: Dims,
  { d_gates, d_bias }: Record<'d_gates' | 'd_bias', Float64Array>,
): void {
  for (let g = 0; g < G; g++) {
    let sum = 0;
    for (let r = 0; r < R; r++) sum += d_gates[r * row + first + g]!;
    d_bias[to + g] = sum;
  }
}
