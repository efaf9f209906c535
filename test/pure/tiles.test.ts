import { describe, expect, test } from 'vitest';
import { chooseTiling, lanesOf } from '../../src/engine/tiles.ts';
import { matmulDims } from '../../src/kernels/matmul_dims.ts';

const forms = {
  'A B^T': (M: number, N: number, K: number) =>
    matmulDims({ rows: M, columns: K }, { rows: N, columns: K, transposed: true }),
  'A B': (M: number, N: number, K: number) => matmulDims({ rows: M, columns: K }, { rows: K, columns: N }),
  'A^T B': (M: number, N: number, K: number) =>
    matmulDims({ rows: K, columns: M, transposed: true }, { rows: K, columns: N }),
};

describe('chooseTiling', () => {
  test.each([
    ['A B^T', 12_800, 1024, 256, 128, 128, 1],
    ['A B^T', 12_800, 2048, 512, 128, 128, 1],
    ['A B', 12_800, 256, 1024, 128, 64, 1],
    ['A^T B', 1024, 256, 12_800, 128, 128, 8],
    ['A^T B', 2048, 512, 12_800, 128, 128, 2],
    ['A^T B', 128, 1, 12_800, 32, 32, 100],
    ['A^T B', 512, 128, 3200, 128, 128, 25],
    ['A B^T', 64, 512, 128, 32, 32, 1],
    ['A B', 128, 256, 1024, 32, 32, 8],
    ['A B^T', 256, 4096, 1024, 128, 128, 2],
    ['A B^T', 6400, 64, 64, 32, 32, 1],
    ['A^T B', 4096, 60, 12_800, 128, 64, 8],
    ['A^T B', 64, 4096, 12_800, 64, 64, 8],
  ] as const)('%s of %i x %i with %i terms: tiles of %i x %i, %i parts', (form, M, N, K, rows, columns, parts) => {
    const tiling = chooseTiling(forms[form](M, N, K));
    expect(tiling).toMatchObject({ tile: { rows, columns }, parts });
  });

  const sizes = [1, 3, 8, 33, 64, 100, 128, 513, 1024, 4096, 20_000];
  test.each(Object.keys(forms) as (keyof typeof forms)[])(
    'of %s fits the limits of every device, has parts of 128 to 65,536 terms, and needs at most 16 MiB for them',
    (form) => {
      for (const M of sizes)
        for (const N of sizes)
          for (const K of [...sizes, 65_536, 65_537, 1_000_000]) {
            const { tile, parts } = chooseTiling(forms[form](M, N, K));
            expect(lanesOf(tile)).toBeLessThanOrEqual(256);
            expect(4 * (tile.rows + tile.columns) * tile.depth).toBeLessThanOrEqual(16_384);
            expect(Math.ceil(K / parts)).toBeLessThanOrEqual(65_536);
            if (parts === 1) continue;
            expect(Math.floor(K / parts)).toBeGreaterThanOrEqual(128);
            if (K <= 65_536) expect(4 * parts * M * N).toBeLessThanOrEqual(2 ** 24);
          }
    },
  );
});
