import { beforeEach, expect, test } from 'vitest';
import { type PersistentTile, persistentTile } from '../../src/engine/persistent_tile.ts';
import type { Kernel } from '../../src/gpu/kernel.ts';
import { hasQuads } from '../../src/gpu/quads.ts';
import { lstmPersistentBackward, lstmPersistentForward, markUnwritten } from '../../src/kernels/index.ts';
import { markUnwritten as markUnwrittenTwin } from '../reference/index.ts';
import * as twins from '../reference/persistent.ts';
import { shareOf } from './cases.ts';
import { describeGpu, guardedTestDevice, testDevice } from './device.ts';
import { bitsOf, expectClose } from './expect.ts';
import { holdAgainstTwin } from './hold_against_twin.ts';
import { garbage, randomValues, runKernel, STEP } from './run_kernel.ts';

/** A workgroup waits for its own values, which arrive; for those of others only if the device runs them side by side. */
const POLLS = 2 ** 18;

const unwritten = (count: number) => new Float32Array(new Uint32Array(count).fill(0xffffffff).buffer);

interface Size {
  N: number;
  T: number;
  H: number;
  workgroups: number;
  /** Default 64: on a software adapter, more take longer to compile. */
  lanes?: number;
  D?: number;
  direction?: number;
  lengths?: number[];
}

/** One row, odd sizes, padding in tiles and vectors, both directions, rows that end, several rounds; no workgroup waits for another. */
const SIZES: readonly Size[] = [
  { N: 1, T: 1, H: 1, workgroups: 1 },
  { N: 3, T: 5, H: 10, workgroups: 1, lengths: [2, 5, 1] },
  { N: 13, T: 3, H: 13, workgroups: 1, D: 2, direction: 1, lengths: [1, 2, 3, 3, 3, 2, 1, 3, 3, 3, 3, 3, 1] },
  { N: 9, T: 4, H: 34, workgroups: 1, lanes: 256, D: 2, direction: 0 },
  { N: 2, T: 3, H: 41, workgroups: 1, lanes: 512, lengths: [3, 2] },
  { N: 6, T: 3, H: 16, workgroups: 1, D: 2, direction: 1 },
];

const tileOf = (way: 'forward' | 'backward', { N, H, workgroups, lanes = 64 }: Size): PersistentTile => {
  const { maxComputeWorkgroupStorageSize } = testDevice().limits;
  const limits = {
    maxComputeWorkgroupStorageSize,
    maxComputeInvocationsPerWorkgroup: lanes,
    maxComputeWorkgroupSizeX: lanes,
  };
  return persistentTile(way, { batchSize: N, hiddenSize: H }, limits, workgroups)!;
};

const lengthsOf = ({ N, T, lengths }: Size) => Uint32Array.from(lengths ?? Array.from({ length: N }, () => T));

function forwardCase(size: Size) {
  const { N, T, H, D = 1, direction = 0 } = size;
  const row = N * D * H;
  const h = randomValues((T + 2) * row, 5);
  const c = randomValues((T + 2) * row, 6);
  for (const [at, initial] of [0, (T + 1) * row].entries())
    if (at === direction) for (const states of [h, c]) states.fill(0, initial, initial + row);
  const bits = new Uint32Array(h.buffer);
  for (let r = N; r < (T + 1) * N; r++) bits.fill(0xffffffff, (r * D + direction) * H, (r * D + direction + 1) * H);
  const dims = {
    ...{ N, T, H, gates: direction * T * N * 4 * H, h: direction * H, h_stride: D * H },
    ...{ c: direction * H, c_stride: D * H, reverse: direction, polls: POLLS },
  };
  const inputs = {
    vectors: randomValues(4 * H * H, 1),
    bias_ih: randomValues(4 * H, 2),
    bias_hh: randomValues(4 * H, 3),
    lengths: lengthsOf(size),
    gates: randomValues(D * T * N * 4 * H, 4),
    ...{ c, h, failed: new Uint32Array(1) },
  };
  return { dims, inputs };
}

function backwardCase(size: Size) {
  const { N, T, H, D = 1, direction = 0 } = size;
  const states = (seed: number) => randomValues((T + 2) * N * D * H, seed);
  const dims = {
    ...{ N, T, H, gates: direction * T * N * 4 * H, d_h: direction * H, d_h_stride: D * H },
    ...{ c: direction * H, c_stride: D * H, reverse: direction, polls: POLLS },
  };
  const inputs = {
    vectors: randomValues(4 * H * 4 * Math.ceil(H / 4), 1),
    c: states(2),
    lengths: lengthsOf(size),
    gates: randomValues(D * T * N * 4 * H, 3).map((gate) => (gate + 1) / 2),
    d_h: states(4),
    d_gates: unwritten(D * T * N * 4 * H),
    failed: new Uint32Array(1),
  };
  return { dims, inputs };
}

type AnyKernel = Kernel<Record<string, number>>;
type Twin = (dims: Record<string, number>, tensors: Record<string, Float64Array>) => void;

/** One of the kernels on a size: its inputs, twin and tile, and the values that its workgroups exchange. */
function caseOf(way: 'forward' | 'backward', size: Size) {
  const isForward = way === 'forward';
  const { dims, inputs } = isForward ? forwardCase(size) : backwardCase(size);
  const twin = (isForward ? twins.lstmPersistentForward : twins.lstmPersistentBackward) as unknown as Twin;
  const expected = Object.fromEntries(
    Object.entries(inputs).map(([name, values]) => [name, Float64Array.from(values)]),
  );
  twin(dims as never, expected);
  return {
    kernel: (isForward ? lstmPersistentForward : lstmPersistentBackward) as unknown as AnyKernel,
    ...{
      dims: dims as unknown as Record<string, number>,
      inputs: inputs as Record<string, Float32Array | Uint32Array>,
    },
    ...{ twin, expected, exchanged: isForward ? 'h' : 'd_gates' },
    tile: tileOf(way, size),
    halves: { COLUMNS: isForward ? 8 : 2, SLICES: isForward ? 8 : 32, LANES: 64, TERMS: 2, ROWS: 4, ROUND: 4 },
  };
}

const failedOf = ({ failed }: Record<string, Float32Array>) => new Uint32Array(failed!.buffer)[0];

/** Up to 16 units, of which a workgroup with the tile `halves` has the first eight. */
const HALVES: Size = { N: 3, T: 4, H: 14, workgroups: 1 };

/** A kernel of which only the first workgroup is dispatched. */
const firstOf = (kernel: AnyKernel): AnyKernel => ({
  ...kernel,
  load: async (...options) => ({ ...(await kernel.load(...options)), grid: () => [1] }),
});

describeGpu.each(['forward', 'backward'] as const)('a persistent kernel %s', (way) => {
  beforeEach(async (context) => {
    if (!(await hasQuads(guardedTestDevice()))) context.skip('this device has no quads, and so no persistent kernels');
  });

  test.each(shareOf(SIZES, 2, Number(way === 'backward')))('matches its twin for %j', async (size) => {
    const { kernel, twin, dims, inputs, tile } = caseOf(way, size);
    await holdAgainstTwin(kernel, twin, dims, inputs as never, 'summed', STEP, tile);
  });

  test('uses what another workgroup has written', async () => {
    const { kernel, dims, inputs, expected, exchanged, halves } = caseOf(way, HALVES);
    const words = inputs[exchanged]!;
    for (const [k, value] of expected[exchanged]!.entries()) if (k % HALVES.H >= 8) words[k] = value;
    const outputs = await runKernel(firstOf(kernel), dims, inputs, STEP, halves);
    expect(failedOf(outputs)).toBe(0);
    const own = (values: ArrayLike<number>) => Array.from(values).filter((_, k) => k % HALVES.H < 8);
    expectClose(own(outputs[exchanged]!), own(expected[exchanged]!), { tensor: exchanged, tolerance: 'summed' });
  });

  test('gives up when it waits for a workgroup that does not run', async () => {
    const { kernel, dims, inputs, halves } = caseOf(way, HALVES);
    const outputs = await runKernel(firstOf(kernel), { ...dims, polls: 1000 }, inputs, STEP, halves);
    expect(failedOf(outputs)).toBe(1);
    // and does not wait at all after another one did
    const late = { ...inputs, failed: Uint32Array.of(1) };
    expect(failedOf(await runKernel(firstOf(kernel), { ...dims, polls: 2 ** 32 - 1 }, late, STEP, halves))).toBe(1);
  });

  test('hands on a NaN, with whatever bits, as a value that is written', async () => {
    const size = SIZES[1]!;
    const { kernel, dims, inputs, exchanged, tile } = caseOf(way, { ...size, lengths: undefined });
    const source = inputs[way === 'forward' ? 'gates' : 'd_h']!;
    new Uint32Array(source.buffer).fill(0xffffffff);
    const outputs = await runKernel(kernel, { ...dims, polls: 1000 }, inputs, STEP, tile);
    expect(failedOf(outputs)).toBe(0);
    const row = way === 'forward' ? size.N * size.H : 0; // after the initial states
    const values = outputs[exchanged]!.subarray(row, row + size.T * size.N * size.H);
    expect(values.every(Number.isNaN)).toBe(true);
    expect(bitsOf(values).includes(0xffffffff)).toBe(false);
  });

  test('has the right values or has given up, whether or not its workgroups run side by side', async () => {
    const { kernel, dims, inputs, expected, halves } = caseOf(way, HALVES);
    for (const polls of [0, 10, 100, 2 ** 18]) {
      const outputs = await runKernel(kernel, { ...dims, polls }, inputs, STEP, halves);
      if (failedOf(outputs) !== 0) continue;
      for (const [name, values] of Object.entries(outputs))
        expectClose(values, expected[name]!, { tensor: name, tolerance: 'summed' });
    }
  });
});

describeGpu('mark_unwritten', () => {
  test('fills the words of a direction, and leaves those of the other one', async () => {
    const words = garbage(2 * 5 * 3);
    const dims = { rows: 5, columns: 3, first: 3, stride: 6 };
    words.fill(1);
    await holdAgainstTwin(markUnwritten, markUnwrittenTwin, dims, { words }, 'copied');
    const marked = await runKernel(markUnwritten, dims, { words });
    expect(bitsOf(marked.words!).filter((bits) => bits === 0xffffffff)).toHaveLength(15);
  });
});
