import shader from '../../shaders/rnn_sequence_backward.wgsl';
import { defineKernel } from '../gpu/kernel.ts';
import type { SequenceDims } from './lstm_sequence_forward.ts';

/** All steps: d_h from above -> the gates' gradients in place, the whole d_h. See the shader's header. */
export const rnnSequenceBackward = defineKernel<SequenceDims>({
  shader,
  grid: ({ N, D }, { ROWS }) => [Math.ceil(N / ROWS!), D],
});
