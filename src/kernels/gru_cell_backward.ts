import shader from '../../shaders/gru_cell_backward.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';
import type { CellBackwardDims } from './lstm_cell_backward.ts';

/** One step: gates, h, d_h -> the gates' gradients in place, d_h of the state before. See the shader's header. */
export const gruCellBackward = defineKernel<CellBackwardDims>({
  shader,
  grid: ({ N, H }, { WG }) => linearGrid(N * H, WG!),
});
