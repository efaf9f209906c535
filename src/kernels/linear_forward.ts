import shader from '../../shaders/linear_forward.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** Sizes of the head; see shaders/shared/head.wgsl. */
export type HeadDims = { N: number; T: number; H: number; O: number; every: number };

/** h -> y. Equations and shapes are in the shader's header. */
export const linearForward = defineKernel<HeadDims>({
  shader,
  grid: ({ N, T, O, every }, { WG }) => linearGrid((every ? T : 1) * N * O, WG!),
});
