import { expect, test } from 'vitest';
import {
  biasReduce,
  linearBackwardInput,
  linearBackwardWeight,
  linearForward,
  matmul,
  matmulQuad,
} from '../../src/kernels/index.ts';
import { matmulDims } from '../../src/kernels/matmul_dims.ts';
import * as twins from '../reference/index.ts';
import { describeGpu, hasSubgroups } from './device.ts';
import { holdAgainstTwin } from './hold_against_twin.ts';
import { garbage, randomValues, runKernel } from './run_kernel.ts';

/** Both kernels; the one for subgroups only if the device has them. */
const products = [
  ['matmul', matmul],
  ['matmul_quad', matmulQuad],
] as const;
const describeProducts = describeGpu.each(products.filter(([name]) => name === 'matmul' || hasSubgroups()));

describeProducts('%s', (_, matmul) => {
  const [M, K, N] = [33, 65, 35]; // one past the 32 rows of a workgroup's blocks, and not a multiple of 4
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

  test('writes a C with gaps between its rows and columns, and leaves the gaps unchanged', async () => {
    const dims = { ...matmulDims({ rows: 5, columns: 7 }, { rows: 7, columns: 6 }), c_row: 15, c_col: 2 };
    await holdAgainstTwin(matmul, twins.matmul, dims, { a, b, c: garbage(80) }, 'summed');
  });

  test('reads and writes columns of wider matrices', async () => {
    const left = { rows: 5, columns: 7, offset: 3, stride: 11 };
    for (const transposed of [false, true]) {
      const right = transposed
        ? { rows: 6, columns: 7, offset: 2, stride: 9 }
        : { rows: 7, columns: 6, offset: 2, stride: 9 };
      const dims = matmulDims(left, { ...right, transposed }, { offset: 1, stride: 13, accumulate: transposed });
      await holdAgainstTwin(matmul, twins.matmul, dims, { a, b, c: transposed ? c : garbage(80) }, 'summed');
    }
  });

  test('supports sizes of one', async () => {
    const dims = matmulDims({ rows: 1, columns: 1 }, { rows: 1, columns: 1 });
    await holdAgainstTwin(matmul, twins.matmul, dims, { a, b, c: garbage(2) }, 'elementwise');
  });
});

describeGpu('linear', () => {
  const sizes = [
    { N: 1, T: 1, H: 7, O: 1, every: 0 },
    { N: 3, T: 5, H: 7, O: 2, every: 0 },
    { N: 3, T: 5, H: 7, O: 2, every: 1 },
    { N: 1, T: 2, H: 65, O: 65, every: 1 },
    { N: 13, T: 2, H: 5, O: 5, every: 0 },
  ];
  const title = 'matches its twin for N=$N T=$T H=$H O=$O every=$every';
  const parts = ({ N, T, H, O, every }: (typeof sizes)[number]) => ({
    h: randomValues((T + 2) * N * H, 1),
    weight: randomValues(O * H, 2),
    bias: randomValues(O, 3),
    d_y: randomValues((every ? T : 1) * N * O, 4),
    lengths: Uint32Array.from({ length: N }, (_, n) => 1 + ((n * 3 + T - 1) % T)),
  });

  test.each(sizes)(`linear_forward ${title}`, async (dims) => {
    const { h, weight, bias, lengths, d_y } = parts(dims);
    const inputs = { h, weight, bias, lengths, y: garbage(d_y.length + 1) };
    await holdAgainstTwin(linearForward, twins.linearForward, dims, inputs, 'summed');
  });

  test.each(sizes)(`linear_backward_input ${title}`, async (dims) => {
    const { d_y, weight, lengths, h } = parts(dims);
    const inputs = { d_y, weight, lengths, d_h: garbage(h.length) };
    await holdAgainstTwin(linearBackwardInput, twins.linearBackwardInput, dims, inputs, 'summed');
  });

  test.each(sizes)(`linear_backward_weight ${title}`, async (dims) => {
    const { d_y, h, lengths } = parts(dims);
    const inputs = { d_y, h, lengths, d_weight: garbage(dims.O * dims.H + 1), d_bias: garbage(dims.O + 1) };
    await holdAgainstTwin(linearBackwardWeight, twins.linearBackwardWeight, dims, inputs, 'summed');
  });
});

describeGpu('bias_reduce', () => {
  test.each([
    [1, 1, 1, 0, 0],
    [1, 28, 28, 0, 0],
    [15, 28, 21, 0, 0],
    [15, 28, 7, 21, 14],
    [65, 260, 260, 0, 0],
  ])('matches its twin for R=%d, columns %d wide, of which %d from %d on', async (R, row, G, first, to) => {
    const d_gates = randomValues(R * row, 1);
    for (const twin of [0, 1]) {
      const inputs = { d_gates, d_bias: garbage(to + G + 1), d_twin: garbage(to + G + 1) };
      await holdAgainstTwin(biasReduce, twins.biasReduce, { R, row, first, G, to, twin }, inputs, 'summed');
    }
  });

  test('leaves the rest of the bias unchanged', async () => {
    const inputs = { d_gates: randomValues(12, 1), d_bias: randomValues(9, 2), d_twin: randomValues(9, 3) };
    const { d_bias, d_twin } = await runKernel(biasReduce, { R: 3, row: 4, first: 1, G: 2, to: 5, twin: 1 }, inputs);
    for (const k of [0, 1, 2, 3, 4, 7, 8]) {
      expect(d_bias![k]).toBe(inputs.d_bias[k]);
      expect(d_twin![k]).toBe(inputs.d_twin[k]);
    }
  });
});
