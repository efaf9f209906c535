import type { CellDims } from '../../src/kernels/dims.ts';
import { sigmoid } from './lstm_cell_forward.ts';

type Tensors = Record<'gates' | 'h' | 'bias_ih' | 'bias_hh' | 'lengths', Float64Array>;

/** One step: gates before the activations and W_hn h, h -> gates, h. */
export function gruCellForward(dims: CellDims, { gates, h, bias_ih, bias_hh, lengths }: Tensors): void {
  const { N, H, t } = dims;
  for (let row = 0; row < N; row++)
    for (let j = 0; j < H; j++) {
      const at = (slot: number) => dims.gates + ((t * N + row) * 4 + slot) * H + j;
      const after = dims.h_after + row * dims.h_stride + j;
      if (t >= lengths[row]!) {
        for (let slot = 0; slot < 4; slot++) gates[at(slot)] = 0;
        h[after] = 0;
        continue;
      }
      const r = sigmoid(gates[at(0)]! + bias_ih[j]! + bias_hh[j]!);
      const z = sigmoid(gates[at(1)]! + bias_ih[H + j]! + bias_hh[H + j]!);
      const q = gates[at(3)]! + bias_hh[2 * H + j]!;
      const n = Math.tanh(gates[at(2)]! + bias_ih[2 * H + j]! + r * q);
      for (const [slot, gate] of [r, 1 - z, n, q].entries()) gates[at(slot)] = gate;
      h[after] = (1 - z) * n + z * h[dims.h_before + row * dims.h_stride + j]!;
    }
}
