import type { HeadDims } from '../../src/kernels/dims.ts';
import { headRows } from './linear_forward.ts';

/** d_weight = d_y^T h, d_bias = the sum of d_y over rows */
export function linearBackwardWeight(
  dims: HeadDims,
  { d_y, h, lengths, d_weight, d_bias }: Record<'d_y' | 'h' | 'lengths' | 'd_weight' | 'd_bias', Float64Array>,
): void {
  const { H, O } = dims;
  d_weight.fill(0, 0, O * H);
  d_bias.fill(0, 0, O);
  for (const [r, row] of headRows(dims, lengths).entries())
    for (let o = 0; o < O; o++) {
      d_bias[o]! += d_y[r * O + o]!;
      for (let j = 0; j < H; j++) d_weight[o * H + j]! += d_y[r * O + o]! * h[row * H + j]!;
    }
}
