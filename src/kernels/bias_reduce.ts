import shader from '../../shaders/bias_reduce.wgsl';
import { defineKernel } from '../gpu/kernel.ts';

/** d_gates -> d_bias, and its twin. Equations and shapes are in the shader's header. */
export const biasReduce = defineKernel<Record<'R' | 'row' | 'first' | 'G' | 'to' | 'twin', number>>({
  shader,
  grid: ({ G }, { WG }) => [Math.ceil(G / WG!)],
});
