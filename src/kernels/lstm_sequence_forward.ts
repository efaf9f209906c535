import shader from '../../shaders/lstm_sequence_forward.wgsl';
import { defineKernel } from '../gpu/kernel.ts';

/** Where a whole recurrence finds its values; see shaders/shared/sequence.wgsl. */
export type SequenceDims = {
  N: number;
  T: number;
  H: number;
  P: number;
  D: number;
  weight_hh: number;
  weight_hr: number;
  bias_ih: number;
  bias_hh: number;
  bias: number;
  reverse: number;
  ragged: number;
  states: number;
};

/** All steps: gates, initial states -> gates, states. Equations and shapes are in the shader's header. */
export const lstmSequenceForward = defineKernel<SequenceDims>({
  shader,
  grid: ({ N, D }, { ROWS }) => [Math.ceil(N / ROWS!), D],
});
