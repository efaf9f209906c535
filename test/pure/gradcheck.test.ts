import { describe, expect, test } from 'vitest';
import { initialWeights } from '../../src/model/init.ts';
import { modelCases, startsOf, titleOf } from '../golden/cases.ts';
import { expectNormClose, relativeError } from '../gpu/expect.ts';
import { batchOf, finiteDifferences, forward, gradients, type Parameters } from '../reference/model.ts';

const cases = modelCases.map((golden) => {
  const weights: Parameters = new Map(
    [...initialWeights(golden, golden.seed)].map(([name, { data }]) => [name, Float64Array.from(data)]),
  );
  const batch = batchOf(Float32Array.from(golden.series), startsOf(golden), golden.T, golden);
  return [titleOf(golden), { golden, weights, batch }] as const;
});

describe('the float64 reference', () => {
  test.each(cases)("has PyTorch's output, loss and gradients for %s", (_, { golden, weights, batch }) => {
    const { y, loss } = forward(golden, weights, batch);
    expectNormClose(y, golden.y, { tensor: 'y', tolerance: 'gradient' });
    expectNormClose([loss], [golden.loss], { tensor: 'loss', tolerance: 'gradient' });
    for (const [name, values] of gradients(golden, weights, batch))
      expectNormClose(values, golden.gradients[name]!, { tensor: `gradient of ${name}`, tolerance: 'gradient' });
  });

  const small = cases.filter(([, { golden }]) => golden.hiddenSize < 10);
  test.each(small)('has the gradients of central differences for %s', (_, { golden, weights, batch }) => {
    const expected = finiteDifferences(golden, weights, batch);
    for (const [name, values] of gradients(golden, weights, batch))
      expect(relativeError(values, expected.get(name)!), name).toBeLessThan(1e-7);
  });
});
