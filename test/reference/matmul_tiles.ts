import type { TilesDims } from '../../src/kernels/dims.ts';
import { matmul } from './matmul.ts';

/** The products of parts of K, each in a C of its own. */
export function matmulTiles(
  { part, c_part, ...dims }: TilesDims,
  tensors: { a: Float64Array; b: Float64Array; c: Float64Array },
): void {
  for (let first = 0; first < dims.K; first += part)
    matmul(
      {
        ...dims,
        K: Math.min(part, dims.K - first),
        a_offset: dims.a_offset + first * dims.a_col,
        b_offset: dims.b_offset + first * dims.b_row,
        c_offset: dims.c_offset + (first / part) * c_part,
      },
      tensors,
    );
}
