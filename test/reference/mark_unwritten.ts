import type { MarkUnwritten } from '../../src/kernels/dims.ts';

/** The bits of a NaN that is no result of a kernel: for a float64 any NaN stands for them. */
export function markUnwritten(
  { rows, columns, first, stride }: MarkUnwritten['dims'],
  { words }: Record<'words', Float64Array>,
): void {
  for (let r = 0; r < rows; r++) words.fill(Number.NaN, first + r * stride, first + r * stride + columns);
}
