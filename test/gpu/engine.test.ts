import { describe, expect, test } from 'vitest';
import { predictSamples } from '../../src/engine/predict.ts';
import { ModelState } from '../../src/engine/state.ts';
import { createTensor, writeTensor } from '../../src/gpu/tensor.ts';
import { type CellName, modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import { parameterTable, type StateDict } from '../../src/model/parameters.ts';
import { modelCases, startsOf, titleOf } from '../golden/cases.ts';
import { batchOf, finiteDifferences, forward } from '../reference/model.ts';
import { shareOf } from './cases.ts';
import { describeGpu, guardedTestDevice } from './device.ts';
import { bitsOf, expectClose, expectNormClose } from './expect.ts';
import { randomValues } from './run_kernel.ts';
import { RUNNERS, type Run, type Runner, type RunResult, runPlan, takes } from './run_plan.ts';

interface Size {
  H: number;
  I: number;
  O: number;
  T: number;
  N: number;
}

/** 7 samples in their own order: with batches of 3 or 5, the last batch is short. */
const runOf = ({ H, I, O, T, N }: Size, cell: CellName = 'LSTM', bias = true): Run => ({
  config: modelConfig({ cell, bias, inputSize: I, hiddenSize: H, outputSize: O }),
  series: randomValues((T + 12) * I, 5),
  order: [4, 0, 9, 2, 11, 3, 7],
  windowLength: T,
  batchSize: N,
  passes: 2,
});

const norm = (values: Float64Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** How far each parameter moved from the initial weights of seed 0. */
function movesOf({ config }: Run, { weights }: RunResult): Map<string, Float64Array> {
  const initial = initialWeights(config, 0);
  const move = (name: string, data: Float32Array) =>
    Float64Array.from(data, (value, k) => value - initial.get(name)!.data[k]!);
  return new Map([...weights].map(([name, { data }]) => [name, move(name, data)]));
}

/** Compares a resident plan's losses and weights with those of `timestep`. */
async function expectSame(runner: Runner, run: Run): Promise<void> {
  const { windowLength: T, batchSize: N } = run;
  const [resident, timestep] = [await runPlan(runner, run), await runPlan('timestep', run)];
  expect(resident.losses).toHaveLength(2 * Math.ceil(7 / N));
  for (const [step, loss] of timestep.losses.entries())
    expectNormClose([resident.losses[step]!], [loss], { tensor: `loss of step ${step}`, tolerance: 'trace' });
  const moved = movesOf(run, resident);
  for (const [name, expected] of movesOf(run, timestep)) {
    expectNormClose(moved.get(name)!, expected, { tensor: `move of ${name}`, tolerance: 'update' });
    // at T = 1 the recurrent weights only get the zero state, and so never change
    if (!(T === 1 && name.includes('weight_hh'))) expect(norm(expected), name).toBeGreaterThan(1e-4);
  }
}

const SIZES: readonly (Size & { runners: readonly Runner[] })[] = [
  { H: 1, I: 1, O: 1, T: 1, N: 1, runners: ['resident', 'resident (wide)', 'resident (gpu)', 'resident (rows)'] },
  { H: 1, I: 2, O: 2, T: 30, N: 5, runners: ['resident', 'resident (wide)', 'resident (gpu)'] },
  { H: 7, I: 1, O: 1, T: 3, N: 1, runners: ['resident', 'resident (wide)', 'resident (gpu)'] },
  { H: 7, I: 2, O: 1, T: 3, N: 3, runners: ['resident', 'resident (wide)'] },
  { H: 7, I: 2, O: 2, T: 1, N: 5, runners: ['resident', 'resident (wide)', 'resident (gpu)'] },
  { H: 20, I: 1, O: 1, T: 30, N: 1, runners: ['resident', 'resident (wide)'] },
  { H: 20, I: 2, O: 2, T: 3, N: 5, runners: ['resident', 'resident (wide)'] },
  { H: 32, I: 1, O: 1, T: 1, N: 3, runners: ['resident', 'resident (wide)'] },
  { H: 32, I: 2, O: 1, T: 3, N: 1, runners: ['resident', 'resident (wide)'] },
  { H: 32, I: 2, O: 2, T: 30, N: 3, runners: ['resident', 'resident (wide)', 'resident (gpu)', 'resident (rows)'] },
  { H: 65, I: 6, O: 5, T: 4, N: 3, runners: ['resident (wide)'] },
  { H: 256, I: 5, O: 1, T: 2, N: 1, runners: ['resident (wide)'] },
  { H: 3, I: 8, O: 31, T: 4, N: 2, runners: ['resident (gpu)'] },
  { H: 6, I: 3, O: 2, T: 9, N: 6, runners: ['resident (gpu)'] },
  { H: 18, I: 6, O: 5, T: 4, N: 3, runners: ['resident (gpu)'] },
  { H: 63, I: 5, O: 1, T: 2, N: 1, runners: ['resident (gpu)'] },
];

describeGpu.each(['resident', 'resident (wide)', 'resident (gpu)', 'resident (rows)'] as const)(
  '%s and timestep',
  (runner) => {
    const all = SIZES.filter(({ runners }) => runners.includes(runner));
    const sizes = shareOf(all, 4, RUNNERS.indexOf(runner));

    test.each(sizes)('agree after two passes for H=$H I=$I O=$O T=$T, batches of $N', (size) =>
      expectSame(runner, runOf(size)),
    );
  },
);

const OTHER_CELLS = ['GRU', 'RNN_TANH', 'RNN_RELU'] as const;
const OTHER_SIZES: readonly Size[] = [
  { H: 1, I: 7, O: 1, T: 3, N: 1 },
  { H: 5, I: 8, O: 32, T: 7, N: 3 },
  { H: 33, I: 3, O: 2, T: 9, N: 6 },
  { H: 64, I: 5, O: 7, T: 4, N: 2 },
];

describeGpu.each(['resident (gpu)', 'resident (rows)'] as const)('%s and timestep', (runner) => {
  describe.each(OTHER_CELLS)('with a %s', (cell) => {
    const sizes = shareOf(OTHER_SIZES, 4, OTHER_CELLS.indexOf(cell) + RUNNERS.indexOf(runner));
    test.each(sizes)('agree after two passes for H=$H I=$I O=$O T=$T, batches of $N', (size) =>
      expectSame(runner, runOf(size, cell)),
    );

    test('report a non-finite loss as it is', async () => {
      const run = runOf({ H: 5, I: 2, O: 2, T: 5, N: 1 }, cell);
      const series = run.series.slice().fill(Number.NaN, 0, 4);
      const { losses } = await runPlan(runner, { ...run, series, order: [5, 6, 7, 0], passes: 1 });
      expect(losses.map(Number.isNaN)).toEqual([false, false, false, true]);
    });

    test('agree without biases', () => expectSame(runner, runOf({ H: 6, I: 2, O: 3, T: 5, N: 3 }, cell, false)));
  });
});

describeGpu.each(RUNNERS)('the %s plan', (plan) => {
  const run = runOf({ H: 7, I: 2, O: 2, T: 5, N: 3 });

  test('is bit-identical for the same seed', async () => {
    const [first, second] = [await runPlan(plan, run), await runPlan(plan, run)];
    expect(second.losses).toEqual(first.losses);
    for (const [name, { data }] of first.weights)
      expect(bitsOf(second.weights.get(name)!.data), name).toEqual(bitsOf(data));
  });

  test('divides the loss of a short last batch by its own rows', async () => {
    const { config, series, order, windowLength } = run;
    const { losses } = await runPlan(plan, { ...run, passes: 1, lr: 0 });
    const exact = new Map([...initialWeights(config, 0)].map(([name, { data }]) => [name, Float64Array.from(data)]));
    const batches = [0, 3, 6].map((first) => Array.from(order).slice(first, first + 3));
    const expected = batches.map(
      (starts) => forward(config, exact, batchOf(series, starts, windowLength, config)).loss,
    );
    expect(batches.map((starts) => starts.length)).toEqual([3, 3, 1]);
    expectClose(losses, expected, { tensor: 'losses', tolerance: 'elementwise' });
  });

  test('gives the same loss for rows of a batch in another order, except for rounding', async () => {
    const { losses } = await runPlan(plan, { ...run, batchSize: 7 });
    const turned = await runPlan(plan, { ...run, batchSize: 7, order: Array.from(run.order).reverse() });
    expectClose(turned.losses, losses, { tensor: 'losses', tolerance: 'elementwise' });
  });

  test('changes no weight with lr = 0', async () => {
    const { weights } = await runPlan(plan, { ...run, lr: 0 });
    for (const [name, { data }] of initialWeights(run.config, 0))
      expect(bitsOf(weights.get(name)!.data), name).toEqual(bitsOf(data));
  });

  test('reports a non-finite loss as it is', async () => {
    const series = run.series.slice().fill(Number.NaN, 0, 4);
    const { losses } = await runPlan(plan, { ...run, series, order: [5, 6, 7, 0], batchSize: 1, passes: 1 });
    expect(losses.map(Number.isFinite)).toEqual([true, true, true, false]);
  });

  const models = modelCases.filter((row) => row.adam && takes(plan, row));
  const golden = shareOf(models, 2, RUNNERS.indexOf(plan));
  test.each(golden.map((row) => [titleOf(row), row] as const))(
    "matches PyTorch's losses and weights over 10 steps of Adam for %s",
    async (_, row) => {
      const { adam } = row;
      const config = modelConfig(row);
      const { losses, weights } = await runPlan(plan, {
        config,
        weights: initialWeights(config, row.seed),
        series: Float32Array.from(row.series),
        order: startsOf(row),
        windowLength: row.T,
        batchSize: row.N,
        passes: 10,
        lr: adam!.lr,
      });
      expectNormClose(losses, adam!.losses, { tensor: 'losses', tolerance: 'trace' });
      for (const { name } of parameterTable(config))
        expectClose(weights.get(name)!.data, adam!.weights[name]!, { tensor: name, tolerance: 'trained' });
    },
  );
});

/** The gradient of one batch in any plan: Adam's first moment after one step with beta1 = 0 and lr = 0. */
async function gradientsOf(plan: Runner, run: Run) {
  const { losses, firstMoment, gradients, weights } = await runPlan(plan, { ...run, lr: 0, betas: [0, 0.999] });
  return { loss: losses[0]!, firstMoment, gradients, weights };
}

const runnable = RUNNERS.flatMap((plan, k) => {
  const models = modelCases.filter((golden) => takes(plan, modelConfig(golden)));
  return shareOf(models, 6, k).map((golden) => [titleOf(golden), plan, golden] as const);
});

describeGpu('gradients of a whole model', () => {
  test.each(runnable)("match PyTorch's for %s with the %s plan", async (_, plan, golden) => {
    const config = modelConfig(golden);
    const { seed, N, T } = golden;
    const given = initialWeights(config, seed);
    const { loss, firstMoment, gradients, weights } = await gradientsOf(plan, {
      config,
      weights: given,
      series: Float32Array.from(golden.series),
      order: startsOf(golden),
      windowLength: T,
      batchSize: N,
    });
    expectNormClose([loss], [golden.loss], { tensor: 'loss', tolerance: 'gradient' });
    for (const { name } of parameterTable(config)) {
      const expected = golden.gradients[name]!;
      expectNormClose(firstMoment.get(name)!, expected, { tensor: `gradient of ${name}`, tolerance: 'gradient' });
      if (!plan.startsWith('resident'))
        expectNormClose(gradients.get(name)!.data, expected, { tensor: `grads ${name}`, tolerance: 'gradient' });
      expect(weights.get(name)!.data, `${name} with lr = 0`).toEqual(given.get(name)!.data);
    }
  });

  test.each([
    { plan: 'timestep', N: 3, T: 5, inputSize: 2, hiddenSize: 7, outputSize: 2, numLayers: 1 },
    { plan: 'timestep', N: 2, T: 4, inputSize: 1, hiddenSize: 3, outputSize: 1, numLayers: 3 },
    { plan: 'resident', N: 3, T: 5, inputSize: 2, hiddenSize: 7, outputSize: 2, numLayers: 1 },
    { plan: 'resident', N: 2, T: 3, inputSize: 4, hiddenSize: 13, outputSize: 4, numLayers: 1 },
    { plan: 'sequence', N: 2, T: 3, inputSize: 3, hiddenSize: 5, outputSize: 6, numLayers: 1, targetColumns: 2 },
    { plan: 'resident', N: 2, T: 3, inputSize: 2, hiddenSize: 5, outputSize: 4, numLayers: 1, targetColumns: 1 },
    { plan: 'resident', N: 2, T: 3, inputSize: 3, hiddenSize: 5, outputSize: 4, numLayers: 1, targetColumns: 2 },
    { plan: 'resident (gpu)', N: 2, T: 3, inputSize: 3, hiddenSize: 5, outputSize: 6, numLayers: 1, targetColumns: 2 },
    { plan: 'resident (gpu)', cell: 'GRU', N: 2, T: 3, inputSize: 5, hiddenSize: 5, outputSize: 4, numLayers: 1 },
    { plan: 'resident (rows)', cell: 'GRU', N: 2, T: 3, inputSize: 5, hiddenSize: 5, outputSize: 4, numLayers: 1 },
    { plan: 'resident (gpu)', cell: 'RNN_TANH', N: 2, T: 3, inputSize: 5, hiddenSize: 5, outputSize: 4, numLayers: 1 },
  ] as const)(
    'match central differences in float64 for N=$N T=$T H=$hiddenSize O=$outputSize L=$numLayers, $plan plan, $cell',
    async (row) => {
      const { plan, N, T, ...rest } = row;
      const { targetColumns, ...sizes } = { targetColumns: undefined, ...rest };
      const config = modelConfig(sizes);
      for (const seed of [11, 12, 13]) {
        const weights: StateDict = new Map(
          parameterTable(config).map(({ name, shape }, k) => {
            const data = randomValues(
              shape.reduce((product, size) => product * size, 1),
              100 * seed + k,
            );
            return [name, { shape, data }];
          }),
        );
        const series = randomValues((N + T + config.outputSize) * config.inputSize, seed);
        const order = Array.from({ length: N }, (_, n) => n);
        const { firstMoment } = await gradientsOf(plan, {
          config,
          weights,
          series,
          order,
          windowLength: T,
          batchSize: N,
          targetColumns,
        });
        const exact = new Map([...weights].map(([name, { data }]) => [name, Float64Array.from(data)]));
        const batch = batchOf(series, order, T, config, targetColumns);
        for (const [name, expected] of finiteDifferences(config, exact, batch))
          expectNormClose(firstMoment.get(name)!, expected, { tensor: `gradient of ${name}`, tolerance: 'gradient' });
      }
    },
  );
});

describeGpu('predictSamples', () => {
  test.each(modelCases.map((golden) => [titleOf(golden), golden] as const))(
    "gives PyTorch's outputs for %s",
    async (_, golden) => {
      const state = new ModelState(guardedTestDevice(), modelConfig(golden));
      state.load(initialWeights(state.config, golden.seed));
      const { inputSize, series } = golden;
      const tensor = createTensor(guardedTestDevice(), 'series', [series.length / inputSize, inputSize]);
      writeTensor(guardedTestDevice(), tensor, Float32Array.from(series));
      const [y] = await predictSamples(state, { kind: 'windows', series: tensor }, golden.T, [
        Uint32Array.from(startsOf(golden)),
      ]);
      expectClose(y!, golden.y, { tensor: 'y', tolerance: 'elementwise' });
      tensor.buffer.destroy();
      state.dispose();
    },
  );
});
