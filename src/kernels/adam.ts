import shader from '../../shaders/adam.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** Adam's constants as shaders read them; `one_minus_*` are rounded from float64, as PyTorch's are. */
export type AdamDims = {
  beta1: number;
  one_minus_beta1: number;
  beta2: number;
  one_minus_beta2: number;
  eps: number;
};

/** @param betas decay of the two moments. */
export function adamDims({ betas: [beta1, beta2], eps }: { betas: readonly [number, number]; eps: number }): AdamDims {
  return { beta1, one_minus_beta1: 1 - beta1, beta2, one_minus_beta2: 1 - beta2, eps };
}

/** grads, m, v -> m, v, weights, over whole arenas. Equations and shapes are in the shader's header. */
export const adam = defineKernel<{ P: number; weight_decay: number; amsgrad: number } & AdamDims>({
  shader,
  grid: ({ P }, { WG }) => linearGrid(P, WG!),
});
