import shader from '../../shaders/linear_backward_input.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** d_y -> d_out[t]. Equations and shapes are in the shader's header. */
export const linearBackwardInput = defineKernel<{ N: number; H: number; O: number; t: number }>({
  shader,
  grid: ({ N, H }, { WG }) => linearGrid(N * H, WG!),
});
