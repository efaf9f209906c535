import { expect, test } from 'vitest';
import { backtest } from '../../src/forecast/backtest.ts';
import type { Evaluation } from '../../src/forecast/evaluation.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { ForecasterOptions } from '../../src/forecast/options.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

/** The first row is far from the others, and the season is 6. */
const series = Float64Array.from({ length: 90 }, (_, t) => (t === 0 ? 20 : 100 + t / 7 + 5 * ((t * t) % 6)));
const TESTED = 20;

const SHAPES: readonly Partial<ForecasterOptions>[] = [
  { transform: 'none' },
  { transform: 'difference' },
  { transform: 'logReturn', scaler: 'standard' },
  { scaler: 'robust', scalePer: 'window' },
  { windowLength: 1 },
  { windowLength: 3, transform: 'difference', scalePer: 'window' },
  { windowLength: 70 }, // the test rows are all that it can forecast
  { windowLength: 69, transform: 'difference' },
];

const rulesOf = ({ baselines, season, naive, actual, firstRow }: Evaluation) => ({
  ...{ baselines, season, naive, actual, firstRow },
});

describeGpu('rules without a model', () => {
  const model = { hiddenSize: 2, windowLength: 4 };

  test('give the same forecasts and scores whatever the model reads', async () => {
    let first: ReturnType<typeof rulesOf> | undefined;
    for (const shape of SHAPES) {
      const forecaster = await Forecaster.create({ device: testDevice(), ...model, ...shape });
      await forecaster.fit(series, { epochs: 1, batchSize: 32 });
      const evaluation = await forecaster.evaluate({ series, rows: TESTED });
      const { mae, mase } = evaluation.metrics;
      const rules = rulesOf(evaluation);
      first ??= rules;
      expect(Object.keys(rules.baselines), JSON.stringify(shape)).toEqual(Object.keys(first.baselines));
      expect(rules, JSON.stringify(shape)).toEqual(first);
      expect(mae / mase!).toBeCloseTo(first.baselines.naive!.metrics.mae / first.baselines.naive!.metrics.mase!, 10);
      forecaster.dispose();
    }
    expect(first!.season).toBe(6);
    const T = first!.firstRow - 1;
    expect(T).toBe(series.length - TESTED - 1);
    const { drift, movingAverage, seasonalNaive } = first!.baselines;
    expect(drift!.predicted[0]).toBeCloseTo(series[T]! + (series[T]! - 20) / T, 10);
    expect(movingAverage!.predicted[0]).toBeCloseTo(
      series.subarray(T - 9, T + 1).reduce((sum, value) => sum + value, 0) / 10,
      10,
    );
    expect(seasonalNaive!.predicted[0]).toBe(series[T - 5]);
  });

  test('of the test set of a fit start in the first row of the series, also if differences are learned', async () => {
    for (const transform of ['none', 'difference', 'logReturn'] as const) {
      const forecaster = await Forecaster.create({ device: testDevice(), ...model, transform });
      await forecaster.fit(series, { epochs: 1, batchSize: 32 });
      const { firstRow, baselines } = await forecaster.evaluate();
      const T = firstRow - 1;
      expect(baselines.drift!.predicted[0]).toBeCloseTo(series[T]! + (series[T]! - 20) / T, 10);
      forecaster.dispose();
    }
  });

  test.each(['sliding', 'expanding'] as const)(
    'of a %s backtest are the same for every transform and window',
    async (scheme) => {
      const reports = await Promise.all(
        SHAPES.slice(0, 6).map((shape) =>
          backtest(series, {
            ...{ device: testDevice(), folds: 3, testRows: 10, scheme },
            ...{ model: { ...model, ...shape }, fit: { epochs: 1, batchSize: 32 } },
          }),
        ),
      );
      for (const { baselines, folds } of reports) {
        expect(Object.keys(baselines)).toContain('seasonalNaive');
        expect(baselines).toEqual(reports[0]!.baselines);
        expect(folds.map(({ evaluation }) => rulesOf(evaluation))).toEqual(
          reports[0]!.folds.map(({ evaluation }) => rulesOf(evaluation)),
        );
      }
    },
  );
});
