import shader from '../../shaders/lstm_cell_backward.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** Step t: gates, c, d_out[t], d_h, d_c -> d_gates[t], d_c. Equations and shapes are in the shader's header. */
export const lstmCellBackward = defineKernel<{ N: number; T: number; H: number; t: number }>({
  shader,
  grid: ({ N, H }, { WG }) => linearGrid(N * H, WG!),
});
