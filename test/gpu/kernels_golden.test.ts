import { test } from 'vitest';
import { adam } from '../../src/kernels/adam.ts';
import { biasReduce } from '../../src/kernels/bias_reduce.ts';
import { linearBackwardInput } from '../../src/kernels/linear_backward_input.ts';
import { linearBackwardWeight } from '../../src/kernels/linear_backward_weight.ts';
import { linearForward } from '../../src/kernels/linear_forward.ts';
import { lstmCellBackward } from '../../src/kernels/lstm_cell_backward.ts';
import { lstmCellForward } from '../../src/kernels/lstm_cell_forward.ts';
import { matmul, matmulDims } from '../../src/kernels/matmul.ts';
import { mseLoss } from '../../src/kernels/mse_loss.ts';
import golden from '../golden/kernels.json';
import { describeGpu } from './device.ts';
import { expectClose } from './expect.ts';
import { garbage, runKernel, STEP } from './run_kernel.ts';

const f32 = (values: readonly number[]) => Float32Array.from(values);

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
    const rows = (first: readonly number[]) => Float32Array.from([...first, ...garbage(N * H)]);
    const outputs = await runKernel(
      lstmCellForward,
      { N, H, t: 0 },
      {
        bias_ih: f32(values.bias_ih),
        bias_hh: f32(values.bias_hh),
        gates: f32(values.gates),
        c: rows(values.c),
        h: garbage(2 * N * H),
      },
    );
    expectClose(outputs.gates!, values.activated, { tensor: 'gates', tolerance: 'elementwise' });
    expectClose(outputs.c!.subarray(N * H), values.c_next, { tensor: 'c[1]', tolerance: 'elementwise' });
    expectClose(outputs.h!.subarray(N * H), values.h_next, { tensor: 'h[1]', tolerance: 'elementwise' });
  });

  test.each(golden.cell)('lstm_cell_backward matches its autograd for N=$N H=$H', async ({ N, H, ...values }) => {
    const outputs = await runKernel(
      lstmCellBackward,
      { N, T: 2, H, t: 0 }, // a step follows, so d_h and d_c count
      {
        gates: f32(values.activated),
        c: f32([...values.c, ...values.c_next]),
        d_out: f32(values.d_out),
        d_h: f32(values.d_h),
        d_c: f32(values.d_c_next),
        d_gates: garbage(N * 4 * H),
      },
    );
    expectClose(outputs.d_gates!, values.d_gates, { tensor: 'd_gates', tolerance: 'elementwise' });
    expectClose(outputs.d_c!, values.d_c, { tensor: 'd_c', tolerance: 'elementwise' });
  });

  test.each(golden.cell)(
    'bias_reduce matches the gradient of its biases for N=$N H=$H',
    async ({ N, H, ...values }) => {
      const [d_bias_ih, d_bias_hh] = [garbage(4 * H), garbage(4 * H)];
      const outputs = await runKernel(
        biasReduce,
        { R: N, G: 4 * H },
        { d_gates: f32(values.d_gates), d_bias_ih, d_bias_hh },
      );
      for (const name of ['d_bias_ih', 'd_bias_hh'])
        expectClose(outputs[name]!, values.d_bias, { tensor: name, tolerance: 'elementwise' });
    },
  );
});

describeGpu('linear', () => {
  test.each(golden.linear)('matches torch.nn.Linear and its autograd for N=$N H=$H O=$O', async (values) => {
    const { N, H, O } = values;
    const dims = { N, H, O, t: 0 };
    const [h, weight, bias, d_y] = [f32(values.h), f32(values.weight), f32(values.bias), f32(values.d_y)];
    const { y } = await runKernel(linearForward, dims, { h, weight, bias, y: garbage(N * O) });
    expectClose(y!, values.y, { tensor: 'y', tolerance: 'summed' });
    const { d_out } = await runKernel(linearBackwardInput, dims, { d_y, weight, d_out: garbage(N * H) });
    expectClose(d_out!, values.d_h, { tensor: 'd_out', tolerance: 'summed' });
    const outputs = { d_weight: garbage(O * H), d_bias: garbage(O) };
    const { d_weight, d_bias } = await runKernel(linearBackwardWeight, dims, { d_y, h, ...outputs });
    expectClose(d_weight!, values.d_weight, { tensor: 'd_weight', tolerance: 'summed' });
    expectClose(d_bias!, values.d_bias, { tensor: 'd_bias', tolerance: 'summed' });
  });
});

describeGpu('mse_loss', () => {
  test.each(golden.mse)('matches torch.nn.MSELoss and its autograd for N=$N O=$O', async ({ N, O, ...values }) => {
    const inputs = { y: f32(values.y), target_rows: f32(values.target), d_y: garbage(N * O), losses: garbage(8) };
    const { d_y, losses } = await runKernel(mseLoss, { N, O }, inputs, { ...STEP, rows: N });
    expectClose([losses![STEP.slot]!], [values.loss], { tensor: 'loss', tolerance: 'elementwise' });
    expectClose(d_y!, values.d_y, { tensor: 'd_y', tolerance: 'elementwise' });
  });
});

describeGpu('adam', () => {
  test.each(golden.adam)('matches 10 steps of torch.optim.Adam for P=$P lr=$lr betas=$betas', async (values) => {
    const { P, lr, eps } = values;
    const [beta1, beta2] = values.betas as [number, number];
    const dims = { P, beta1, one_minus_beta1: 1 - beta1, beta2, one_minus_beta2: 1 - beta2, eps };
    let state: Record<string, Float32Array> = {
      m: new Float32Array(P),
      v: new Float32Array(P),
      weights: f32(values.weights),
    };
    for (const [k, grads] of values.grads.entries()) {
      const step = {
        ...STEP,
        step_size: lr / (1 - beta1 ** (k + 1)),
        bias_correction2_sqrt: Math.sqrt(1 - beta2 ** (k + 1)),
      };
      state = await runKernel(adam, dims, { grads: f32(grads), ...state }, step);
    }
    expectClose(state.m!, values.m, { tensor: 'm', tolerance: 'elementwise' });
    expectClose(state.v!, values.v, { tensor: 'v', tolerance: 'elementwise' });
    expectClose(state.weights!, values.after, { tensor: 'weights', tolerance: 'elementwise' });
  });
});
