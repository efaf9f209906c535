import shader from '../../shaders/rnn_cell_forward.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';
import type { CellDims } from './lstm_cell_forward.ts';

/** One step: gates -> gates, h. Equations and shapes are in the shader's header. */
export const rnnCellForward = defineKernel<CellDims>({
  shader,
  grid: ({ N, H }, { WG }) => linearGrid(N * H, WG!),
});
