import shader from '../../shaders/clip_grad_norm.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** partials, grads -> grads. Equations and shapes are in the shader's header. */
export const clipGradNorm = defineKernel<{ P: number; max_norm: number }>({
  shader,
  grid: ({ P }, { WG }) => linearGrid(P, WG!),
});
