import shader from '../../shaders/lstm_cell_backward.wgsl';
import { defineKernel, linearGrid } from '../gpu/kernel.ts';
import type { CellDims } from './lstm_cell_forward.ts';

/** As CellDims, and where gradients are; see shaders/shared/cell.wgsl. */
export type CellBackwardDims = CellDims & {
  d_h_before: number;
  d_h_after: number;
  d_h_stride: number;
  d_c: number;
  d_c_stride: number;
  fresh: number;
  to_before: number;
};

/** One step: gates, c, d_h, d_c -> the gates' gradients in place, d_c. See the shader's header. */
export const lstmCellBackward = defineKernel<CellBackwardDims>({
  shader,
  grid: ({ N, H }, { WG }) => linearGrid(N * H, WG!),
});
