import shader from '../../shaders/quantile_loss.wgsl';
import { defineKernel } from '../gpu/kernel.ts';
import type { LossDims } from './mse_loss.ts';

/** y, target -> loss, d_y. Equations and shapes are in the shader's header. */
export const quantileLoss = defineKernel<LossDims>({
  shader,
  grid: () => [1],
});
