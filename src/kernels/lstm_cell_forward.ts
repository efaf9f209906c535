import shader from '../../shaders/lstm_cell_forward.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';

/** Where a step of any cell finds its states; see shaders/shared/cell.wgsl. */
export type CellDims = {
  N: number;
  H: number;
  t: number;
  gates: number;
  h_before: number;
  h_after: number;
  h_stride: number;
  c_before: number;
  c_after: number;
  c_stride: number;
};

/** One step: gates, c -> gates, c, h. Equations and shapes are in the shader's header. */
export const lstmCellForward = defineKernel<CellDims>({
  shader,
  grid: ({ N, H }, { WG }) => linearGrid(N * H, WG!),
});
