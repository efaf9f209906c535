import shader from '../../shaders/adam.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** The shader's uniform; `one_minus_*` are rounded from float64, as PyTorch's are. */
type AdamDims = {
  P: number;
  beta1: number;
  one_minus_beta1: number;
  beta2: number;
  one_minus_beta2: number;
  eps: number;
};

/** grads, m, v -> m, v, weights, over whole arenas. Equations and shapes are in the shader's header. */
export const adam = defineKernel<AdamDims>({
  shader,
  grid: ({ P }, { WG }) => linearGrid(P, WG!),
});
