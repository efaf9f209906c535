import shader from '../../shaders/matmul.wgsl';
import { defineKernel } from '../gpu/kernel.ts';

type MatmulDims = {
  M: number;
  N: number;
  K: number;
  accumulate: number;
  a_offset: number;
  a_row: number;
  a_col: number;
  b_offset: number;
  b_row: number;
  b_col: number;
  c_offset: number;
  c_row: number;
  c_col: number;
};

/** C (+)= A B for strided matrices. Equations and shapes are in the shader's header. */
export const matmul = defineKernel<MatmulDims>({
  shader,
  grid: ({ M, N }, { TX, TY }) => [Math.ceil(N / (4 * TX!)), Math.ceil(M / (4 * TY!))],
});

/** How a row-major [rows, columns] matrix enters a product: as it is, or transposed; `offset` in elements. */
export interface Operand {
  rows: number;
  columns: number;
  transposed?: boolean;
  offset?: number;
}

/**
 * The uniform for C = A B with row-major operands, C [M, N] row-major at `cOffset`.
 * `matmulDims({ rows: N, columns: H }, { rows: 4 * H, columns: H, transposed: true })` is h W_hh^T.
 */
export function matmulDims(a: Operand, b: Operand, c: { offset?: number; accumulate?: boolean } = {}): MatmulDims {
  const [M, K] = a.transposed ? [a.columns, a.rows] : [a.rows, a.columns];
  const N = b.transposed ? b.rows : b.columns;
  return {
    M,
    N,
    K,
    accumulate: c.accumulate ? 1 : 0,
    a_offset: a.offset ?? 0,
    a_row: a.transposed ? 1 : a.columns,
    a_col: a.transposed ? a.columns : 1,
    b_offset: b.offset ?? 0,
    b_row: b.transposed ? 1 : b.columns,
    b_col: b.transposed ? b.columns : 1,
    c_offset: c.offset ?? 0,
    c_row: N,
    c_col: 1,
  };
}
