import shader from '../../shaders/mse_loss.wgsl';
import { defineKernel } from '../gpu/kernel.ts';

/** Sizes of a loss; see shaders/shared/loss.wgsl. */
export type LossDims = { R: number; N: number; O: number; Q: number; mean: number };

/** y, target -> loss, d_y. Equations and shapes are in the shader's header. */
export const mseLoss = defineKernel<LossDims>({
  shader,
  grid: () => [1],
});
