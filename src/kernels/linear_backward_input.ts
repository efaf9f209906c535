import shader from '../../shaders/linear_backward_input.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';
import type { HeadDims } from './linear_forward.ts';

/** d_y -> d_h. Equations and shapes are in the shader's header. */
export const linearBackwardInput = defineKernel<HeadDims>({
  shader,
  grid: ({ N, T, H }, { WG }) => linearGrid(T * N * H, WG!),
});
