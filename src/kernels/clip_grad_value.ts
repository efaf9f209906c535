import shader from '../../shaders/clip_grad_value.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** grads -> grads. Equations and shapes are in the shader's header. */
export const clipGradValue = defineKernel<{ P: number; clip_value: number }>({
  shader,
  grid: ({ P }, { WG }) => linearGrid(P, WG!),
});
