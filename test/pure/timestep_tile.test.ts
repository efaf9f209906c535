import { describe, expect, test } from 'vitest';
import { rowsOf, TIMESTEP_TILES, tileBytes, timestepTile } from '../../src/engine/timestep_tile.ts';

const H200 = { maxComputeWorkgroupStorageSize: 49_152 };
const DEFAULT = { maxComputeWorkgroupStorageSize: 16_384 };

describe('tiles of a time step', () => {
  // rows, columns of four sums, lanes that divide k, and k per round that were fastest; see bench/NOTES.md
  test.each([
    [32, 32, 'gates', [8, 16, 2, 32]],
    [64, 32, 'gates', [8, 16, 2, 32]],
    [64, 64, 'gates', [8, 16, 4, 64]],
    [64, 128, 'gates', [8, 16, 4, 64]],
    [128, 256, 'gates', [16, 16, 4, 64]],
    [128, 512, 'gates', [32, 16, 2, 32]],
    [256, 1024, 'gates', [64, 16, 1, 32]],
    [32, 32, 'units', [8, 4, 8, 128]],
    [64, 32, 'units', [8, 4, 8, 128]],
    [64, 64, 'units', [8, 4, 8, 128]],
    [64, 128, 'units', [8, 4, 8, 128]],
    [128, 256, 'units', [16, 4, 8, 128]],
    [128, 512, 'units', [16, 8, 4, 64]],
    [256, 1024, 'units', [32, 16, 4, 32]],
  ] as const)('for N=%i, H=%i and %s are the fastest of an H200', (batchSize, hiddenSize, fours, expected) => {
    const tile = timestepTile(fours, { batchSize, hiddenSize }, H200);
    expect([rowsOf(tile), tile.COLUMNS, tile.K_LANES, tile.DEPTH]).toEqual(expected);
  });

  test.each(['gates', 'units'] as const)('fit into what every device has: %s', (fours) => {
    for (const batchSize of [1, 64, 128, 256])
      for (const hiddenSize of [1, 33, 256, 512, 1024]) {
        const tile = timestepTile(fours, { batchSize, hiddenSize }, DEFAULT);
        expect(tileBytes(tile)).toBeLessThanOrEqual(DEFAULT.maxComputeWorkgroupStorageSize);
        // a larger device only has more terms per round, or more lanes
        expect(rowsOf(tile)).toBe(rowsOf(timestepTile(fours, { batchSize, hiddenSize }, H200)));
      }
  });

  test('fulfil what shaders/shared/timestep.wgsl requires', () => {
    for (const tile of [...TIMESTEP_TILES.gates, ...TIMESTEP_TILES.units]) {
      const lanes = tile.COLUMNS * tile.ROW_LANES * tile.K_LANES;
      expect(lanes).toBeLessThanOrEqual(256);
      expect(tile.LANE_ROWS).toBeLessThanOrEqual(8);
      expect(tile.DEPTH % (4 * tile.K_LANES)).toBe(0);
      expect(Math.ceil((rowsOf(tile) * tile.DEPTH) / 4 / lanes)).toBeLessThanOrEqual(4);
      expect(Math.ceil((tile.DEPTH * tile.COLUMNS) / lanes)).toBeLessThanOrEqual(4);
    }
  });
});
