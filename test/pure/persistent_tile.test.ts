import { describe, expect, test } from 'vitest';
import { type PersistentTile, persistentTile } from '../../src/engine/persistent_tile.ts';

const H200 = {
  maxComputeWorkgroupStorageSize: 49_152,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 1024,
};
const DEFAULTS = {
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
};

const workgroups = ({ COLUMNS, ROWS }: PersistentTile, units: number, N: number, H: number) =>
  Math.ceil(H / (units * COLUMNS)) * Math.ceil(N / ROWS);

describe('persistentTile', () => {
  test.each([
    { N: 64, H: 128, forward: [16, 4, 8, 4], backward: [4, 4, 8, 4] },
    { N: 128, H: 256, forward: [32, 8, 32, 8], backward: [8, 8, 32, 8] },
    { N: 128, H: 512, forward: [32, 16, 32, 8], backward: [8, 16, 32, 4] },
    { N: 256, H: 1024, forward: undefined, backward: undefined },
  ])('takes the workgroups that were fastest on an H200 for N=$N H=$H', ({ N, H, ...expected }) => {
    for (const way of ['forward', 'backward'] as const) {
      const tile = persistentTile(way, { batchSize: N, hiddenSize: H }, H200, 128);
      expect(tile && [tile.COLUMNS, tile.ROWS, tile.TERMS, tile.ROUND], way).toEqual(expected[way]);
    }
  });

  test('covers all units and terms, within the limits and the workgroups allowed', () => {
    for (const [way, units, terms] of [
      ['forward', 1, 1],
      ['backward', 4, 4],
    ] as const)
      for (const limits of [H200, DEFAULTS])
        for (const most of [1, 2, 16, 128])
          for (const H of [1, 7, 32, 65, 128, 250, 256, 500])
            for (const N of [1, 3, 64, 100, 1000]) {
              const tile = persistentTile(way, { batchSize: N, hiddenSize: H }, limits, most);
              if (!tile) continue;
              const { COLUMNS, SLICES, LANES, TERMS, ROWS, ROUND } = tile;
              expect(workgroups(tile, units, N, H)).toBeLessThanOrEqual(most);
              expect(SLICES * TERMS).toBeGreaterThanOrEqual(terms * H);
              expect([LANES, SLICES % 4]).toEqual([COLUMNS * SLICES, 0]);
              expect(LANES).toBeLessThanOrEqual(limits.maxComputeInvocationsPerWorkgroup);
              expect(4 * units * COLUMNS).toBeLessThanOrEqual(LANES); // a lane per cell of four rows
              expect([TERMS <= 32, ROWS <= 32, ROWS % ROUND, ROUND % 4]).toEqual([true, true, 0, 0]);
              expect(Math.ceil(((ROUND / 4) * TERMS * SLICES) / LANES)).toBeLessThanOrEqual(8);
            }
  });
});
