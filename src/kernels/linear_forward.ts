import shader from '../../shaders/linear_forward.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** h[t] -> y. Equations and shapes are in the shader's header. */
export const linearForward = defineKernel<{ N: number; H: number; O: number; t: number }>({
  shader,
  grid: ({ N, O }, { WG }) => linearGrid(N * O, WG!),
});
