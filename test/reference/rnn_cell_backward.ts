import type { CellBackwardDims } from '../../src/kernels/dims.ts';

type Tensors = Record<'gates' | 'd_h' | 'lengths', Float64Array>;

/** One step: gates, the gradient of h after it -> gates: the gradient before the activation. */
export const rnnCellBackward =
  (relu: boolean) =>
  (dims: CellBackwardDims, { gates, d_h, lengths }: Tensors): void => {
    const { N, H, t } = dims;
    for (let n = 0; n < N; n++)
      for (let j = 0; j < H; j++) {
        const at = dims.gates + (t * N + n) * H + j;
        const slope = relu ? Number(!(gates[at]! <= 0)) : 1 - gates[at]! ** 2;
        gates[at] = t >= lengths[n]! ? 0 : slope * d_h[dims.d_h_after + n * dims.d_h_stride + j]!;
      }
  };
