import { expect, test } from 'vitest';
import { type LossOptions, lossOf } from '../../src/engine/losses.ts';
import golden from '../golden/losses.json';
import * as twins from '../reference/index.ts';
import { describeGpu, guardedTestDevice } from './device.ts';
import { expectClose } from './expect.ts';
import { holdAgainstTwin } from './hold_against_twin.ts';
import { garbage, randomValues, runKernel, STEP } from './run_kernel.ts';

/** A loss in PyTorch, from test/golden/optimizers.py: y [T, N, O], some rows of which are padding. */
interface LossCase {
  loss: LossOptions;
  N: number;
  T: number;
  O: number;
  rows: number;
  lengths: number[];
  y: number[];
  target: number[];
  value: number;
  d_y: number[];
}

const cases = golden.cases as LossCase[];
const titleOf = ({ loss, N, T, O, rows }: LossCase): string =>
  `${loss.name} (${loss.reduction}) for N=${N} T=${T} O=${O}, ${rows} rows`;

const twinOf = ({ name, delta = 1, beta = 1 }: LossOptions) =>
  ({
    mse: twins.mseLoss,
    l1: twins.l1Loss,
    huber: twins.huberLoss(delta, 1),
    smoothL1: twins.huberLoss(beta, 1 / beta),
    quantile: twins.quantileLoss,
    crossEntropy: twins.crossEntropyLoss,
  })[name];

/** Buffers for a loss; padding holds NaN. */
function inputsOf({ loss, N, T, O, rows, lengths, y, target }: LossCase) {
  const padded = (values: readonly number[]) => {
    const perRow = values.length / (T * N);
    return Float32Array.from(values, (value, k) => {
      const r = Math.floor(k / perRow);
      return r % N < rows && Math.floor(r / N) < lengths[r % N]! ? value : Number.NaN;
    });
  };
  const { quantiles } = lossOf(loss);
  const given = { y: padded(y), target_rows: padded(target), lengths: Uint32Array.from(lengths) };
  return { ...given, quantiles: quantiles ?? new Float32Array(1), d_y: garbage(T * N * O), losses: garbage(8) };
}

describeGpu('losses', () => {
  test.each(cases.map((row) => [titleOf(row), row] as const))("match PyTorch's %s, and their twin", async (_, row) => {
    const { kernel, overrides, dims } = lossOf(row.loss);
    const constants = overrides(guardedTestDevice());
    const sizes = dims({ R: row.T * row.N, N: row.N, O: row.O });
    const step = { ...STEP, rows: row.rows };
    const inputs = inputsOf(row);
    const { d_y, losses } = await runKernel(kernel, sizes, inputs, step, constants);
    expectClose([losses![STEP.slot]!], [row.value], { tensor: 'loss', tolerance: 'summed' });
    expectClose(d_y!, row.d_y, { tensor: 'd_y', tolerance: 'elementwise' });
    await holdAgainstTwin(kernel, twinOf(row.loss), sizes, inputs, 'summed', step, constants);
    await holdAgainstTwin(kernel, twinOf(row.loss), sizes, inputs, 'summed', step, { ...constants, WG: 256 }); // like on a GPU
  });

  test('with a head on the last step, a row counts once, whatever the length of its sample', async () => {
    const [N, O] = [3, 6];
    for (const name of ['mse', 'quantile', 'crossEntropy'] as const) {
      const { kernel, quantiles, targetSize, dims } = lossOf({ name });
      const inputs = {
        y: randomValues(N * O, 1),
        target_rows: randomValues(N * targetSize(O), 2).map((value) => (name === 'crossEntropy' ? 1 : value)),
        lengths: Uint32Array.of(5, 1, 9),
        quantiles: quantiles ?? new Float32Array(1),
        d_y: garbage(N * O),
        losses: garbage(8),
      };
      const step = { ...STEP, rows: 2 };
      await holdAgainstTwin(kernel, twinOf({ name }), dims({ R: N, N, O }), inputs, 'elementwise', step);
    }
  });

  test.each(['mse', 'l1', 'huber', 'smoothL1', 'quantile'] as const)(
    '%s keeps a NaN, also in its gradient, like its twin',
    async (name) => {
      const [N, O] = [3, 6];
      const { kernel, overrides, quantiles, targetSize, dims } = lossOf({ name });
      const given = { y: randomValues(N * O, 1), target_rows: new Float32Array(N * targetSize(O)) };
      given.y[4] = Number.NaN;
      const rest = { lengths: new Uint32Array(N).fill(1), quantiles: quantiles ?? new Float32Array(1) };
      const inputs = { ...given, ...rest, d_y: garbage(N * O), losses: garbage(8) };
      const step = { ...STEP, rows: N };
      await holdAgainstTwin(
        kernel,
        twinOf({ name }),
        dims({ R: N, N, O }),
        inputs,
        'elementwise',
        step,
        overrides(guardedTestDevice()),
      );
    },
  );

  test('cross entropy stays finite with logits of 1e4 on either side', async () => {
    const [N, O] = [3, 4];
    const y = Float32Array.of(1e4, -1e4, 0, 0, -1e4, -1e4, -1e4, -1e4, 1e4, 1e4, -1e4, 3e4);
    const given = { y, target_rows: Float32Array.of(1, 2, 3), lengths: new Uint32Array(N).fill(1) };
    const { kernel, dims } = lossOf({ name: 'crossEntropy' });
    const inputs = { ...given, d_y: garbage(N * O), losses: garbage(8) };
    const { losses, d_y } = await runKernel(kernel, dims({ R: N, N, O }), inputs, { ...STEP, rows: N });
    expect(losses![STEP.slot]).toBeCloseTo((2e4 + Math.log(4)) / 3, 2);
    expect(d_y!.every(Number.isFinite)).toBe(true);
  });

  test.each(['mse', 'l1', 'huber', 'smoothL1', 'quantile', 'crossEntropy'] as const)(
    "the gradient of %s's twin agrees with central differences",
    (name) => {
      const [N, T, O] = [3, 2, 6];
      const options = { name, ...(name === 'huber' && { delta: 0.3 }), ...(name === 'smoothL1' && { beta: 0.3 }) };
      const loss = lossOf(options);
      const perRow = loss.targetSize(O);
      const target = Float64Array.from(randomValues(T * N * perRow, 2), (value) =>
        name === 'crossEntropy' ? Math.floor(Math.abs(value) * O) : value,
      );
      const y = Float64Array.from(randomValues(T * N * O, 1));
      const quantiles = loss.quantiles && Float64Array.from(loss.quantiles);
      const run = (values: Float64Array) => {
        const outputs = { d_y: new Float64Array(values.length), losses: new Float64Array(8) };
        const lengths = Float64Array.of(2, 1, 2);
        const tensors = { y: values, target_rows: target, lengths, ...(quantiles && { quantiles }), ...outputs };
        twinOf(options)(loss.dims({ R: T * N, N, O }), tensors, { ...STEP, rows: 2 });
        return { value: outputs.losses[STEP.slot]!, d_y: outputs.d_y };
      };
      const { d_y } = run(y);
      for (let k = 0; k < y.length; k++) {
        const at = (step: number) => run(y.map((value, i) => value + (i === k ? step : 0))).value;
        expect((at(1e-6) - at(-1e-6)) / 2e-6).toBeCloseTo(d_y[k]!, 6);
      }
    },
  );
});
