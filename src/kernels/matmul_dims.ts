import type { Matmul } from './dims.ts';

export type MatmulDims = Matmul['dims'];

/** How a row-major [rows, columns] matrix enters a product: unchanged or transposed. */
export interface Operand {
  rows: number;
  columns: number;
  transposed?: boolean;
  /** Elements before its first one. Default 0. */
  offset?: number;
  /** Elements from one row to the next. Default: its columns. */
  stride?: number;
}

/**
 * The uniform for C = A B with row-major operands and a row-major C [M, N].
 * `matmulDims({ rows: N, columns: H }, { rows: 4 * H, columns: H, transposed: true })` is h W_hh^T.
 */
export function matmulDims(
  a: Operand,
  b: Operand,
  c: { offset?: number; stride?: number; accumulate?: boolean } = {},
): MatmulDims {
  const [M, K] = a.transposed ? [a.columns, a.rows] : [a.rows, a.columns];
  const N = b.transposed ? b.rows : b.columns;
  const [aStride, bStride] = [a.stride ?? a.columns, b.stride ?? b.columns];
  return {
    M,
    N,
    K,
    accumulate: c.accumulate ? 1 : 0,
    a_offset: a.offset ?? 0,
    a_row: a.transposed ? 1 : aStride,
    a_col: a.transposed ? aStride : 1,
    b_offset: b.offset ?? 0,
    b_row: b.transposed ? 1 : bStride,
    b_col: b.transposed ? bStride : 1,
    c_offset: c.offset ?? 0,
    c_row: c.stride ?? N,
    c_col: 1,
  };
}
