import { expect, test } from 'vitest';
import { ConfigError, DataError, StateError } from '../../src/errors.ts';
import type { Evaluation, StepEvaluation } from '../../src/forecast/evaluation.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

const series = Float64Array.from({ length: 90 }, (_, t) => Math.sin(t / 3) + t / 50 + 2);

const withoutIntervals = ({ steps, overall, ...first }: Evaluation) => {
  const plain = <S extends Pick<StepEvaluation, 'metrics' | 'interval'>>({ metrics, ...rest }: S) => ({
    ...rest,
    interval: undefined,
    metrics: { ...metrics, coverage: null },
  });
  return { ...plain(first), overall: plain({ ...overall, interval: undefined }), steps: steps.map(plain) };
};

describeGpu('evaluate of another series', () => {
  test.each([
    { windowLength: 6, horizon: 3 },
    { windowLength: 6, scalePer: 'window', transform: 'difference' },
  ] as const)(
    'gives the scores of evaluate() for the rows of the test set, also for a loaded model: %j',
    async (shape) => {
      const options = { device: testDevice(), hiddenSize: 4, ...shape };
      const forecaster = await Forecaster.create(options);
      await forecaster.fit(series, { epochs: 2, batchSize: 8, validation: 0.3 });
      const expected = await forecaster.evaluate({ interval: 0.8 });
      const loaded = await Forecaster.load(await forecaster.save(), { device: testDevice() });
      await expect(loaded.evaluate()).rejects.toThrow('a loaded model does not contain its series');
      const rows = expected.steps.at(-1)!.firstRow + expected.actual.length - expected.firstRow;
      for (const one of [forecaster, loaded]) {
        const again = await one.evaluate({ series, rows, interval: 0.8 });
        const { high, low } = again.interval!;
        // for another series, only the newest residuals of the fitted one are known: one width for all rows
        const { predicted, high: ahead } = await one.predictInterval({ level: 0.8, series });
        for (const [k, value] of high.entries())
          expect(value - low[k]!).toBeCloseTo(2 * (ahead[0]! - predicted[0]!), 8);
        expect(withoutIntervals(again)).toEqual(withoutIntervals(expected));
      }
      for (const one of [forecaster, loaded]) one.dispose();
    },
  );

  test('forecasts every row with a window before it, in the scale of the fitted series', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 4, windowLength: 6 });
    await expect(forecaster.evaluate({ series })).rejects.toThrow(StateError);
    await forecaster.fit(series, { epochs: 1, batchSize: 8 });
    const other = series.subarray(10, 40);
    const { firstRow, actual, predicted } = await forecaster.evaluate({ series: other });
    expect([firstRow, ...actual]).toEqual([6, ...other.subarray(6)]);
    expect(predicted[0]).toBeCloseTo((await forecaster.predict({ series: other.subarray(0, 6) }))[0]!, 6);
    expect(await forecaster.evaluate({ part: 'all' })).toMatchObject({ firstRow: 6 }); // the fitted series is still there
    await expect(forecaster.evaluate({ series: other, rows: 25 })).rejects.toThrow(
      'got 25, expected a whole number from 1 to 24',
    );
    await expect(forecaster.evaluate({ series: other, rows: 0 })).rejects.toThrow(ConfigError);
    await expect(forecaster.evaluate({ series: series.subarray(0, 6) })).rejects.toThrow(DataError);
    forecaster.dispose();
  });
});
