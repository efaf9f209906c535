import type { CellDims } from '../../src/kernels/dims.ts';

type Tensors = Record<'gates' | 'h' | 'bias_ih' | 'bias_hh' | 'lengths', Float64Array>;

/** One step: gates before the activation -> gates, h. */
export const rnnCellForward =
  (relu: boolean) =>
  (dims: CellDims, { gates, h, bias_ih, bias_hh, lengths }: Tensors): void => {
    const { N, H, t } = dims;
    for (let n = 0; n < N; n++)
      for (let j = 0; j < H; j++) {
        const at = dims.gates + (t * N + n) * H + j;
        const a = gates[at]! + bias_ih[j]! + bias_hh[j]!;
        gates[at] = t >= lengths[n]! ? 0 : relu ? Math.max(a, 0) : Math.tanh(a);
        h[dims.h_after + n * dims.h_stride + j] = gates[at]!;
      }
  };
