import shader from '../../shaders/linear_backward_weight.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';
import type { HeadDims } from './linear_forward.ts';

/** d_y, h -> d_weight, d_bias. Equations and shapes are in the shader's header. */
export const linearBackwardWeight = defineKernel<HeadDims>({
  shader,
  grid: ({ H, O }, { WG }) => linearGrid(O * (H + 1), WG!),
});
