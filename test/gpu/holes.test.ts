import { expect, test } from 'vitest';
import { backtest } from '../../src/forecast/backtest.ts';
import { FittedSeries } from '../../src/forecast/fitted.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { SeriesFrame } from '../../src/forecast/frame.ts';
import { ForecastModels } from '../../src/forecast/models.ts';
import { jointSettings } from '../../src/forecast/settings.ts';
import { forecastShape } from '../../src/forecast/shape.ts';
import { trainTogether } from '../../src/forecast/together.ts';
import { describeGpu, testDevice } from './device.ts';
import { bitsOf } from './expect.ts';

const ROWS = 80;
const HOLES = [7, 8, 31, 55, 74];
const holes = Uint8Array.from({ length: ROWS }, (_, k) => Number(HOLES.includes(k)));
const wave = Float64Array.from({ length: ROWS }, (_, t) => 5 + Math.sin(t / 3) + t / 50);
const other = Float64Array.from({ length: ROWS }, (_, t) => Math.cos(t / 2));
const filled = (values: Float64Array) => values.map((value, k) => (holes[k] ? 4 : value));

/** A series with some windows left out by hand. */
class Chosen extends FittedSeries {
  override samples(part: Parameters<FittedSeries['samples']>[0]): Uint32Array {
    const { windowLength, horizon, transform } = this.shape;
    const lag = transform === 'none' ? 0 : 1;
    const touches = (start: number) => HOLES.some((row) => row >= start - lag && row < start + windowLength + horizon);
    return super.samples(part).filter((sample) => !touches(this.startOf(sample)));
  }
}

describeGpu('a series with holes', () => {
  test.each([
    { windowLength: 4 },
    { windowLength: 3, horizon: 2, transform: 'difference' as const, past: ['p'], future: ['f'] },
    { windowLength: 4, scalePer: 'window' as const, scaler: 'standard' as const },
  ])('trains bit-identically to a training on exactly the windows without holes: %j', async (model) => {
    const shape = forecastShape({ ...model, hiddenSize: 4 });
    const settings = jointSettings({ epochs: 3, batchSize: 4, shuffle: true, lr: 0.01, validation: 0.2 }, shape, 1);
    const frame = (of: (values: Float64Array) => Float64Array): SeriesFrame => ({
      target: of(wave),
      ...(shape.past.length > 0 && { past: { p: of(other) }, future: { f: of(other) } }),
    });
    const holed = new FittedSeries({ ...frame(filled), holes }, shape, { ...settings, split: 0.8 });
    const cut = { ...settings, split: 0.8, scalerFit: 'keep', kept: holed.scalers } as const;
    const chosen = new Chosen(
      frame((values) => values),
      shape,
      cut,
    );
    expect(holed.samples('train').length).toBeLessThan(holed.parts.train.end);
    const run = async (series: FittedSeries) => {
      const models = new ForecastModels(testDevice(), shape, [3]);
      const { fit, failures } = await trainTogether(models, [series], settings, {});
      expect(failures.size).toBe(0);
      const losses = fit.epochs.map(({ loss, validationLoss }) => [loss, validationLoss]);
      const outputs = (await models.outputsOfEach([series], [series.samples('test')]))[0]!;
      models.dispose();
      return { losses, outputs };
    };
    const [own, expected] = [await run(holed), await run(chosen)];
    expect(own.losses).toEqual(expected.losses);
    expect(bitsOf(own.outputs)).toEqual(bitsOf(expected.outputs));
  });

  test('is scored in the other rows, with intervals, and resumed only with the same holes', async () => {
    const device = testDevice();
    const series = { target: filled(wave), holes };
    const model = { device, windowLength: 4, hiddenSize: 4 };
    const forecaster = await Forecaster.create(model);
    await forecaster.fit(series, { epochs: 1, batchSize: 8, validation: 0.3 });
    const { rows, predicted, interval, firstRow } = await forecaster.evaluate({ interval: 0.7 });
    expect([...rows]).toEqual([64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 79]);
    expect(firstRow).toBe(64);
    const whole = await forecaster.evaluate({ series: wave, rows: 16 });
    expect([...predicted]).toEqual(Array.from(rows, (row) => whole.predicted[row - 64]));
    expect(interval!.low).toHaveLength(rows.length);
    const again = await forecaster.evaluate({ series, rows: 16 });
    expect(again.rows).toEqual(rows);

    const bytes = await forecaster.checkpoint();
    const moved = Uint8Array.from(holes, (_, k) => holes[k + 1] ?? 0);
    const loaded = await Forecaster.load(bytes, { device });
    await expect(loaded.resume({ ...series, holes: moved })).rejects.toThrow(/series/);
    await expect(loaded.resume({ target: series.target })).rejects.toThrow(/series/);
    await loaded.resume(series);
    expect(await loaded.predict()).toEqual(await forecaster.predict());
    await expect(forecaster.fit({ target: series.target })).rejects.toThrow(/trained on other rows/);
    loaded.dispose();
    forecaster.dispose();
  });

  test('is tested on its other rows in a backtest, and rejected if a fold has none', async () => {
    const asked = { device: testDevice(), folds: 2, fit: { epochs: 1, batchSize: 8 } };
    const model = { windowLength: 4, hiddenSize: 4 };
    const { folds, metrics } = await backtest({ target: filled(wave), holes }, { ...asked, model });
    const whole = Array.from({ length: 60 }, (_, k) => 20 + k);
    const touching = (row: number) => HOLES.some((hole) => row >= hole && row <= hole + 4);
    expect(folds.flatMap(({ evaluation }) => [...evaluation.rows])).toEqual(whole.filter((row) => !touching(row)));
    expect(metrics.mase).toBeGreaterThan(0);
    const every = wave.map((_, k) => Number(k >= 48 && k % 3 === 0));
    await expect(backtest({ target: wave, holes: every }, { ...asked, model })).rejects.toThrow(
      /fold 2 of 2: series: each of the 30 windows of the test set contains a missing row/,
    );
  });

  test('cannot be forecast from a window that contains one', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 4, hiddenSize: 4 });
    await forecaster.fit(wave, { epochs: 1, batchSize: 16 });
    const series = (row: number) => ({ target: wave, holes: wave.map((_, k) => Number(k === row)) });
    await expect(forecaster.predict({ series: series(ROWS - 4) })).rejects.toThrow(
      /predict: row 77 of 80 is missing, .*'interpolate' or 'previous'/,
    );
    expect(await forecaster.predict({ series: series(ROWS - 5) })).toEqual(await forecaster.predict());
    forecaster.dispose();
  });
});
