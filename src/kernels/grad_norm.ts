import shader from '../../shaders/grad_norm.wgsl';
import { defineKernel } from '../gpu/kernel.ts';

/** grads -> PARTS partial sums of squares. Equations and shapes are in the shader's header. */
export const gradNorm = defineKernel<{ P: number }>({
  shader,
  grid: (_, { PARTS }) => [PARTS!],
});
