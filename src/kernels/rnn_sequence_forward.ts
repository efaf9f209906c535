import shader from '../../shaders/rnn_sequence_forward.wgsl';
import { defineKernel } from '../gpu/kernel.ts';
import type { SequenceDims } from './lstm_sequence_forward.ts';

/** All steps: gates, initial states -> gates, states. Equations and shapes are in the shader's header. */
export const rnnSequenceForward = defineKernel<SequenceDims>({
  shader,
  grid: ({ N, D }, { ROWS }) => [Math.ceil(N / ROWS!), D],
});
