import shader from '../../shaders/linear_backward_weight.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** d_y, h[t] -> d_weight, d_bias. Equations and shapes are in the shader's header. */
export const linearBackwardWeight = defineKernel<{ N: number; H: number; O: number; t: number }>({
  shader,
  grid: ({ H, O }, { WG }) => linearGrid(O * (H + 1), WG!),
});
