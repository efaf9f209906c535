import { test } from 'vitest';
import {
  biasReduce,
  gruCellBackward,
  gruCellForward,
  linearBackwardInput,
  linearBackwardWeight,
  linearForward,
  lstmCellBackward,
  lstmCellForward,
  matmul,
  rnnCellBackward,
  rnnCellForward,
} from '../../src/kernels/index.ts';
import { matmulDims } from '../../src/kernels/matmul_dims.ts';
import golden from '../golden/kernels.json';
import { backwardDims, forwardDims } from './cell_dims.ts';
import { describeGpu } from './device.ts';
import { expectClose } from './expect.ts';
import { garbage, runKernel, STEP } from './run_kernel.ts';

const f32 = (values: readonly number[]) => Float32Array.from(values);
/** States before a step, and space for those after it. */
const rows = (first: readonly number[]) => Float32Array.from([...first, ...garbage(first.length)]);
const whole = (N: number) => new Uint32Array(N).fill(1);
const tolerance = 'elementwise';

describeGpu('matmul', () => {
  test.each(golden.matmul)(
    'matches torch.matmul and torch.addmm for M=$M K=$K N=$N',
    async ({ M, K, N, ...values }) => {
      const [a, b] = [f32(values.a), f32(values.b)];
      const operands = [
        { rows: M, columns: K },
        { rows: K, columns: N },
      ] as const;
      const product = await runKernel(matmul, matmulDims(...operands), { a, b, c: garbage(M * N) });
      expectClose(product.c!, values.product, { tensor: 'A B', tolerance: 'summed' });
      const onto = await runKernel(matmul, matmulDims(...operands, { accumulate: true }), { a, b, c: f32(values.c) });
      expectClose(onto.c!, values.accumulated, { tensor: 'C + A B', tolerance: 'summed' });
    },
  );
});

describeGpu('lstm_cell', () => {
  test.each(golden.cell)('lstm_cell_forward matches torch.nn.LSTMCell for N=$N H=$H', async ({ N, H, ...values }) => {
    const biases = { bias_ih: f32(values.bias_ih), bias_hh: f32(values.bias_hh) };
    const tensors = { gates: f32(values.gates), c: rows(values.c), h: garbage(2 * N * H), lengths: whole(N) };
    const outputs = await runKernel(lstmCellForward, forwardDims({ N, H, t: 0 }), { ...biases, ...tensors });
    expectClose(outputs.gates!, values.activated, { tensor: 'gates', tolerance });
    expectClose(outputs.c!.subarray(N * H), values.c_next, { tensor: 'c', tolerance });
    expectClose(outputs.h!.subarray(N * H), values.h_next, { tensor: 'h', tolerance });
  });

  test.each(golden.cell)('lstm_cell_backward matches its autograd for N=$N H=$H', async ({ N, H, ...values }) => {
    const d_h = f32([...garbage(N * H), ...values.d_out.map((value, k) => value + values.d_h[k]!)]);
    const outputs = await runKernel(lstmCellBackward, backwardDims({ N, H, t: 0 }), {
      gates: f32(values.activated),
      c: f32([...values.c, ...values.c_next]),
      d_h,
      d_c: f32(values.d_c_next),
      lengths: whole(N),
    });
    expectClose(outputs.gates!, values.d_gates, { tensor: 'd_gates', tolerance });
    expectClose(outputs.d_c!, values.d_c, { tensor: 'd_c', tolerance });
  });

  test.each(golden.cell)(
    'bias_reduce matches the gradient of its biases for N=$N H=$H',
    async ({ N, H, ...values }) => {
      const dims = { R: N, row: 4 * H, first: 0, G: 4 * H, to: 0, twin: 1 };
      const biases = { d_bias: garbage(4 * H), d_twin: garbage(4 * H) };
      const { d_bias } = await runKernel(biasReduce, dims, { d_gates: f32(values.d_gates), ...biases });
      expectClose(d_bias!, values.d_bias, { tensor: 'd_bias', tolerance });
    },
  );
});

describeGpu('gru_cell', () => {
  test.each(golden.gru)('matches torch.nn.GRUCell and its autograd for N=$N H=$H', async ({ N, H, ...values }) => {
    // the state's part of n is h itself, and there is none for r and z
    const gates = Float32Array.from({ length: N * 4 * H }, (_, k) => {
      const [n, slot, j] = [Math.floor(k / (4 * H)), Math.floor(k / H) % 4, k % H];
      return slot === 3 ? values.h[n * H + j]! : values.gates[(n * 3 + slot) * H + j]!;
    });
    const biases = { bias_ih: f32(values.bias_ih), bias_hh: f32(values.bias_hh) };
    const tensors = { gates, h: rows(values.h), lengths: whole(N) };
    const after = await runKernel(gruCellForward, forwardDims({ N, H, t: 0 }), { ...biases, ...tensors });
    expectClose(after.h!.subarray(N * H), values.h_next, { tensor: 'h', tolerance });
    const gradients = { d_h: f32([...new Float32Array(N * H), ...values.d_h]) };
    const inputs = { gates: after.gates!, h: after.h!, lengths: whole(N), ...gradients };
    const { gates: d_gates, d_h } = await runKernel(gruCellBackward, backwardDims({ N, H, t: 0 }), inputs);
    const slots = (first: number, count: number) =>
      Float32Array.from({ length: N * count * H }, (_, k) => {
        const [n, at] = [Math.floor(k / (count * H)), k % (count * H)];
        return d_gates![n * 4 * H + first * H + at]!;
      });
    expectClose(slots(0, 3), values.d_gates, { tensor: 'd_gates', tolerance });
    const before = slots(3, 1).map((value, k) => value + d_h![k]!);
    expectClose(before, values.d_before, { tensor: 'd_h of the previous state', tolerance });
  });
});

describeGpu('rnn_cell', () => {
  test.each(golden.rnn)('matches torch.nn.RNNCell and its autograd for N=$N H=$H, $nonlinearity', async (row) => {
    const { N, H, nonlinearity, ...values } = row;
    const overrides = { RELU: nonlinearity === 'relu' ? 1 : 0 };
    const biases = { bias_ih: f32(values.bias_ih), bias_hh: f32(values.bias_hh) };
    const tensors = { gates: f32(values.gates), h: garbage(2 * N * H), lengths: whole(N) };
    const after = await runKernel(
      rnnCellForward,
      forwardDims({ N, H, t: 0 }),
      { ...biases, ...tensors },
      STEP,
      overrides,
    );
    expectClose(after.h!.subarray(N * H), values.h_next, { tensor: 'h', tolerance });
    const gradients = { d_h: f32([...garbage(N * H), ...values.d_h]) };
    const inputs = { gates: after.gates!, lengths: whole(N), ...gradients };
    const { gates: d_gates } = await runKernel(rnnCellBackward, backwardDims({ N, H, t: 0 }), inputs, STEP, overrides);
    expectClose(d_gates!, values.d_gates, { tensor: 'd_gates', tolerance });
  });
});

describeGpu('linear', () => {
  test.each(golden.linear)('matches torch.nn.Linear and its autograd for N=$N H=$H O=$O', async (values) => {
    const { N, H, O } = values;
    const dims = { N, T: 1, H, O, every: 0 };
    const h = f32([...garbage(N * H), ...values.h, ...garbage(N * H)]);
    const [weight, bias, d_y, lengths] = [f32(values.weight), f32(values.bias), f32(values.d_y), whole(N)];
    const { y } = await runKernel(linearForward, dims, { h, weight, bias, lengths, y: garbage(N * O) });
    expectClose(y!, values.y, { tensor: 'y', tolerance: 'summed' });
    const { d_h } = await runKernel(linearBackwardInput, dims, { d_y, weight, lengths, d_h: garbage(3 * N * H) });
    expectClose(d_h!.subarray(N * H, 2 * N * H), values.d_h, { tensor: 'd_h', tolerance: 'summed' });
    const outputs = { d_weight: garbage(O * H), d_bias: garbage(O) };
    const { d_weight, d_bias } = await runKernel(linearBackwardWeight, dims, { d_y, h, lengths, ...outputs });
    expectClose(d_weight!, values.d_weight, { tensor: 'd_weight', tolerance: 'summed' });
    expectClose(d_bias!, values.d_bias, { tensor: 'd_bias', tolerance: 'summed' });
  });
});
