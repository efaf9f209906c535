import shader from '../../shaders/sample_gather.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** inputs, targets -> x, target, lengths. Equations and shapes are in the shader's header. */
export const sampleGather = defineKernel<{ N: number; T: number; TT: number; I: number; K: number }>({
  shader,
  grid: ({ N, T }, { WG }) => linearGrid(T * N, WG!),
});
