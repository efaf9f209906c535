import { expect, test } from 'vitest';
import { forceFamily } from '../../src/engine/family.ts';
import { loadProduct, setTuned } from '../../src/engine/product.ts';
import { fastestTilings } from '../../src/engine/tile_timing.ts';
import { lanesOf, loadTiles, type Tile, type Tiling, tilingKey, tilingsOf } from '../../src/engine/tiles.ts';
import { measuredOn } from '../../src/engine/tuning.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { DispatchBuilder, record } from '../../src/gpu/dispatch.ts';
import { GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { readRegions } from '../../src/gpu/readback.ts';
import { createTensor, writeTensor } from '../../src/gpu/tensor.ts';
import type { TilesDims } from '../../src/kernels/dims.ts';
import { matmulParts, matmulTiles, matmulTilesAny } from '../../src/kernels/index.ts';
import { type MatmulDims, matmulDims, type Operand } from '../../src/kernels/matmul_dims.ts';
import { productChecks } from '../../src/self_test/kernel_checks.ts';
import golden from '../golden/kernels.json';
import * as twins from '../reference/index.ts';
import { shareOf } from './cases.ts';
import { describeGpu, deviceFor, guardedTestDevice, testGpu } from './device.ts';
import { bitsOf, expectClose } from './expect.ts';
import { holdAgainstTwin } from './hold_against_twin.ts';
import { garbage, randomValues } from './run_kernel.ts';

const TILES: readonly Tile[] = [
  { rows: 128, columns: 128, depth: 16, side: 8 },
  { rows: 128, columns: 64, depth: 16, side: 8 },
  { rows: 64, columns: 64, depth: 16, side: 8 },
  { rows: 32, columns: 32, depth: 32, side: 4 },
];

/** A B^T, A B and A^T B, as the engine uses them. */
const FORMS = {
  'A B^T': { a: false, b: true },
  'A B': { a: false, b: false },
  'A^T B': { a: true, b: false },
} as const;

const named = ({ rows, columns, depth }: Tile) => `${rows} x ${columns} x ${depth}`;

const overridesOf = (tile: Tile, form: { a: boolean; b: boolean }) => ({
  ...{ ROWS: tile.rows, COLUMNS: tile.columns, DEPTH: tile.depth, SIDE: tile.side, LANES: lanesOf(tile) },
  ...{ A_BY_K: form.a ? 0 : 1, B_BY_K: form.b ? 1 : 0 },
});

/** Operands inside wider matrices: `beside` columns more per row, `before` elements before the first. */
function operandsOf(
  { a, b }: { a: boolean; b: boolean },
  M: number,
  K: number,
  N: number,
  before: number,
  beside: number,
) {
  const [rowsA, columnsA] = a ? [K, M] : [M, K];
  const [rowsB, columnsB] = b ? [N, K] : [K, N];
  return [
    { rows: rowsA, columns: columnsA, transposed: a, offset: before, stride: columnsA + beside },
    { rows: rowsB, columns: columnsB, transposed: b, offset: before, stride: columnsB + beside },
  ] as const;
}

/** Random values of an operand, and infinity everywhere around it. */
function surrounded({ rows, columns, offset = 0, stride = columns }: Operand, seed: number): Float32Array {
  const inside = randomValues(rows * columns, seed);
  const values = new Float32Array(offset + rows * stride + offset).fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < inside.length; k++)
    values[offset + Math.floor(k / columns) * stride + (k % columns)] = inside[k]!;
  return values;
}

/** Every form in the tile that compiles fast, and every other tile in one form. */
const cases = (['A B^T', 'A B', 'A^T B'] as const)
  .flatMap((name, k) => [
    { name, tile: TILES[3]! },
    { name, tile: TILES[k]! },
  ])
  .map(({ name, tile }) => ({ title: `${name} in tiles of ${named(tile)}`, tile, form: FORMS[name] }));

describeGpu.each([
  ['matmul_tiles', 0, matmulTiles, { M: 132, K: 36, N: 68, before: 4, beside: 4 }],
  ['matmul_tiles_any', 1, matmulTilesAny, { M: 67, K: 35, N: 33, before: 3, beside: 2 }],
] as const)('%s', (_, share, kernel, { M, K, N, before, beside }) => {
  test.each(shareOf(cases, 3, share))(
    'matches its twin for $title, writing only C, though all its neighbors are infinite',
    async ({ tile, form }) => {
      const [left, right] = operandsOf(form, M, K, N, before, beside);
      const [a, b] = [surrounded(left, 1), surrounded(right, 2)];
      const [stride, length] = [N + beside, before + M * (N + beside)];
      const check = (dims: TilesDims, c: Float32Array) =>
        holdAgainstTwin(kernel, twins.matmulTiles, dims, { a, b, c }, 'summed', undefined, overridesOf(tile, form));
      const whole = { ...matmulDims(left, right, { offset: before, stride, accumulate: true }), part: K, c_part: 0 };
      await check(whole, randomValues(length, 3));
      const parts = { accumulate: 0, c_offset: 0, c_row: N, part: tile.depth, c_part: M * N };
      await check({ ...whole, ...parts }, garbage(Math.ceil(K / tile.depth) * M * N + 4));
    },
  );

  test('is as accurate over several blocks of K', async () => {
    const form = FORMS['A^T B'];
    const [left, right] = operandsOf(form, 8, 300, 4, before, beside);
    const [a, b] = [surrounded(left, 1), surrounded(right, 2)];
    const constants = { ...overridesOf(TILES[3]!, form), BLOCK: 64 };
    for (const accumulate of [false, true]) {
      const dims = { ...matmulDims(left, right, { accumulate }), part: 300, c_part: 0 };
      const c = accumulate ? randomValues(36, 3) : garbage(36);
      await holdAgainstTwin(kernel, twins.matmulTiles, dims, { a, b, c }, 'summed', undefined, constants);
    }
  });
});

describeGpu('matmul_tiles_any', () => {
  test('reads and writes with gaps between columns, and sizes of one', async () => {
    const gaps = {
      ...matmulDims({ rows: 5, columns: 7 }, { rows: 7, columns: 6 }),
      a_row: 15,
      a_col: 2,
      c_row: 15,
      c_col: 2,
    };
    const [a, b] = [randomValues(80, 1), randomValues(42, 2)];
    const constants = overridesOf(TILES[3]!, { a: true, b: false });
    for (const dims of [gaps, matmulDims({ rows: 1, columns: 1 }, { rows: 1, columns: 1 })])
      await holdAgainstTwin(
        matmulTilesAny,
        twins.matmulTiles,
        { ...dims, part: dims.K, c_part: 0 },
        { a, b, c: garbage(80) },
        'summed',
        undefined,
        constants,
      );
  });
});

describeGpu('matmul_parts', () => {
  test.each([
    [1, 1, 1],
    [3, 5, 7],
    [130, 9, 67],
  ])('matches its twin for P=%d M=%d N=%d', async (P, M, N) => {
    const parts = randomValues(P * M * N, 1);
    const dims = { M, N, P, accumulate: 0, c_offset: 2, c_row: 2 * N + 1, c_col: 2 };
    const length = 2 + M * (2 * N + 1);
    await holdAgainstTwin(matmulParts, twins.matmulParts, dims, { parts, c: garbage(length) }, 'summed');
    const onto = { ...dims, accumulate: 1 };
    await holdAgainstTwin(matmulParts, twins.matmulParts, onto, { parts, c: randomValues(length, 2) }, 'summed');
  });
});

/** A product as the engine runs it on a GPU. */
async function multiply(
  dims: MatmulDims,
  tiling: Tiling,
  given: { a: Float32Array; b: Float32Array; c: Float32Array },
): Promise<Float32Array> {
  const device = guardedTestDevice();
  const product = await loadTiles(device, [dims], () => tiling);
  const [a, b, c] = Object.entries(given).map(([name, values]) => {
    const tensor = createTensor(device, name, [values.length]);
    writeTensor(device, tensor, values);
    return tensor;
  });
  const build = new DispatchBuilder(device, 'tiles');
  const dispatches = product.dispatches(build, dims, { a: a!, b: b!, c: c! });
  build.upload();
  const [values] = await readRegions(device, [c!], (encoder) => {
    const pass = encoder.beginComputePass({ label: 'tiles' });
    record(pass, dispatches);
    pass.end();
  });
  device.dispose();
  return values!;
}

const small = TILES[3]!;

describeGpu('a product in tiles', () => {
  test.each(golden.matmul)(
    'matches torch.matmul and torch.addmm for M=$M K=$K N=$N',
    async ({ M, K, N, ...values }) => {
      const [a, b] = [Float32Array.from(values.a), Float32Array.from(values.b)];
      const operands = [
        { rows: M, columns: K },
        { rows: K, columns: N },
      ] as const;
      for (const parts of [1, 3]) {
        const tiling = { tile: small, parts };
        const product = await multiply(matmulDims(...operands), tiling, { a, b, c: garbage(M * N) });
        expectClose(product, values.product, { tensor: 'A B', tolerance: 'summed' });
        const onto = matmulDims(...operands, { accumulate: true });
        const sum = await multiply(onto, tiling, { a, b, c: Float32Array.from(values.c) });
        expectClose(sum, values.accumulated, { tensor: 'C + A B', tolerance: 'summed' });
      }
    },
  );

  test('is bit-identical in tiles of 128 x 128 and of 32 x 32', async () => {
    const dims = matmulDims({ rows: 300, columns: 36, transposed: true }, { rows: 300, columns: 40 });
    const given = { a: randomValues(300 * 36, 1), b: randomValues(300 * 40, 2), c: garbage(36 * 40) };
    const [first, ...others] = await Promise.all(
      [TILES[0]!, TILES[3]!].map((tile) => multiply(dims, { tile, parts: 1 }, given)),
    );
    for (const other of others) expect(bitsOf(other)).toEqual(bitsOf(first!));
  });

  test('in parts is added to a part of a wider C, and the rest is unchanged', async () => {
    const [M, K, N] = [5, 70, 8];
    const dims = matmulDims(
      { rows: K, columns: M, transposed: true },
      { rows: K, columns: N },
      { offset: 3, stride: 11, accumulate: true },
    );
    const given = { a: randomValues(K * M, 1), b: randomValues(K * N, 2), c: randomValues(60, 3) };
    const expected = { a: Float64Array.from(given.a), b: Float64Array.from(given.b), c: Float64Array.from(given.c) };
    twins.matmul(dims, expected);
    const values = await multiply(dims, { tile: small, parts: 3 }, given);
    expectClose(values, expected.c, { tensor: 'C', tolerance: 'summed' });
  });

  test('passes the self-test of a GPU', async () => {
    const device = new GuardedDevice(deviceFor('gpu'));
    const checks = productChecks(device);
    expect(checks.map(({ name }) => name)).toEqual(['matmul_tiles', 'matmul_tiles_any']);
    for (const { tolerance, run } of checks)
      for (const [what, error] of Object.entries(await run(device))) expect(error, what).toBeLessThanOrEqual(tolerance);
  });

  test('is measured when it is loaded for a tuned GPU', async () => {
    const raw = await requestDevice({ gpu: testGpu() });
    const device = new GuardedDevice(raw);
    forceFamily(device, 'gpu');
    const dims = matmulDims({ rows: 8, columns: 16 }, { rows: 4, columns: 16, transposed: true });
    const { products } = measuredOn(device);
    await loadProduct(device, [dims]);
    expect(products.size).toBe(0);
    setTuned(raw, fastestTilings);
    await loadProduct(device, [dims]);
    expect([...products.keys()]).toEqual([tilingKey(dims)]);
    expect(products.get(tilingKey(dims))).toHaveLength(tilingsOf(device, dims).length);
    raw.destroy();
  });

  test('is computed in the tiling that was measured to be the fastest', async () => {
    const raw = await requestDevice({ gpu: testGpu() });
    const device = new GuardedDevice(raw);
    const dims = matmulDims({ rows: 40, columns: 64 }, { rows: 36, columns: 64, transposed: true });
    const candidates = [1, 2].map((parts) => ({ tile: small, parts }));
    const tilingOf = await fastestTilings(device, [dims], () => candidates);
    const timings = measuredOn(device).products.get(tilingKey(dims))!;
    expect(timings.map(({ name }) => name).sort()).toEqual([1, 2].map((n) => `tiles of 32 x 32 x 32, parts: ${n}`));
    expect(timings[0]!.us).toBeGreaterThan(0);
    expect(timings[1]!.us).toBeGreaterThanOrEqual(timings[0]!.us);
    expect(timings[0]!.name).toMatch(new RegExp(`parts: ${tilingOf(dims).parts}$`));
    raw.destroy();
  });
});
