import shader from '../../shaders/hold.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

type HoldDims = {
  N: number;
  columns: number;
  t: number;
  source: number;
  to: number;
  stride: number;
  accumulate: number;
};

/** State of rows that have ended -> the same at the next step. Equations and shapes are in the shader's header. */
export const hold = defineKernel<HoldDims>({
  shader,
  grid: ({ N, columns }, { WG }) => linearGrid(N * columns, WG!),
});
