type Dims = Record<'N' | 'columns' | 't' | 'source' | 'to' | 'stride' | 'accumulate', number>;

/** Copies the state of rows that have ended to another row of states, or adds it. */
export function hold(
  { N, columns, t, source, to, stride, accumulate }: Dims,
  { lengths, state }: Record<'lengths' | 'state', Float64Array>,
): void {
  for (let n = 0; n < N; n++)
    for (let j = 0; j < columns; j++) {
      if (t < lengths[n]!) continue;
      const at = n * stride + j;
      state[to + at] = (accumulate === 1 ? state[to + at]! : 0) + state[source + at]!;
    }
}
