import shader from '../../shaders/matmul_quad.wgsl';
import { defineKernel, foldedGrid } from '../gpu/kernel.ts';
import type { MatmulDims } from './matmul.ts';

/** As matmul, for devices with subgroups. Equations and shapes are in the shader's header. */
export const matmulQuad = defineKernel<MatmulDims>({
  shader,
  grid: ({ M, N }, { TX, TY }) => foldedGrid(N / (4 * TX!), M / (16 * TY!)),
});
