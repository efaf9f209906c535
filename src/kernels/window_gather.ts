import shader from '../../shaders/window_gather.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** series, order -> x, target of one batch. Equations and shapes are in the shader's header. */
export const windowGather = defineKernel<{ N: number; T: number; I: number; O: number }>({
  shader,
  grid: ({ N, T, I }, { WG }) => linearGrid((T + 1) * N * I, WG!),
});
