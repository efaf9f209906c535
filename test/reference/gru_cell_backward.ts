import type { CellBackwardDims } from '../../src/kernels/dims.ts';

type Tensors = Record<'gates' | 'h' | 'd_h' | 'lengths', Float64Array>;

/** One step: gates, h, the gradient of h after it -> gates: the gradients before the activations; adds its part to the gradient of the previous h. */
export function gruCellBackward(dims: CellBackwardDims, { gates, h, d_h, lengths }: Tensors): void {
  const { N, H, t } = dims;
  for (let row = 0; row < N; row++)
    for (let j = 0; j < H; j++) {
      const at = (slot: number) => dims.gates + ((t * N + row) * 4 + slot) * H + j;
      if (t >= lengths[row]!) {
        for (let slot = 0; slot < 4; slot++) gates[at(slot)] = 0;
        continue;
      }
      const [r, newShare, n, q] = [0, 1, 2, 3].map((slot) => gates[at(slot)]!) as [number, number, number, number];
      const z = 1 - newShare;
      const dH = d_h[dims.d_h_after + row * dims.d_h_stride + j]!;
      const dN = dH * (1 - z) * (1 - n ** 2);
      gates[at(0)] = dN * q * r * (1 - r);
      gates[at(1)] = dH * (h[dims.h_before + row * dims.h_stride + j]! - n) * z * (1 - z);
      gates[at(2)] = dN;
      gates[at(3)] = dN * r;
      if (dims.to_before === 1) d_h[dims.d_h_before + row * dims.d_h_stride + j]! += dH * z;
    }
}
