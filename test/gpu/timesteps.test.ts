import { test } from 'vitest';
import { rowsOf, TIMESTEP_TILES, tileBytes } from '../../src/engine/timestep_tile.ts';
import type { Kernel } from '../../src/gpu/kernel.ts';
import {
  gruTimestepBackward,
  gruTimestepForward,
  lstmTimestepBackward,
  lstmTimestepForward,
  packWeights,
  rnnTimestepBackward,
  rnnTimestepForward,
} from '../../src/kernels/index.ts';
import { packWeights as packWeightsTwin } from '../reference/index.ts';
import * as twins from '../reference/timestep.ts';
import { shareOf } from './cases.ts';
import { backwardDims, forwardDims } from './cell_dims.ts';
import { describeGpu, testDevice } from './device.ts';
import { holdAgainstTwin } from './hold_against_twin.ts';
import { garbage, randomValues, STEP } from './run_kernel.ts';

/** One row, odd sizes, tiles that are not full, both directions, rows that end, first and last steps. */
const SIZES = [
  { N: 1, T: 1, H: 1, t: 0, lengths: [1] },
  { N: 3, T: 5, H: 7, t: 2, lengths: [2, 3, 1] },
  { N: 9, T: 3, H: 20, t: 1, lengths: [1, 2, 3, 1, 2, 3, 1, 2, 3], directions: 2, direction: 1 },
  { N: 17, T: 2, H: 65, t: 0, lengths: Array.from({ length: 17 }, () => 2) },
];

const CELLS = {
  lstm: { gates: 4, slots: 4, forward: lstmTimestepForward, backward: lstmTimestepBackward, overrides: {} },
  gru: { gates: 3, slots: 4, forward: gruTimestepForward, backward: gruTimestepBackward, overrides: {} },
  rnn: { gates: 1, slots: 1, forward: rnnTimestepForward, backward: rnnTimestepBackward, overrides: { RELU: 0 } },
  relu: { gates: 1, slots: 1, forward: rnnTimestepForward, backward: rnnTimestepBackward, overrides: { RELU: 1 } },
};
const TWINS = {
  lstm: [twins.lstmTimestepForward, twins.lstmTimestepBackward],
  gru: [twins.gruTimestepForward, twins.gruTimestepBackward],
  rnn: [twins.rnnTimestepForward(false), twins.rnnTimestepBackward(false)],
  relu: [twins.rnnTimestepForward(true), twins.rnnTimestepBackward(true)],
} as const;
const CELL_NAMES = Object.keys(CELLS) as (keyof typeof CELLS)[];

type Size = (typeof SIZES)[number];
type AnyKernel = Kernel<Record<string, number>>;

async function holdForward(cell: keyof typeof CELLS, size: Size, tile: object): Promise<void> {
  const { N, T, H, directions = 1 } = size;
  const { gates, slots, forward, overrides } = CELLS[cell];
  const inputs = {
    vectors: randomValues(4 * H * (slots === 1 ? Math.ceil(H / 4) : H), 1),
    bias_ih: randomValues(gates * H, 2),
    bias_hh: randomValues(gates * H, 3),
    lengths: Uint32Array.from(size.lengths),
    gates: randomValues(T * N * slots * H, 4),
    h: randomValues((T + 1) * N * directions * H, 5),
    c: randomValues((T + 1) * N * directions * H, 6),
  };
  for (const K of [0, H])
    await holdAgainstTwin(
      forward as AnyKernel,
      TWINS[cell][0] as never,
      { ...forwardDims(size), K },
      inputs as never,
      'summed',
      STEP,
      { ...overrides, ...tile },
    );
}

async function holdBackward(cell: keyof typeof CELLS, size: Size, tile: object): Promise<void> {
  const { N, T, H, t, directions = 1 } = size;
  const { gates, slots, backward, overrides } = CELLS[cell];
  const isLast = t === T - 1;
  const inputs = {
    vectors: randomValues(gates * H * 4 * Math.ceil(H / 4), 1),
    lengths: Uint32Array.from(size.lengths),
    c: randomValues((T + 1) * N * directions * H, 2),
    h: randomValues((T + 1) * N * directions * H, 3),
    d_h: randomValues((T + 1) * N * directions * H, 4),
    d_c: isLast ? garbage(N * directions * H) : randomValues(N * directions * H, 5),
    gates: randomValues(T * N * slots * H, 6).map((gate) => (gate + 1) / 2),
  };
  for (const to_before of [0, 1])
    await holdAgainstTwin(
      backward as AnyKernel,
      TWINS[cell][1] as never,
      {
        ...backwardDims(size, { fresh: isLast ? 1 : 0, to_before }),
        next: (t + 1) * N * slots * H,
        K: isLast ? 0 : gates * H,
      },
      inputs as never,
      'summed',
      STEP,
      { ...overrides, ...tile },
    );
}

describeGpu('time steps', () => {
  const titled = SIZES.flatMap((size) => CELL_NAMES.map((cell) => [cell, size.N, size.H, size] as const));

  test.each(shareOf(titled, 3))(
    'of %s match their twins, forward and backward, for N=%i H=%i',
    async (cell, _n, _h, size) => {
      await holdForward(cell, size, {});
      await holdBackward(cell, size, {});
    },
  );

  const tiles = (['gates', 'units'] as const).flatMap((fours) =>
    TIMESTEP_TILES[fours].filter((_, k) => k % 3 === 0).map((tile) => [fours, JSON.stringify(tile), tile] as const),
  );

  test.each(shareOf(tiles, 3))('match their twins with a tile of %s: %s', async (fours, _, tile) => {
    if (tileBytes(tile) > testDevice().limits.maxComputeWorkgroupStorageSize) return;
    const N = rowsOf(tile) + 3;
    const size = { N, T: 2, H: 37, t: 0, lengths: Array.from({ length: N }, (_x, n) => n % 3) };
    await (fours === 'gates' ? holdForward('lstm', size, tile) : holdBackward('gru', size, tile));
  });

  test.each([
    { K: 5, columns: 5, k_stride: 1, u_stride: 5, e_stride: 25, step: 0, count: 3 },
    { K: 7, columns: 2, k_stride: 7, u_stride: 4, e_stride: 1, step: 4, count: 7 },
    { K: 9, columns: 3, k_stride: 1, u_stride: 36, e_stride: 9, step: 4, count: 9 },
    { K: 1, columns: 1, k_stride: 1, u_stride: 4, e_stride: 1, step: 4, count: 1 },
  ])('read vectors packed like their twin: %j', async (dims) => {
    const inputs = { weight: randomValues(100, 1), vectors: garbage(dims.K * dims.columns * 4 + 4) };
    await holdAgainstTwin(packWeights, packWeightsTwin, dims, inputs, 'copied');
  });
});
