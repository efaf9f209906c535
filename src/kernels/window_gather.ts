import shader from '../../shaders/window_gather.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

interface WindowDims extends Record<string, number> {
  N: number;
  T: number;
  I: number;
  O: number;
  C: number;
  every: number;
}

/** series -> x, target. Equations and shapes are in the shader's header. */
export const windowGather = defineKernel<WindowDims>({
  shader,
  grid: ({ N, T, I, O, every }, { WG }) => linearGrid(T * N * I + (every ? T : 1) * N * O, WG!),
});
