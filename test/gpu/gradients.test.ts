import { expect, test } from 'vitest';
import { predictSamples } from '../../src/engine/predict.ts';
import { ModelState } from '../../src/engine/state.ts';
import { createTensor, writeTensor } from '../../src/gpu/tensor.ts';
import { modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import { parameterTable, type StateDict } from '../../src/model/parameters.ts';
import { modelCases, startsOf, titleOf } from '../golden/cases.ts';
import { batchOf, finiteDifferences } from '../reference/model.ts';
import { describeGpu, guardedTestDevice } from './device.ts';
import { expectClose, expectNormClose } from './expect.ts';
import { randomValues } from './run_kernel.ts';
import { RUNNERS, type Run, type Runner, runPlan, takes } from './run_plan.ts';

/** The gradient of one batch in any plan: Adam's first moment after one step with beta1 = 0 and lr = 0. */
async function gradientsOf(plan: Runner, run: Run) {
  const { losses, firstMoment, gradients, weights } = await runPlan(plan, { ...run, lr: 0, betas: [0, 0.999] });
  return { loss: losses[0]!, firstMoment, gradients, weights };
}

const runnable = RUNNERS.flatMap((plan) =>
  modelCases
    .filter((golden) => takes(plan, modelConfig(golden)))
    .map((golden) => [titleOf(golden), plan, golden] as const),
);

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
  ] as const)(
    'match central differences in float64 for N=$N T=$T H=$hiddenSize O=$outputSize L=$numLayers, $plan plan',
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
