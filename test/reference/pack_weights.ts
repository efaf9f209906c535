import type { PackWeights } from '../../src/kernels/dims.ts';

/** A weight matrix in vectors of four, with zeros where there is no value. */
export function packWeights(
  { K, columns, k_stride, u_stride, e_stride, step, count }: PackWeights['dims'],
  { weight, vectors }: Record<'weight' | 'vectors', Float64Array>,
): void {
  for (let k = 0; k < K; k++)
    for (let u = 0; u < columns; u++)
      for (let e = 0; e < 4; e++) {
        const value = u * step + e < count ? weight[k * k_stride + u * u_stride + e * e_stride]! : 0;
        vectors[(k * columns + u) * 4 + e] = value;
      }
}
