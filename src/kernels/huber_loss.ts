import shader from '../../shaders/huber_loss.wgsl';
import { defineKernel } from '../gpu/kernel.ts';
import type { LossDims } from './mse_loss.ts';

/** y, target -> loss, d_y. Equations and shapes are in the shader's header. */
export const huberLoss = defineKernel<LossDims>({
  shader,
  grid: () => [1],
});
