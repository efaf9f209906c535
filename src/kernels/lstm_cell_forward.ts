import shader from '../../shaders/lstm_cell_forward.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** Step t: gates, c[t] -> gates, c[t+1], h[t+1]. Equations and shapes are in the shader's header. */
export const lstmCellForward = defineKernel<{ N: number; H: number; t: number }>({
  shader,
  grid: ({ N, H }, { WG }) => linearGrid(N * H, WG!),
});
