import shader from '../../shaders/rmsprop.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

type RmspropDims = {
  P: number;
  alpha: number;
  one_minus_alpha: number;
  eps: number;
  weight_decay: number;
  momentum: number;
  centered: number;
};

/** grads, m, v -> m, v, weights, over whole arenas. Equations and shapes are in the shader's header. */
export const rmsprop = defineKernel<RmspropDims>({
  shader,
  grid: ({ P }, { WG }) => linearGrid(P, WG!),
});
