import shader from '../../shaders/window_gather.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** series -> x, target. Equations and shapes are in the shader's header. */
export const windowGather = defineKernel<{ N: number; T: number; I: number; O: number; every: number }>({
  shader,
  grid: ({ N, T, I }, { WG }) => linearGrid((T + 1) * N * I, WG!),
});
