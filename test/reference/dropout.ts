import type { Step } from './step.ts';

type Dims = Record<'count' | 'x_offset' | 'y_offset' | 'accumulate' | 'seed' | 'layer' | 'p', number>;

/** Values kept by a draw of Philox, scaled up; the others are zero. */
export function dropout(dims: Dims, { x, y }: Record<'x' | 'y', Float64Array>, step: Step): void {
  const { count, x_offset, y_offset, accumulate, seed, layer, p } = dims;
  for (let k = 0; k < count; k++) {
    const words = philox([Math.floor(k / 4), step.number, 0, 0], [seed, layer]);
    const isKept = (words[k % 4]! >>> 8) / 2 ** 24 >= Math.fround(p);
    const value = isKept ? x[x_offset + k]! / (1 - p) : 0;
    y[y_offset + k] = (accumulate === 1 ? y[y_offset + k]! : 0) + value;
  }
}

/** Philox-4x32-10 (Salmon et al. 2011). */
export function philox(counter: readonly number[], key: readonly number[]): number[] {
  const word = 0xffffffffn;
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const [a, b] = [0xd2511f53n * c0, 0xcd9e8d57n * c2];
    [c0, c1, c2, c3] = [(b >> 32n) ^ c1 ^ k0, b & word, (a >> 32n) ^ c3 ^ k1, a & word];
    [k0, k1] = [(k0 + 0x9e3779b9n) & word, (k1 + 0xbb67ae85n) & word];
  }
  return [c0, c1, c2, c3].map(Number);
}
