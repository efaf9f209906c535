import shader from '../../shaders/sgd.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

type SgdDims = {
  P: number;
  momentum: number;
  one_minus_dampening: number;
  weight_decay: number;
  nesterov: number;
};

/** grads, m -> m, weights, over whole arenas. Equations and shapes are in the shader's header. */
export const sgd = defineKernel<SgdDims>({
  shader,
  grid: ({ P }, { WG }) => linearGrid(P, WG!),
});
