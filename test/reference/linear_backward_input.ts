import type { HeadDims } from '../../src/kernels/dims.ts';
import { headRows } from './linear_forward.ts';

/** d_h = d_y weight in the rows that were read, 0 in the others of time 0 to T - 1 */
export function linearBackwardInput(
  dims: HeadDims,
  { d_y, weight, lengths, d_h }: Record<'d_y' | 'weight' | 'lengths' | 'd_h', Float64Array>,
): void {
  const { N, T, H, O } = dims;
  d_h.fill(0, N * H, (T + 1) * N * H);
  for (const [r, row] of headRows(dims, lengths).entries())
    for (let j = 0; j < H; j++) for (let o = 0; o < O; o++) d_h[row * H + j]! += d_y[r * O + o]! * weight[o * H + j]!;
}
