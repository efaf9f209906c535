import type { HeadDims } from '../../src/kernels/dims.ts';

/** The row of h [(T+2) * N, H] that each row of y reads. */
export function headRows({ N, T, every }: HeadDims, lengths: Float64Array): number[] {
  if (every === 1) return Array.from({ length: T * N }, (_, r) => N + r);
  return Array.from({ length: N }, (_, n) => lengths[n]! * N + n);
}

/** y = h weight^T + bias */
export function linearForward(
  dims: HeadDims,
  { h, weight, bias, lengths, y }: Record<'h' | 'weight' | 'bias' | 'lengths' | 'y', Float64Array>,
): void {
  const { H, O } = dims;
  for (const [r, row] of headRows(dims, lengths).entries())
    for (let o = 0; o < O; o++) {
      let sum = bias[o]!;
      for (let j = 0; j < H; j++) sum += h[row * H + j]! * weight[o * H + j]!;
      y[r * O + o] = sum;
    }
}
