import type { matmulDims } from '../../src/kernels/matmul_dims.ts';

/** C (+)= A B for matrices given by offset and strides, in elements. */
export function matmul(
  dims: ReturnType<typeof matmulDims>,
  { a, b, c }: { a: Float64Array; b: Float64Array; c: Float64Array },
): void {
  for (let m = 0; m < dims.M; m++)
    for (let n = 0; n < dims.N; n++) {
      let sum = 0;
      for (let k = 0; k < dims.K; k++)
        sum +=
          a[dims.a_offset + m * dims.a_row + k * dims.a_col]! * b[dims.b_offset + k * dims.b_row + n * dims.b_col]!;
      const at = dims.c_offset + m * dims.c_row + n * dims.c_col;
      c[at] = (dims.accumulate === 1 ? c[at]! : 0) + sum;
    }
}
