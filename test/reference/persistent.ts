import type { LstmPersistentBackward, LstmPersistentForward } from '../../src/kernels/dims.ts';
import { lstmTimestepBackward, lstmTimestepForward } from './timestep.ts';

type Tensors = Record<string, Float64Array>;

/** The time steps in the order of the recurrence, with the rows of the states around them. */
const stepsOf = ({ T, reverse }: { T: number; reverse: number }) =>
  Array.from({ length: T }, (_, k) => {
    const t = reverse === 1 ? T - 1 - k : k;
    return { t, before: reverse === 1 ? t + 2 : t, after: t + 1 };
  });

/** Every time step of a direction, with the twin of one; rows that have ended have a state of zero. */
export function lstmPersistentForward(dims: LstmPersistentForward['dims'], tensors: Tensors): void {
  const { N, H, gates, h_stride, c_stride } = dims;
  const { h, lengths } = tensors as Record<'h' | 'lengths', Float64Array>;
  for (const { t, before, after } of stepsOf(dims)) {
    const at = (row: number) => ({ h: dims.h + row * N * h_stride, c: dims.c + row * N * c_stride });
    const places = { h_before: at(before).h, h_after: at(after).h, c_before: at(before).c, c_after: at(after).c };
    lstmTimestepForward({ N, H, t, gates, h_stride, c_stride, ...places, K: H }, tensors);
    for (let n = 0; n < N; n++)
      if (t >= lengths[n]!) h.fill(0, places.h_after + n * h_stride, places.h_after + n * h_stride + H);
  }
}

/** The same against the order of the recurrence; the gradients of the gates have their own buffer. */
export function lstmPersistentBackward(dims: LstmPersistentBackward['dims'], tensors: Tensors): void {
  const { N, H, gates, d_h_stride, c_stride } = dims;
  const { vectors, c, d_h, lengths } = tensors as Record<'vectors' | 'c' | 'd_h' | 'lengths', Float64Array>;
  const own = tensors.gates!.slice();
  const d_c = new Float64Array(N * H);
  let next = 0;
  for (const [k, { t, before, after }] of stepsOf(dims).reverse().entries()) {
    const rows = { d_h_before: dims.d_h + before * N * d_h_stride, d_h_after: dims.d_h + after * N * d_h_stride };
    const states = { c_before: dims.c + before * N * c_stride, c_after: dims.c + after * N * c_stride, c_stride };
    const unused = { h_before: 0, h_after: 0, h_stride: 0 };
    const flags = { fresh: k === 0 ? 1 : 0, to_before: 0 };
    const product = { next, K: k === 0 ? 0 : 4 * H };
    lstmTimestepBackward(
      { N, H, t, gates, ...unused, ...states, ...rows, d_h_stride, d_c: 0, d_c_stride: H, ...flags, ...product },
      { vectors, c, d_h, lengths, d_c, gates: own },
    );
    next = gates + t * N * 4 * H;
  }
  const from = gates;
  tensors.d_gates!.set(own.subarray(from, from + dims.T * N * 4 * H), from);
}
