import shader from '../../shaders/dropout.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

type DropoutDims = {
  count: number;
  x_offset: number;
  y_offset: number;
  accumulate: number;
  seed: number;
  layer: number;
  p: number;
};

/** x -> y, some of it zero. Equations and shapes are in the shader's header. */
export const dropout = defineKernel<DropoutDims>({
  shader,
  grid: ({ count }, { WG }) => linearGrid(count, WG!),
});
