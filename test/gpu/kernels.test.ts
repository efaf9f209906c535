import { expect, test } from 'vitest';
import type { Kernel } from '../../src/gpu/kernel.ts';
import { adam } from '../../src/kernels/adam.ts';
import { biasReduce } from '../../src/kernels/bias_reduce.ts';
import { linearBackwardInput } from '../../src/kernels/linear_backward_input.ts';
import { linearBackwardWeight } from '../../src/kernels/linear_backward_weight.ts';
import { linearForward } from '../../src/kernels/linear_forward.ts';
import { lstmCellBackward } from '../../src/kernels/lstm_cell_backward.ts';
import { lstmCellForward } from '../../src/kernels/lstm_cell_forward.ts';
import { matmul, matmulDims } from '../../src/kernels/matmul.ts';
import { mseLoss } from '../../src/kernels/mse_loss.ts';
import { windowGather } from '../../src/kernels/window_gather.ts';
import * as twins from '../reference/index.ts';
import type { Step } from '../reference/step.ts';
import { describeGpu } from './device.ts';
import { bitsOf, expectClose } from './expect.ts';
import { garbage, randomValues, runKernel, STEP } from './run_kernel.ts';

/** Small, odd, a time step in the middle, and one past a workgroup of 64 in two ways. */
const SIZES = [
  { N: 1, T: 1, H: 7, O: 1, t: 0 },
  { N: 3, T: 5, H: 7, O: 2, t: 4 },
  { N: 3, T: 5, H: 7, O: 2, t: 2 },
  { N: 1, T: 2, H: 65, O: 65, t: 0 },
  { N: 13, T: 2, H: 5, O: 5, t: 1 },
].map((size) => [`N=${size.N} H=${size.H} O=${size.O} t=${size.t} of ${size.T}`, size] as const);

/**
 * Runs a kernel twice and its float64 twin once, on the same inputs. Every writable binding is compared whole, so a value
 * that the kernel should leave alone is held too: where it was NaN, it still is.
 */
async function holdAgainstTwin<
  Dims extends Record<string, number>,
  Tensors extends Record<keyof Tensors, Float64Array>,
>(
  kernel: Kernel<Dims>,
  twin: (dims: Dims, tensors: Tensors, step: Step) => void,
  dims: Dims,
  inputs: { [Name in keyof Tensors]: Float32Array | Uint32Array },
  tolerance: 'copied' | 'elementwise' | 'summed',
  step: Step = STEP,
): Promise<void> {
  const outputs = await runKernel(kernel, dims, inputs, step);
  const again = await runKernel(kernel, dims, inputs, step);
  const names = Object.keys(inputs) as (keyof Tensors & string)[];
  const expected = Object.fromEntries(
    names.map((name) => [name, Float64Array.from(inputs[name])]),
  ) as unknown as Tensors;
  twin(dims, expected, step);
  for (const [name, values] of Object.entries(outputs)) {
    expectClose(values, expected[name as keyof Tensors], { tensor: `${kernel.name}: ${name}`, tolerance });
    expect(bitsOf(again[name]!), `${kernel.name}: ${name}, a second run`).toEqual(bitsOf(values));
  }
}

describeGpu('matmul', () => {
  const [M, K, N] = [33, 65, 35]; // one past the 32 rows of a workgroup's blocks, and no multiple of 4
  const [a, b, c] = [randomValues(M * K + 5, 1), randomValues(K * N + 9, 2), randomValues(2 * M * N, 3)];

  test.each([
    ['A B', { rows: M, columns: K }, { rows: K, columns: N }],
    ['A^T B', { rows: K, columns: M, transposed: true }, { rows: K, columns: N }],
    ['A B^T', { rows: M, columns: K }, { rows: N, columns: K, transposed: true }],
    ['A B of slices', { rows: M, columns: K, offset: 5 }, { rows: K, columns: N, offset: 9 }],
  ])('matches its twin for %s, M=33 K=65 N=35', async (_, left, right) => {
    await holdAgainstTwin(matmul, twins.matmul, matmulDims(left, right), { a, b, c: garbage(M * N + 1) }, 'summed');
    const onto = matmulDims(left, right, { offset: 11, accumulate: true });
    await holdAgainstTwin(matmul, twins.matmul, onto, { a, b, c }, 'summed');
  });

  test('writes a C with gaps between its rows and columns, and leaves the gaps alone', async () => {
    const dims = { ...matmulDims({ rows: 5, columns: 7 }, { rows: 7, columns: 6 }), c_row: 15, c_col: 2 };
    await holdAgainstTwin(matmul, twins.matmul, dims, { a, b, c: garbage(80) }, 'summed');
  });

  test('takes sizes of one', async () => {
    const dims = matmulDims({ rows: 1, columns: 1 }, { rows: 1, columns: 1 });
    await holdAgainstTwin(matmul, twins.matmul, dims, { a, b, c: garbage(2) }, 'elementwise');
  });
});

describeGpu('lstm_cell_forward', () => {
  test.each(SIZES)('matches its twin for %s', async (_, { N, T, H, t }) => {
    const inputs = {
      bias_ih: randomValues(4 * H, 1),
      bias_hh: randomValues(4 * H, 2),
      gates: randomValues(T * N * 4 * H, 3).map((a) => 3 * a),
      c: randomValues((T + 1) * N * H, 4),
      h: garbage((T + 1) * N * H),
    };
    inputs.c.fill(Number.NaN, (t + 1) * N * H);
    await holdAgainstTwin(lstmCellForward, twins.lstmCellForward, { N, H, t }, inputs, 'elementwise');
  });

  test('stays finite with saturated gates, up to 1e4 on either side', async () => {
    const sides = [-1e4, -100, -88.8, 0, 88.8, 100, 1e4];
    const N = sides.length ** 2;
    const gates = new Float32Array(N * 4);
    for (let n = 0; n < N; n++) {
      const [near, far] = [sides[n % sides.length]!, sides[Math.floor(n / sides.length)]!];
      gates.set([near, far, -near, -far], n * 4);
    }
    const zeros = new Float32Array(4);
    const c = garbage(2 * N).fill(30, 0, N);
    const inputs = { bias_ih: zeros, bias_hh: zeros, gates, c, h: garbage(2 * N) };
    await holdAgainstTwin(lstmCellForward, twins.lstmCellForward, { N, H: 1, t: 0 }, inputs, 'elementwise');
    const states = await runKernel(lstmCellForward, { N, H: 1, t: 0 }, inputs);
    const gradient = { d_out: randomValues(N, 1), d_h: garbage(N), d_c: garbage(N), d_gates: garbage(4 * N) };
    const saturated = { gates: states.gates!, c: states.c!, ...gradient };
    await holdAgainstTwin(lstmCellBackward, twins.lstmCellBackward, { N, T: 1, H: 1, t: 0 }, saturated, 'elementwise');
    const { d_gates } = await runKernel(lstmCellBackward, { N, T: 1, H: 1, t: 0 }, saturated);
    expect(
      [...states.gates!, ...states.c!, ...states.h!.subarray(N), ...d_gates!].filter((x) => !Number.isFinite(x)),
    ).toEqual([]);
  });
});

describeGpu('tanh_safe', () => {
  test('keeps its relative precision down to 1e-30, and across 0.25, where its two formulas meet', async () => {
    const sizes = [1e-30, 1e-10, 1e-7, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.2, 0.2499, 0.25, 0.2501, 0.3, 1];
    const values = Float32Array.from([...sizes, ...sizes.map((x) => -x)]);
    const N = values.length;
    const gates = new Float32Array(N * 4);
    for (const [n, g] of values.entries()) gates.set([1e4, -1e4, g, 1e4], n * 4); // i = o = 1, f = 0
    const zeros = new Float32Array(4);
    const inputs = { bias_ih: zeros, bias_hh: zeros, gates, c: new Float32Array(2 * N), h: garbage(2 * N) };
    const { c, h } = await runKernel(lstmCellForward, { N, H: 1, t: 0 }, inputs);
    const once = Array.from(values, Math.tanh);
    expectClose(c!.subarray(N), once, { tensor: 'tanh(g)', tolerance: 'relative' });
    expectClose(h!.subarray(N), once.map(Math.tanh), { tensor: 'tanh(tanh(g))', tolerance: 'relative' });
  });
});

describeGpu('lstm_cell_backward', () => {
  test.each(SIZES)('matches its twin for %s', async (_, { N, T, H, t }) => {
    const isLast = t === T - 1;
    const inputs = {
      gates: randomValues(T * N * 4 * H, 1).map((gate) => (gate + 1) / 2),
      c: randomValues((T + 1) * N * H, 2),
      d_out: randomValues(T * N * H, 3),
      d_h: isLast ? garbage(N * H) : randomValues(N * H, 4),
      d_c: isLast ? garbage(N * H) : randomValues(N * H, 5),
      d_gates: garbage(T * N * 4 * H),
    };
    await holdAgainstTwin(lstmCellBackward, twins.lstmCellBackward, { N, T, H, t }, inputs, 'elementwise');
  });
});

describeGpu('linear', () => {
  const parts = ({ N, T, H, O }: (typeof SIZES)[number][1]) => ({
    h: randomValues((T + 1) * N * H, 1),
    weight: randomValues(O * H, 2),
    bias: randomValues(O, 3),
    d_y: randomValues(N * O, 4),
  });

  test.each(SIZES)('linear_forward matches its twin for %s', async (_, size) => {
    const { N, H, O, t } = size;
    const { h, weight, bias } = parts(size);
    const inputs = { h, weight, bias, y: garbage(N * O + 1) };
    await holdAgainstTwin(linearForward, twins.linearForward, { N, H, O, t }, inputs, 'summed');
  });

  test.each(SIZES)('linear_backward_input matches its twin for %s', async (_, size) => {
    const { N, T, H, O, t } = size;
    const { d_y, weight } = parts(size);
    const inputs = { d_y, weight, d_out: garbage(T * N * H) };
    await holdAgainstTwin(linearBackwardInput, twins.linearBackwardInput, { N, H, O, t }, inputs, 'summed');
  });

  test.each(SIZES)('linear_backward_weight matches its twin for %s', async (_, size) => {
    const { N, H, O, t } = size;
    const { d_y, h } = parts(size);
    const inputs = { d_y, h, d_weight: garbage(O * H + 1), d_bias: garbage(O + 1) };
    await holdAgainstTwin(linearBackwardWeight, twins.linearBackwardWeight, { N, H, O, t }, inputs, 'summed');
  });
});

describeGpu('bias_reduce', () => {
  test.each([
    [1, 1],
    [1, 28],
    [15, 28],
    [65, 260],
  ])('matches its twin for R=%d G=%d', async (R, G) => {
    const inputs = { d_gates: randomValues(R * G, 1), d_bias_ih: garbage(G + 1), d_bias_hh: garbage(G + 1) };
    await holdAgainstTwin(biasReduce, twins.biasReduce, { R, G }, inputs, 'summed');
  });
});

describeGpu('mse_loss', () => {
  test.each([
    [1, 1, 1],
    [7, 1, 7],
    [65, 1, 65],
    [67, 3, 67],
  ])('matches its twin for N=%d O=%d', async (N, O, rows) => {
    const inputs = { y: randomValues(N * O, 1), target_rows: randomValues(N * O, 2) };
    const outputs = { d_y: garbage(N * O + 1), losses: garbage(8) };
    await holdAgainstTwin(mseLoss, twins.mseLoss, { N, O }, { ...inputs, ...outputs }, 'elementwise', {
      ...STEP,
      rows,
    });
  });

  test('gives padding rows no loss and no gradient, whatever they hold', async () => {
    const [N, O, rows] = [67, 2, 3];
    const y = randomValues(N * O, 1).fill(Number.NaN, rows * O);
    const inputs = { y, target_rows: randomValues(N * O, 2), d_y: garbage(N * O), losses: garbage(8) };
    await holdAgainstTwin(mseLoss, twins.mseLoss, { N, O }, inputs, 'elementwise', { ...STEP, rows });
    const { d_y } = await runKernel(mseLoss, { N, O }, inputs, { ...STEP, rows });
    expect(d_y!.subarray(rows * O)).toEqual(new Float32Array((N - rows) * O));
  });
});

describeGpu('window_gather', () => {
  test.each([
    { N: 1, T: 1, I: 1, O: 1, rows: 1 },
    { N: 3, T: 5, I: 2, O: 1, rows: 3 },
    { N: 4, T: 7, I: 3, O: 2, rows: 2 },
    { N: 65, T: 1, I: 1, O: 1, rows: 65 },
  ])('matches its twin for N=$N T=$T I=$I O=$O with $rows rows in the batch', async ({ rows, ...dims }) => {
    const { N, T, I, O } = dims;
    const inputs = {
      series: randomValues((N + T + 10) * I, 1),
      order: Uint32Array.from({ length: STEP.first + N + 1 }, (_, k) => (k * 7) % (N + 10)), // beyond this batch, too
      x: garbage(T * N * I + 1),
      target_rows: garbage(N * O + 1),
    };
    await holdAgainstTwin(windowGather, twins.windowGather, dims, inputs, 'copied', { ...STEP, rows });
  });
});

describeGpu('adam', () => {
  const dims = (P: number) => ({
    P,
    beta1: 0.9,
    one_minus_beta1: 0.1,
    beta2: 0.999,
    one_minus_beta2: 0.001,
    eps: 1e-8,
  });
  const inputs = (P: number) => ({
    grads: randomValues(P, 1),
    m: randomValues(P, 2),
    v: randomValues(P, 3).map(Math.abs),
    weights: randomValues(P, 4),
  });

  test.each([1, 7, 65])('matches its twin for P=%d, and leaves what lies past P alone', async (P) => {
    await holdAgainstTwin(adam, twins.adam, dims(P), inputs(P + 3), 'elementwise');
  });

  test('changes no weight with lr = 0', async () => {
    const given = inputs(65);
    const { weights } = await runKernel(adam, dims(65), given, { ...STEP, step_size: 0 });
    expect(bitsOf(weights!)).toEqual(bitsOf(given.weights));
  });

  test('leaves padding, where everything is zero, at zero', async () => {
    const zeros = new Float32Array(70);
    const outputs = await runKernel(adam, dims(70), { grads: zeros, m: zeros, v: zeros, weights: zeros });
    for (const name of ['m', 'v', 'weights']) expect(bitsOf(outputs[name]!), name).toEqual(bitsOf(zeros));
  });

  test('reaches the last parameter of a grid that is folded past 65,535 workgroups', async () => {
    const P = 65_535 * 64 + 1;
    const given = { grads: new Float32Array(P).fill(2), m: new Float32Array(P), v: new Float32Array(P) };
    const { weights } = await runKernel(adam, dims(P), { ...given, weights: new Float32Array(P) });
    expect(weights![0]).toBeLessThan(0);
    expect(weights!.findIndex((weight) => weight !== weights![0])).toBe(-1);
  });
});
