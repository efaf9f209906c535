import type { CellBackwardDims, CellDims, SequenceDims } from '../../src/kernels/dims.ts';
import { gruCellBackward } from './gru_cell_backward.ts';
import { gruCellForward } from './gru_cell_forward.ts';
import { hold } from './hold.ts';
import { lstmCellBackward } from './lstm_cell_backward.ts';
import { lstmCellForward } from './lstm_cell_forward.ts';
import { rnnCellBackward } from './rnn_cell_backward.ts';
import { rnnCellForward } from './rnn_cell_forward.ts';

type Tensors = Record<string, Float64Array>;

/** A whole recurrence, composed of the twins of its parts: a product, a cell, a projection and `hold` for every step. */
export interface CellTwins {
  gates: number;
  slots: number;
  slotOf: (gate: number) => number;
  isAdded: (gate: number) => boolean;
  forward: (dims: CellDims, tensors: never) => void;
  backward: (dims: CellBackwardDims, tensors: never) => void;
}

const CELLS = {
  lstm: { gates: 4, slots: 4, slotOf: (gate: number) => gate, isAdded: () => true },
  gru: { gates: 3, slots: 4, slotOf: (gate: number) => (gate === 2 ? 3 : gate), isAdded: (gate: number) => gate < 2 },
  rnn: { gates: 1, slots: 1, slotOf: () => 0, isAdded: () => true },
};
export const lstm: CellTwins = { ...CELLS.lstm, forward: lstmCellForward, backward: lstmCellBackward };
export const gru: CellTwins = { ...CELLS.gru, forward: gruCellForward, backward: gruCellBackward };
export const rnn = (relu: boolean): CellTwins => ({
  ...CELLS.rnn,
  forward: rnnCellForward(relu),
  backward: rnnCellBackward(relu),
});

function momentOf({ T }: SequenceDims, direction: number, s: number) {
  const t = direction === 0 ? s : T - 1 - s;
  return { t, before: direction === 0 ? t : t + 2, after: t + 1 };
}

function placesOf(
  { N, D, H, P }: SequenceDims,
  direction: number,
  { before, after }: { before: number; after: number },
) {
  const [h_stride, c_stride] = [D * P, D * H];
  const h = (row: number) => row * N * h_stride + direction * P;
  const c = (row: number) => row * N * c_stride + direction * H;
  return { h_before: h(before), h_after: h(after), h_stride, c_before: c(before), c_after: c(after), c_stride };
}

const forward =
  (cell: CellTwins) =>
  (dims: SequenceDims, tensors: Tensors): void => {
    for (let direction = 0; direction < dims.D; direction++) directionForward(cell, dims, direction, tensors);
  };

/** The start of a direction's gates, and its parameter offset for offset `at` of the forward direction. */
const ownOf = (cell: CellTwins, { T, N, H, reverse }: SequenceDims, direction: number) => ({
  gates: direction * T * N * cell.slots * H,
  parameter: (at: number) => at + direction * reverse,
});

function directionForward(cell: CellTwins, dims: SequenceDims, direction: number, tensors: Tensors): void {
  const { N, T, H, P } = dims;
  const own = ownOf(cell, dims, direction);
  const { weights, gates, h, raw, lengths } = tensors as Record<
    'weights' | 'gates' | 'h' | 'raw' | 'lengths',
    Float64Array
  >;
  const isProjected = P < H;
  const bias = (from: number) =>
    dims.bias === 1
      ? weights.subarray(own.parameter(from), own.parameter(from) + cell.gates * H)
      : new Float64Array(cell.gates * H);
  const biases = { bias_ih: bias(dims.bias_ih), bias_hh: bias(dims.bias_hh) };
  for (let s = 0; s < T; s++) {
    const moment = momentOf(dims, direction, s);
    const at = placesOf(dims, direction, moment);
    for (let n = 0; n < N; n++)
      for (let gate = 0; gate < cell.gates; gate++)
        for (let j = 0; j < H; j++) {
          let sum = 0;
          for (let k = 0; k < P; k++)
            sum +=
              weights[own.parameter(dims.weight_hh) + (gate * H + j) * P + k]! * h[at.h_before + n * at.h_stride + k]!;
          const place = own.gates + ((moment.t * N + n) * cell.slots + cell.slotOf(gate)) * H + j;
          gates[place] = (cell.isAdded(gate) ? gates[place]! : 0) + sum;
        }
    const out = isProjected ? { h_after: (direction * T + moment.t) * N * H, h_stride: H } : {};
    cell.forward({ N, H, t: moment.t, gates: own.gates, ...at, ...out }, {
      ...tensors,
      ...biases,
      h: isProjected ? raw : h,
    } as never);
    if (isProjected)
      for (let n = 0; n < N; n++)
        for (let p = 0; p < P; p++) {
          let sum = 0;
          for (let j = 0; j < H; j++)
            sum +=
              weights[own.parameter(dims.weight_hr) + p * H + j]! * raw[((direction * T + moment.t) * N + n) * H + j]!;
          h[at.h_after + n * at.h_stride + p] = sum;
        }
    const carried = { source: at.h_before, to: at.h_after, stride: at.h_stride, accumulate: 0 };
    if (dims.ragged === 1) hold({ N, columns: P, t: moment.t, ...carried }, { lengths, state: h });
  }
}

const backward =
  (cell: CellTwins) =>
  (dims: SequenceDims, tensors: Tensors): void => {
    for (let direction = 0; direction < dims.D; direction++) directionBackward(cell, dims, direction, tensors);
  };

function directionBackward(cell: CellTwins, dims: SequenceDims, direction: number, tensors: Tensors): void {
  const { N, T, H, P } = dims;
  const own = ownOf(cell, dims, direction);
  type Names = 'weights' | 'gates' | 'd_h' | 'd_raw' | 'lengths';
  const { weights, gates, d_h, d_raw, lengths } = tensors as Record<Names, Float64Array>;
  const isProjected = P < H;
  for (let s = T - 1; s >= 0; s--) {
    const moment = momentOf(dims, direction, s);
    const at = placesOf(dims, direction, moment);
    const toBefore = dims.states === 1 || s > 0;
    if (isProjected)
      for (let n = 0; n < N; n++)
        for (let j = 0; j < H; j++) {
          let sum = 0;
          for (let p = 0; p < P; p++)
            sum += d_h[at.h_after + n * at.h_stride + p]! * weights[own.parameter(dims.weight_hr) + p * H + j]!;
          d_raw[(direction * N + n) * H + j] = sum;
        }
    const gradient = isProjected
      ? { d_h_before: 0, d_h_after: direction * N * H, d_h_stride: H }
      : { d_h_before: at.h_before, d_h_after: at.h_after, d_h_stride: at.h_stride };
    const flags = { fresh: dims.states === 0 && s === T - 1 ? 1 : 0, to_before: toBefore ? 1 : 0 };
    const d_c = { d_c: direction * H, d_c_stride: dims.D * H };
    const step = { N, H, t: moment.t, gates: own.gates, ...at, ...gradient, ...d_c, ...flags };
    cell.backward(step, { ...tensors, d_h: isProjected ? d_raw : d_h } as never);
    if (!toBefore) continue;
    const carried = { source: at.h_after, to: at.h_before, stride: at.h_stride, accumulate: 1 };
    hold({ N, columns: P, t: moment.t, ...carried }, { lengths, state: d_h });
    for (let n = 0; n < N; n++)
      for (let k = 0; k < P; k++) {
        let sum = 0;
        for (let gate = 0; gate < cell.gates; gate++)
          for (let j = 0; j < H; j++)
            sum +=
              gates[own.gates + ((moment.t * N + n) * cell.slots + cell.slotOf(gate)) * H + j]! *
              weights[own.parameter(dims.weight_hh) + (gate * H + j) * P + k]!;
        d_h[at.h_before + n * at.h_stride + k]! += sum;
      }
  }
}

export const lstmSequenceForward = forward(lstm);
export const lstmSequenceBackward = backward(lstm);
export const gruSequenceForward = forward(gru);
export const gruSequenceBackward = backward(gru);
export const rnnSequenceForward = (relu: boolean) => forward(rnn(relu));
export const rnnSequenceBackward = (relu: boolean) => backward(rnn(relu));
