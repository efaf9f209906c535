import shader from '../../shaders/gru_cell_forward.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';
import type { CellDims } from './lstm_cell_forward.ts';

/** One step: gates, h -> gates, h. Equations and shapes are in the shader's header. */
export const gruCellForward = defineKernel<CellDims>({
  shader,
  grid: ({ N, H }, { WG }) => linearGrid(N * H, WG!),
});
