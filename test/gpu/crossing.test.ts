import { expect, test } from 'vitest';
import { Decoded } from '../../src/forecast/decoded.ts';
import { FittedSeries } from '../../src/forecast/fitted.ts';
import { ForecastModels } from '../../src/forecast/models.ts';
import type { ForecasterOptions } from '../../src/forecast/options.ts';
import { lookAhead } from '../../src/forecast/outlook.ts';
import { forecastShape, pointQuantile } from '../../src/forecast/shape.ts';
import { describeGpu, testDevice } from './device.ts';

const target = Float64Array.from({ length: 60 }, (_, k) => 50 + k / 2 + 9 * Math.sin(k / 3) + ((k * 31) % 7));
const seeds = [0, 1, 2, 3, 4];

type Form = Omit<ForecasterOptions, 'device' | 'seed' | 'ensemble'> & { title: string };
const FORMS: readonly Form[] = [
  { title: 'resident', hiddenSize: 4, quantiles: [0.1, 0.5, 0.9] },
  { title: 'resident, the second of four', hiddenSize: 3, quantiles: [0.2, 0.4, 0.7, 0.9] },
  { title: 'resident, two steps at once', hiddenSize: 5, horizon: 2, quantiles: [0.3, 0.6] },
  {
    title: 'several steps of many models at once',
    cell: 'GRU',
    hiddenSize: 5,
    horizon: 3,
    quantiles: [0.05, 0.25, 0.5, 0.75, 0.95],
  },
  { title: 'each window with its own scale', hiddenSize: 4, scalePer: 'window', quantiles: [0.1, 0.5, 0.9] },
  {
    title: 'relative to the last value',
    hiddenSize: 33,
    scaler: 'robust',
    scalePer: 'last',
    quantiles: [0.1, 0.5, 0.9],
  },
  { title: 'log returns', hiddenSize: 4, transform: 'logReturn', quantiles: [0.1, 0.5, 0.9] },
];

/** How often a quantile is below the previous one. @param quantiles [quantiles][rows] */
const crossings = (quantiles: readonly ArrayLike<number>[]): number =>
  quantiles
    .slice(1)
    .reduce((sum, own, q) => sum + Array.from(own).filter((value, k) => value < quantiles[q]![k]!).length, 0);

describeGpu('quantiles of models with random weights', () => {
  test.each(FORMS)('cross in outputs but never in forecasts: $title', async ({ title, ...options }) => {
    const shape = forecastShape({ windowLength: 6, ...options });
    const { horizon, quantiles } = shape;
    const Q = quantiles.length;
    const models = new ForecastModels(testDevice(), shape, seeds);
    models.load();
    const series = new FittedSeries(target, shape, { split: 0.5, validation: 0, scalerFit: 'train' });
    models.layOut([series]);
    const samples = series.samples('all');
    const outputs = await models.outputs(series, samples, [...seeds.keys()]);
    const ofQuantile = (own: Float32Array) => quantiles.map((_, q) => own.filter((_, k) => k % Q === q));
    expect(outputs.reduce((sum, own) => sum + crossings(ofQuantile(own)), 0)).toBeGreaterThan(20);
    for (const member of Decoded.ofOutputs(series, samples, outputs).values)
      for (let step = 0; step < horizon; step++) expect(crossings(member.map((own) => own[step]!))).toBe(0);

    const { scalers, frame } = series;
    const rows = 4 * horizon + 1;
    const from = (target: Float64Array) => seeds.map(() => [{ frame: { ...frame, target }, scalers }]);
    const rolled = await lookAhead(models, from(target), rows);
    const q = pointQuantile(shape);
    for (const [model, [forecast]] of rolled.entries()) {
      expect(crossings(forecast!)).toBe(0);
      const known = [...target];
      while (known.length < target.length + rows) {
        const next = await lookAhead(models, from(Float64Array.from(known)), horizon);
        known.push(...next[model]![0]![q]!);
      }
      for (const [k, value] of forecast![q]!.entries())
        expect(Math.abs(value - known[target.length + k]!) / 50, `${title}, row ${k}`).toBeLessThan(1e-5);
    }
    models.dispose();
  });
});
