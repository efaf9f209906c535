import { expect, test } from 'vitest';
import { roll, sampleGather, windowGather } from '../../src/kernels/index.ts';
import * as twins from '../reference/index.ts';
import { describeGpu } from './device.ts';
import { bitsOf, expectClose } from './expect.ts';
import { holdAgainstTwin } from './hold_against_twin.ts';
import { garbage, randomValues, runKernel, STEP } from './run_kernel.ts';

describeGpu('window_gather', () => {
  test.each([
    { N: 1, T: 1, I: 1, O: 1, C: 1, every: 0, rows: 1 },
    { N: 3, T: 5, I: 2, O: 1, C: 1, every: 0, rows: 3 },
    { N: 4, T: 7, I: 3, O: 2, C: 2, every: 0, rows: 2 },
    { N: 4, T: 7, I: 1, O: 5, C: 1, every: 0, rows: 3 },
    { N: 3, T: 2, I: 3, O: 6, C: 2, every: 0, rows: 3 },
    { N: 65, T: 1, I: 1, O: 1, C: 1, every: 0, rows: 65 },
    { N: 4, T: 7, I: 3, O: 2, C: 2, every: 1, rows: 3 },
    { N: 1, T: 1, I: 1, O: 1, C: 1, every: 1, rows: 1 },
  ])(
    'matches its twin for N=$N T=$T I=$I O=$O C=$C every=$every with $rows rows in the batch',
    async ({ rows, ...dims }) => {
      const { N, T, I, O, every } = dims;
      const inputs = {
        series: randomValues((N + T + O + 10) * I, 1),
        order: Uint32Array.from({ length: STEP.first + N + 1 }, (_, k) => (k * 7) % (N + 10)), // beyond this batch, too
        x: garbage(T * N * I + 1),
        target_rows: garbage((every ? T : 1) * N * O + 1),
      };
      await holdAgainstTwin(windowGather, twins.windowGather, dims, inputs, 'copied', { ...STEP, rows });
    },
  );

  test('reaches the last value of a grid folded past 65,535 workgroups', async () => {
    const T = 65_535 * 64; // with the target, one value more than a row of workgroups
    const order = new Uint32Array(STEP.first + 1);
    const series = Float32Array.from({ length: T + 1 }, (_, k) => k);
    const inputs = { series, order, x: garbage(T), target_rows: garbage(1) };
    const { x, target_rows } = await runKernel(windowGather, { N: 1, T, I: 1, O: 1, C: 1, every: 0 }, inputs);
    expect(x!.findIndex((value, t) => value !== t)).toBe(-1);
    expect([...target_rows!]).toEqual([T]);
  });
});

describeGpu('sample_gather', () => {
  test.each([
    { N: 1, T: 1, TT: 1, I: 1, K: 1, rows: 1 },
    { N: 3, T: 5, TT: 1, I: 2, K: 3, rows: 3 },
    { N: 4, T: 7, TT: 7, I: 3, K: 2, rows: 2 },
    { N: 65, T: 2, TT: 2, I: 1, K: 1, rows: 65 },
  ])('matches its twin for N=$N T=$T TT=$TT I=$I K=$K with $rows rows in the batch', async ({ rows, ...dims }) => {
    const { N, T, TT, I, K } = dims;
    const S = N + 3;
    const inputs = {
      inputs: randomValues(S * T * I, 1),
      targets: randomValues(S * TT * K, 2),
      sample_lengths: Uint32Array.from({ length: S }, (_, s) => 1 + ((s * 3) % T)),
      order: Uint32Array.from({ length: STEP.first + N + 1 }, (_, k) => (k * 5) % S),
      x: garbage(T * N * I + 1),
      target_rows: garbage(TT * N * K + 1),
      lengths: new Uint32Array(N + 1).fill(99),
    };
    const step = { ...STEP, rows };
    const outputs = await runKernel(sampleGather, dims, inputs, step);
    const expected = Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => [name, Float64Array.from(values)]),
    );
    twins.sampleGather(dims, expected as never, step);
    for (const name of ['x', 'target_rows'])
      expectClose(outputs[name]!, expected[name]!, { tensor: name, tolerance: 'copied' });
    expect([...bitsOf(outputs.lengths!)]).toEqual([...expected.lengths!]);
  });

  test('reaches the last row of a grid folded past 65,535 workgroups', async () => {
    const T = 65_535 * 64 + 1;
    const inputs = {
      inputs: Float32Array.from({ length: T }, (_, k) => k),
      targets: Float32Array.of(7),
      sample_lengths: Uint32Array.of(T),
      order: new Uint32Array(STEP.first + 1),
      x: garbage(T),
      target_rows: garbage(1),
      lengths: new Uint32Array(1),
    };
    const { x, target_rows, lengths } = await runKernel(sampleGather, { N: 1, T, TT: 1, I: 1, K: 1 }, inputs);
    expect(x!.findIndex((value, t) => value !== t)).toBe(-1);
    expect([...target_rows!]).toEqual([7]);
    expect([...bitsOf(lengths!)]).toEqual([T]);
  });
});

describeGpu('roll', () => {
  test.each([
    { T: 1, I: 1, ahead: 1, Q: 1, q: 0 },
    { T: 3, I: 2, ahead: 2, Q: 3, q: 1 },
    { T: 2, I: 5, ahead: 65, Q: 2, q: 1 },
    { T: 1, I: 3, ahead: 67, Q: 7, q: 3 },
    { T: 4, I: 1, ahead: 129, Q: 5, q: 0 },
  ])('matches its twin for T=$T I=$I ahead=$ahead Q=$Q q=$q, and leaves everything else unchanged', async (dims) => {
    const { T, I, ahead, Q } = dims;
    const order = new Uint32Array(STEP.first + 1).fill(4);
    const inputs = { y: randomValues(ahead * Q, 1), order, series: garbage((4 + T + ahead + 2) * I) };
    await holdAgainstTwin(roll, twins.roll, dims, inputs, 'copied');
  });

  test('uses the middle quantile if some are equal', async () => {
    const dims = { T: 1, I: 1, ahead: 4, Q: 3, q: 1 };
    const y = Float32Array.of(2, 2, 1, 3, 1, 3, -1, -1, -1, 0, 5, 0);
    const inputs = { y, order: new Uint32Array(STEP.first + 1), series: garbage(6) };
    const { series } = await runKernel(roll, dims, inputs);
    expect([...series!.slice(1, 5)]).toEqual([2, 3, -1, 0]);
  });
});
