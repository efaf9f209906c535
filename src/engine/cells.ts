import type { Kernel } from '../gpu/kernel.ts';
import type {
  CellBackwardDims,
  CellDims,
  SequenceDims,
  TimestepBackwardDims,
  TimestepForwardDims,
} from '../kernels/dims.ts';
import {
  gruCellBackward,
  gruCellForward,
  gruSequenceBackward,
  gruSequenceForward,
  gruTimestepBackward,
  gruTimestepForward,
  lstmCellBackward,
  lstmCellForward,
  lstmSequenceBackward,
  lstmSequenceForward,
  lstmTimestepBackward,
  lstmTimestepForward,
  rnnCellBackward,
  rnnCellForward,
  rnnSequenceBackward,
  rnnSequenceForward,
  rnnTimestepBackward,
  rnnTimestepForward,
} from '../kernels/index.ts';
import type { CellName } from '../model/config.ts';
import type { Fours } from './timestep_tile.ts';

/** Gate rows of a weight matrix, and the slots of the gate buffer [T, N, slots, H] where their products go. */
export interface GateBlock {
  gate: number;
  slot: number;
  count: number;
  /** Added to the products of the input, already in the slots. */
  accumulate?: boolean;
}

/** A cell in the engine: a pair of kernels for one step, one for its product, too, and one for all steps, and where the products of weights and inputs go. */
export interface Cell {
  forward: Kernel<CellDims>;
  backward: Kernel<CellBackwardDims>;
  /** All time steps in one dispatch. */
  sequenceForward: Kernel<SequenceDims>;
  sequenceBackward: Kernel<SequenceDims>;
  /** One step with its product, for GPUs. */
  timestepForward: Kernel<TimestepForwardDims>;
  timestepBackward: Kernel<TimestepBackwardDims>;
  /** The sums that its forward product computes together. */
  fours: Fours;
  overrides?: Readonly<Record<string, number>>;
  slots: number;
  /** Products of weight_ih and the input. */
  fromInput: readonly GateBlock[];
  /** Products of weight_hh and the previous state. */
  fromState: readonly GateBlock[];
  /** Both biases are added to the same sums, and have the same gradient. */
  biasesMeet: boolean;
}

const lstm: Cell = {
  forward: lstmCellForward,
  backward: lstmCellBackward,
  sequenceForward: lstmSequenceForward,
  sequenceBackward: lstmSequenceBackward,
  timestepForward: lstmTimestepForward,
  timestepBackward: lstmTimestepBackward,
  fours: 'gates',
  slots: 4,
  fromInput: [{ gate: 0, slot: 0, count: 4 }],
  fromState: [{ gate: 0, slot: 0, count: 4, accumulate: true }],
  biasesMeet: true,
};

/** Its n = tanh(W_in x + b_in + r * (W_hn h + b_hn)) needs the state's part separately, in its own slot. */
const gru: Cell = {
  forward: gruCellForward,
  backward: gruCellBackward,
  sequenceForward: gruSequenceForward,
  sequenceBackward: gruSequenceBackward,
  timestepForward: gruTimestepForward,
  timestepBackward: gruTimestepBackward,
  fours: 'gates',
  slots: 4,
  fromInput: [{ gate: 0, slot: 0, count: 3 }],
  fromState: [
    { gate: 0, slot: 0, count: 2, accumulate: true },
    { gate: 2, slot: 3, count: 1 },
  ],
  biasesMeet: false,
};

const rnn = (overrides: Readonly<Record<string, number>>): Cell => ({
  forward: rnnCellForward,
  backward: rnnCellBackward,
  sequenceForward: rnnSequenceForward,
  sequenceBackward: rnnSequenceBackward,
  timestepForward: rnnTimestepForward,
  timestepBackward: rnnTimestepBackward,
  fours: 'units',
  overrides,
  slots: 1,
  fromInput: [{ gate: 0, slot: 0, count: 1 }],
  fromState: [{ gate: 0, slot: 0, count: 1, accumulate: true }],
  biasesMeet: true,
});

/** A new cell needs its shaders, one entry here and one in src/model/config.ts. */
export const CELL_KERNELS: Readonly<Record<CellName, Cell>> = {
  LSTM: lstm,
  GRU: gru,
  RNN_TANH: rnn({ RELU: 0 }),
  RNN_RELU: rnn({ RELU: 1 }),
};
