import { expect, test } from 'vitest';
import {
  dropout,
  gruCellBackward,
  gruCellForward,
  hold,
  lstmCellBackward,
  lstmCellForward,
  rnnCellBackward,
  rnnCellForward,
} from '../../src/kernels/index.ts';
import * as twins from '../reference/index.ts';
import { backwardDims, forwardDims } from './cell_dims.ts';
import { describeGpu } from './device.ts';
import { bitsOf, expectClose } from './expect.ts';
import { holdAgainstTwin } from './hold_against_twin.ts';
import { garbage, randomValues, runKernel, STEP } from './run_kernel.ts';

/** Small, odd, a time step in the middle, both directions, one past a workgroup of 64 in two ways, and rows that end. */
const SIZES = [
  { N: 1, T: 1, H: 7, t: 0, lengths: [1] },
  { N: 3, T: 5, H: 7, t: 4, lengths: [5, 4, 5] },
  { N: 3, T: 5, H: 7, t: 2, lengths: [2, 3, 1] },
  { N: 3, T: 5, H: 7, t: 2, lengths: [2, 3, 5], directions: 2, direction: 1 },
  { N: 1, T: 2, H: 65, t: 0, lengths: [1] },
  { N: 13, T: 2, H: 5, t: 1, lengths: [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1], directions: 2, direction: 0 },
].map((size) => [`N=${size.N} H=${size.H} t=${size.t} of ${size.T}, lengths ${size.lengths}`, size] as const);

type Size = (typeof SIZES)[number][1];
const sizeOf = ({ N, T, H, lengths, directions = 1 }: Size) => ({
  states: (T + 1) * N * directions * H,
  gates: T * N * H,
  lengths: Uint32Array.from(lengths),
  d_c: N * directions * H,
});

describeGpu('cells', () => {
  test.each(SIZES)('lstm_cell_forward matches its twin for %s', async (_, size) => {
    const { states, gates, lengths } = sizeOf(size);
    const inputs = {
      bias_ih: randomValues(4 * size.H, 1),
      bias_hh: randomValues(4 * size.H, 2),
      lengths,
      gates: randomValues(4 * gates, 3).map((a) => 3 * a),
      c: randomValues(states, 4),
      h: garbage(states),
    };
    await holdAgainstTwin(lstmCellForward, twins.lstmCellForward, forwardDims(size), inputs, 'elementwise');
  });

  test.each(SIZES)('lstm_cell_backward matches its twin for %s', async (_, size) => {
    const { states, gates, lengths, d_c } = sizeOf(size);
    const fresh = size.t === size.T - 1 ? 1 : 0;
    const inputs = {
      gates: randomValues(4 * gates, 1).map((gate) => (gate + 1) / 2),
      c: randomValues(states, 2),
      d_h: randomValues(states, 3),
      lengths,
      d_c: fresh ? garbage(d_c) : randomValues(d_c, 5),
    };
    const dims = backwardDims(size, { fresh });
    await holdAgainstTwin(lstmCellBackward, twins.lstmCellBackward, dims, inputs, 'elementwise');
  });

  test.each(SIZES)('gru_cell_forward matches its twin for %s', async (_, size) => {
    const { states, gates, lengths } = sizeOf(size);
    const inputs = {
      bias_ih: randomValues(3 * size.H, 1),
      bias_hh: randomValues(3 * size.H, 2),
      lengths,
      gates: randomValues(4 * gates, 3).map((a) => 3 * a),
      h: randomValues(states, 4),
    };
    await holdAgainstTwin(gruCellForward, twins.gruCellForward, forwardDims(size), inputs, 'elementwise');
  });

  test.each(SIZES)('gru_cell_backward matches its twin for %s', async (_, size) => {
    const { states, gates, lengths } = sizeOf(size);
    for (const to_before of [0, 1]) {
      const inputs = {
        gates: randomValues(4 * gates, 1).map((gate) => (gate + 1) / 2),
        h: randomValues(states, 2),
        lengths,
        d_h: randomValues(states, 3),
      };
      const dims = backwardDims(size, { to_before });
      await holdAgainstTwin(gruCellBackward, twins.gruCellBackward, dims, inputs, 'elementwise');
    }
  });

  test.each(SIZES)('rnn_cell_forward and rnn_cell_backward match their twins for %s', async (_, size) => {
    const { states, gates, lengths } = sizeOf(size);
    for (const RELU of [0, 1]) {
      const biases = { bias_ih: randomValues(size.H, 1), bias_hh: randomValues(size.H, 2) };
      const inputs = { ...biases, lengths, gates: randomValues(gates, 3).map((a) => 3 * a), h: garbage(states) };
      const forward = twins.rnnCellForward(RELU === 1);
      await holdAgainstTwin(rnnCellForward, forward, forwardDims(size), inputs, 'elementwise', STEP, { RELU });
      const gradients = {
        gates: randomValues(gates, 1),
        d_h: randomValues(states, 2),
        lengths,
      };
      const backward = twins.rnnCellBackward(RELU === 1);
      await holdAgainstTwin(rnnCellBackward, backward, backwardDims(size), gradients, 'elementwise', STEP, { RELU });
    }
  });

  test.each([0, 1])('rnn cells keep a NaN, forward and backward, like their twins: RELU=%d', async (RELU) => {
    const [, size] = SIZES[2]!;
    const { states, gates, lengths } = sizeOf(size);
    const withNaN = (values: Float32Array) => values.map((value, k) => (k % 3 === 0 ? Number.NaN : value));
    const biases = { bias_ih: randomValues(size.H, 1), bias_hh: randomValues(size.H, 2) };
    const inputs = { ...biases, lengths, gates: withNaN(randomValues(gates, 3)), h: garbage(states) };
    const forward = twins.rnnCellForward(RELU === 1);
    await holdAgainstTwin(rnnCellForward, forward, forwardDims(size), inputs, 'elementwise', STEP, { RELU });
    const gradients = { gates: withNaN(randomValues(gates, 1)), d_h: randomValues(states, 2), lengths };
    const backward = twins.rnnCellBackward(RELU === 1);
    await holdAgainstTwin(rnnCellBackward, backward, backwardDims(size), gradients, 'elementwise', STEP, { RELU });
  });

  test('lstm cells stay finite with saturated gates, up to 1e4 on either side', async () => {
    const sides = [-1e4, -100, -88.8, 0, 88.8, 100, 1e4];
    const N = sides.length ** 2;
    const gates = new Float32Array(N * 4);
    for (let n = 0; n < N; n++) {
      const [near, far] = [sides[n % sides.length]!, sides[Math.floor(n / sides.length)]!];
      gates.set([near, far, -near, -far], n * 4);
    }
    const zeros = new Float32Array(4);
    const lengths = new Uint32Array(N).fill(1);
    const inputs = {
      bias_ih: zeros,
      bias_hh: zeros,
      lengths,
      gates,
      c: garbage(2 * N).fill(30, 0, N),
      h: garbage(2 * N),
    };
    const dims = forwardDims({ N, H: 1, t: 0 });
    await holdAgainstTwin(lstmCellForward, twins.lstmCellForward, dims, inputs, 'elementwise');
    const states = await runKernel(lstmCellForward, dims, inputs);
    const gradient = { d_h: randomValues(2 * N, 1), lengths, d_c: garbage(N) };
    const saturated = { gates: states.gates!, c: states.c!, ...gradient };
    const back = backwardDims({ N, H: 1, t: 0 }, { fresh: 1 });
    await holdAgainstTwin(lstmCellBackward, twins.lstmCellBackward, back, saturated, 'elementwise');
    const { gates: gradients } = await runKernel(lstmCellBackward, back, saturated);
    const all = [...states.gates!, ...states.c!, ...states.h!.subarray(N), ...gradients!];
    expect(all.filter((x) => !Number.isFinite(x))).toEqual([]);
  });

  test('gru and rnn cells stay finite with gates up to 1e4 on either side', async () => {
    const sides = Float32Array.of(-1e4, -88.8, 0, 88.8, 1e4);
    const N = sides.length;
    const gates = Float32Array.from({ length: 4 * N }, (_, k) => sides[(k + Math.floor(k / 4)) % N]!);
    const zeros = new Float32Array(3);
    const shared = { bias_ih: zeros, bias_hh: zeros, lengths: new Uint32Array(N).fill(1) };
    const dims = forwardDims({ N, H: 1, t: 0 });
    const gru = { ...shared, gates, h: randomValues(2 * N, 1) };
    await holdAgainstTwin(gruCellForward, twins.gruCellForward, dims, gru, 'elementwise');
    const rnn = { ...shared, gates: sides, h: garbage(2 * N) };
    await holdAgainstTwin(rnnCellForward, twins.rnnCellForward(false), dims, rnn, 'elementwise');
  });
});

describeGpu('tanh_safe', () => {
  test('keeps its relative precision down to 1e-30, and around 0.25, where it switches formulas', async () => {
    const sizes = [1e-30, 1e-10, 1e-7, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.2, 0.2499, 0.25, 0.2501, 0.3, 1];
    const values = Float32Array.from([...sizes, ...sizes.map((x) => -x)]);
    const N = values.length;
    const gates = new Float32Array(N * 4);
    for (const [n, g] of values.entries()) gates.set([1e4, -1e4, g, 1e4], n * 4); // i = o = 1, f = 0
    const zeros = new Float32Array(4);
    const states = { lengths: new Uint32Array(N).fill(1), c: new Float32Array(2 * N), h: garbage(2 * N) };
    const inputs = { bias_ih: zeros, bias_hh: zeros, gates, ...states };
    const { c, h } = await runKernel(lstmCellForward, forwardDims({ N, H: 1, t: 0 }), inputs);
    const once = Array.from(values, Math.tanh);
    expectClose(c!.subarray(N), once, { tensor: 'tanh(g)', tolerance: 'relative' });
    expectClose(h!.subarray(N), once.map(Math.tanh), { tensor: 'tanh(tanh(g))', tolerance: 'relative' });
  });
});

describeGpu('hold', () => {
  test.each([
    { N: 1, columns: 1, t: 1, lengths: [1] },
    { N: 3, columns: 5, t: 2, lengths: [2, 3, 1] },
    { N: 13, columns: 5, t: 1, lengths: [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1] },
  ])('matches its twin for N=$N columns=$columns t=$t', async ({ N, columns, t, lengths }) => {
    const stride = 2 * columns + 1;
    for (const accumulate of [0, 1]) {
      const dims = { N, columns, t, source: 3, to: N * stride + 5, stride, accumulate };
      const inputs = { lengths: Uint32Array.from(lengths), state: randomValues(2 * N * stride + 8, 1) };
      await holdAgainstTwin(hold, twins.hold, dims, inputs, 'elementwise');
    }
  });
});

describeGpu('dropout', () => {
  const sizes = { x_offset: 3, y_offset: 1, accumulate: 0, seed: 7, layer: 1, p: 0.3 };

  test('draws the published numbers of Philox', () => {
    // kat_vectors of Random123: zeros, all ones, the digits of pi
    expect(twins.philox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    const ones = 0xffffffff;
    expect(twins.philox([ones, ones, ones, ones], [ones, ones])).toEqual([
      0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
    ]);
    const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
    expect(twins.philox(pi, [0xa4093822, 0x299f31d0])).toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
  });

  test.each([
    { count: 1, seed: 0, layer: 0, number: 0, p: 0.5 },
    { count: 65, seed: 1, layer: 1, number: 3, p: 0.25 },
    { count: 1027, seed: 0xffffffff, layer: 2, number: 0xfffffffe, p: 0.9 },
    { count: 70, seed: 5, layer: 0, number: 1, p: 0 },
    { count: 70, seed: 5, layer: 0, number: 1, p: 1 },
  ])('matches its twin for $count values, seed $seed, step $number, p=$p', async ({ number, ...some }) => {
    for (const accumulate of [0, 1]) {
      const dims = { ...sizes, ...some, accumulate };
      const y = accumulate ? randomValues(some.count + 2, 2) : garbage(some.count + 2);
      const inputs = { x: randomValues(some.count + 3, 1), y };
      await holdAgainstTwin(dropout, twins.dropout, dims, inputs, 'elementwise', { ...STEP, number });
    }
  });

  test('drops a share p, and keeps the mean', async () => {
    const count = 100_000;
    const dims = { ...sizes, count, x_offset: 0, y_offset: 0 };
    const { y } = await runKernel(dropout, dims, { x: new Float32Array(count).fill(1), y: garbage(count) });
    const dropped = y!.filter((value) => value === 0).length / count;
    expect(Math.abs(dropped - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / count));
    expect(new Set(y).size).toBe(2);
    expect(Math.max(...y!.subarray(0, 100))).toBeCloseTo(1 / 0.7, 6);
  });

  test('depends on step, layer and seed, but not on inputs', async () => {
    const dims = { ...sizes, count: 400, x_offset: 0, y_offset: 0 };
    const maskOf = async (change: object, number = 0, x = new Float32Array(400).fill(1)) => {
      const { y } = await runKernel(dropout, { ...dims, ...change }, { x, y: garbage(400) }, { ...STEP, number });
      return bitsOf(y!.map((value) => Number(value !== 0))).join();
    };
    const masks = [await maskOf({}), await maskOf({}, 1), await maskOf({ layer: 2 }), await maskOf({ seed: 8 })];
    expect(new Set(masks).size).toBe(4);
    expect(
      await maskOf(
        {},
        0,
        randomValues(400, 1).map((value) => value + 2),
      ),
    ).toBe(masks[0]);
  });
});
