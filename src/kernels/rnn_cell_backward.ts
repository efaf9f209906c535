import shader from '../../shaders/rnn_cell_backward.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';
import type { CellBackwardDims } from './lstm_cell_backward.ts';

/** One step: gates, d_h -> the gates' gradients in place. Equations and shapes are in the shader's header. */
export const rnnCellBackward = defineKernel<CellBackwardDims>({
  shader,
  grid: ({ N, H }, { WG }) => linearGrid(N * H, WG!),
});
