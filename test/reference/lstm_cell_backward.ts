import type { CellBackwardDims } from '../../src/kernels/dims.ts';

type Tensors = Record<'gates' | 'c' | 'd_h' | 'd_c' | 'lengths', Float64Array>;

/** One step: gates, c, the gradients of h and c after it -> gates: the gradients before the activations; d_c before it. */
export function lstmCellBackward(dims: CellBackwardDims, { gates, c, d_h, d_c, lengths }: Tensors): void {
  const { N, H, t } = dims;
  for (let n = 0; n < N; n++)
    for (let j = 0; j < H; j++) {
      const at = (q: number) => dims.gates + ((t * N + n) * 4 + q) * H + j;
      const carried = dims.d_c + n * dims.d_c_stride + j;
      const dNext = dims.fresh === 1 ? 0 : d_c[carried]!;
      if (t >= lengths[n]!) {
        for (let q = 0; q < 4; q++) gates[at(q)] = 0;
        d_c[carried] = dNext;
        continue;
      }
      const [i, f, g, o] = [0, 1, 2, 3].map((q) => gates[at(q)]!) as [number, number, number, number];
      const tanhC = Math.tanh(c[dims.c_after + n * dims.c_stride + j]!);
      const dH = d_h[dims.d_h_after + n * dims.d_h_stride + j]!;
      const dC = dNext + dH * o * (1 - tanhC ** 2);
      gates[at(0)] = dC * g * i * (1 - i);
      gates[at(1)] = dC * c[dims.c_before + n * dims.c_stride + j]! * f * (1 - f);
      gates[at(2)] = dC * i * (1 - g ** 2);
      gates[at(3)] = dH * tanhC * o * (1 - o);
      d_c[carried] = dC * f;
    }
}
