import type { TimestepBackwardDims, TimestepForwardDims } from '../../src/kernels/dims.ts';
import { hold } from './hold.ts';
import { type CellTwins, gru, lstm, rnn } from './sequence.ts';

type Tensors = Record<string, Float64Array>;

/** W_hh[gate, j, k] in the vectors that a forward kernel reads. */
type WeightAt = (vectors: Float64Array, H: number, gate: number, j: number, k: number) => number;

const gatesInFours: WeightAt = (vectors, H, gate, j, k) => vectors[(k * H + j) * 4 + gate]!;
const unitsInFours: WeightAt = (vectors, H, _, j, k) => vectors[k * Math.ceil(H / 4) * 4 + j]!;

/** One time step, composed of the twins of its parts: a product, a cell and `hold`. */
const forward =
  (cell: CellTwins, weightAt: WeightAt) =>
  ({ K, ...dims }: TimestepForwardDims, tensors: Tensors): void => {
    const { N, H, t } = dims;
    const { vectors, gates, h, lengths } = tensors as Record<'vectors' | 'gates' | 'h' | 'lengths', Float64Array>;
    for (let n = 0; n < N; n++)
      for (let gate = 0; gate < cell.gates; gate++)
        for (let j = 0; j < H; j++) {
          let sum = 0;
          for (let k = 0; k < K; k++)
            sum += h[dims.h_before + n * dims.h_stride + k]! * weightAt(vectors, H, gate, j, k);
          const at = dims.gates + ((t * N + n) * cell.slots + cell.slotOf(gate)) * H + j;
          gates[at] = (cell.isAdded(gate) ? gates[at]! : 0) + sum;
        }
    cell.forward(dims, tensors as never);
    const carried = { source: dims.h_before, to: dims.h_after, stride: dims.h_stride, accumulate: 0 };
    hold({ N, columns: H, t, ...carried }, { lengths, state: h });
  };

const backward =
  (cell: CellTwins) =>
  ({ K, next, ...dims }: TimestepBackwardDims, tensors: Tensors): void => {
    const { N, H, t } = dims;
    const { vectors, gates, d_h, lengths } = tensors as Record<'vectors' | 'gates' | 'd_h' | 'lengths', Float64Array>;
    for (let n = 0; n < N; n++)
      for (let j = 0; j < H; j++) {
        let sum = 0;
        for (let k = 0; k < K; k++) {
          const [gate, unit] = [Math.floor(k / H), k % H];
          const dGate = gates[next + (n * cell.slots + cell.slotOf(gate)) * H + unit]!;
          sum += dGate * vectors[k * Math.ceil(H / 4) * 4 + j]!;
        }
        d_h[dims.d_h_after + n * dims.d_h_stride + j]! += sum;
      }
    cell.backward(dims, tensors as never);
    if (dims.to_before === 0) return;
    const carried = { source: dims.d_h_after, to: dims.d_h_before, stride: dims.d_h_stride, accumulate: 1 };
    hold({ N, columns: H, t, ...carried }, { lengths, state: d_h });
  };

export const lstmTimestepForward = forward(lstm, gatesInFours);
export const gruTimestepForward = forward(gru, gatesInFours);
export const rnnTimestepForward = (relu: boolean) => forward(rnn(relu), unitsInFours);
export const lstmTimestepBackward = backward(lstm);
export const gruTimestepBackward = backward(gru);
export const rnnTimestepBackward = (relu: boolean) => backward(rnn(relu));
