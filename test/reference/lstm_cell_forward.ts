import type { CellDims } from '../../src/kernels/dims.ts';

type Tensors = Record<'gates' | 'c' | 'h' | 'bias_ih' | 'bias_hh' | 'lengths', Float64Array>;

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** One step: gates before the activations, c -> gates, c, h. */
export function lstmCellForward(dims: CellDims, { gates, c, h, bias_ih, bias_hh, lengths }: Tensors): void {
  const { N, H, t } = dims;
  for (let n = 0; n < N; n++)
    for (let j = 0; j < H; j++) {
      const at = (q: number) => dims.gates + ((t * N + n) * 4 + q) * H + j;
      const a = (q: number) => gates[at(q)]! + bias_ih[q * H + j]! + bias_hh[q * H + j]!;
      const [before, after] = [dims.c_before + n * dims.c_stride + j, dims.c_after + n * dims.c_stride + j];
      const ended = t >= lengths[n]!;
      const [i, f, g, o] = ended ? [0, 0, 0, 0] : [sigmoid(a(0)), sigmoid(a(1)), Math.tanh(a(2)), sigmoid(a(3))];
      for (const [q, gate] of [i, f, g, o].entries()) gates[at(q)] = gate;
      c[after] = ended ? c[before]! : f * c[before]! + i * g;
      h[dims.h_after + n * dims.h_stride + j] = ended ? 0 : o * Math.tanh(c[after]!);
    }
}
