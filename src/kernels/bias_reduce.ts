import shader from '../../shaders/bias_reduce.wgsl';
import { defineKernel } from '../gpu/kernel.ts';

/** d_gates -> d_bias. Equations and shapes are in the shader's header. */
export const biasReduce = defineKernel<{ R: number; row: number; first: number; G: number; to: number }>({
  shader,
  grid: ({ G }, { WG }) => [Math.ceil(G / WG!)],
});
