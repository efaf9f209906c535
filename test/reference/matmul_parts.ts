import type { MatmulParts } from '../../src/kernels/dims.ts';

/** C (+)= the sum of parts [P, M, N]. */
export function matmulParts(
  { M, N, P, accumulate, c_offset, c_row, c_col }: MatmulParts['dims'],
  { parts, c }: { parts: Float64Array; c: Float64Array },
): void {
  for (let m = 0; m < M; m++)
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let p = 0; p < P; p++) sum += parts[(p * M + m) * N + n]!;
      const at = c_offset + m * c_row + n * c_col;
      c[at] = (accumulate === 1 ? c[at]! : 0) + sum;
    }
}
