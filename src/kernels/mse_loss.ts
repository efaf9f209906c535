import shader from '../../shaders/mse_loss.wgsl';
import { defineKernel } from '../gpu/kernel.ts';

/** y, target -> losses[slot], d_y. Equations and shapes are in the shader's header. */
export const mseLoss = defineKernel<{ N: number; O: number }>({
  shader,
  grid: () => [1],
});
