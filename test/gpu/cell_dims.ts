import type { CellBackwardDims, CellDims } from '../../src/kernels/dims.ts';

interface Place {
  N: number;
  H: number;
  t: number;
  /** The direction, out of D. */
  direction?: number;
  directions?: number;
}

/** Step t of a forward recurrence: its states are rows t and t + 1 of [rows, N, D * H]. */
export function forwardDims({ N, H, t, direction = 0, directions = 1 }: Place): CellDims {
  const stride = directions * H;
  const [before, after] = [t * N * stride + direction * H, (t + 1) * N * stride + direction * H];
  const h = { h_before: before, h_after: after, h_stride: stride };
  return { N, H, t, gates: 0, ...h, c_before: before, c_after: after, c_stride: stride };
}

/** Gradients in the layout of the states; d_c is [N, D * H]. Another step follows, and the previous state is not an initial one. */
export function backwardDims(place: Place, flags: { fresh?: number; to_before?: number } = {}): CellBackwardDims {
  const { h_before, h_after, h_stride, ...dims } = forwardDims(place);
  const d_h = { d_h_before: h_before, d_h_after: h_after, d_h_stride: h_stride };
  const d_c = { d_c: (place.direction ?? 0) * place.H, d_c_stride: h_stride };
  return { ...dims, h_before, h_after, h_stride, ...d_h, ...d_c, fresh: 0, to_before: 1, ...flags };
}
