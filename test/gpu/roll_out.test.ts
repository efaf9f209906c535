import { expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { SeriesFrame } from '../../src/forecast/frame.ts';
import type { ForecasterOptions } from '../../src/forecast/options.ts';
import { shareOf } from './cases.ts';
import { describeGpu, testDevice } from './device.ts';

const target = Float64Array.from({ length: 80 }, (_, k) => 50 + k / 2 + 9 * Math.sin(k / 3) + ((k * 31) % 7));
const weekday = Float64Array.from({ length: 400 }, (_, k) => k % 7);

/** Number of buffer maps, of all calls on this device. */
async function countMaps<Result>(work: () => Promise<Result>): Promise<{ result: Result; maps: number }> {
  const { mapAsync } = GPUBuffer.prototype;
  let maps = 0;
  GPUBuffer.prototype.mapAsync = function (this: GPUBuffer, ...args) {
    maps++;
    return mapAsync.apply(this, args);
  };
  try {
    return { result: await work(), maps };
  } finally {
    GPUBuffer.prototype.mapAsync = mapAsync;
  }
}

const FORMS: readonly (Omit<ForecasterOptions, 'device'> & { title: string; hasFuture?: true })[] = [
  { title: 'like in the tutorial', hiddenSize: 32 },
  { title: 'several steps at once', hiddenSize: 5, horizon: 3 },
  {
    title: 'quantiles of several steps, too many for a resident model',
    hiddenSize: 4,
    horizon: 2,
    quantiles: [0.1, 0.5, 0.9],
  },
  { title: 'quantiles', hiddenSize: 4, quantiles: [0.1, 0.6, 0.9] },
  { title: 'an ensemble', hiddenSize: 6, ensemble: 3 },
  { title: 'an ensemble of GRUs of two layers', cell: 'GRU', hiddenSize: 5, numLayers: 2, ensemble: 2 },
  { title: 'differences', hiddenSize: 4, transform: 'difference', scaler: 'standard' },
  { title: 'logarithms of growth', hiddenSize: 4, transform: 'logReturn', cell: 'RNN_TANH', horizon: 2 },
  { title: 'a column known ahead', hiddenSize: 4, future: ['weekday'], horizon: 2, hasFuture: true },
  { title: 'a column known ahead, and many steps', hiddenSize: 9, future: ['weekday'], horizon: 5, hasFuture: true },
  { title: 'both directions, with a projection', hiddenSize: 5, bidirectional: true, projSize: 3 },
];

describeGpu("a forecast beyond the model's horizon", () => {
  test.each(shareOf(FORMS, 3))(
    'agrees with forecasting from the series extended by its forecasts: $title',
    async ({ title, hasFuture, ...options }) => {
      const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 8, seed: 1, ...options });
      const series = (values: ArrayLike<number>): SeriesFrame => ({
        target: Float64Array.from(values),
        ...(hasFuture && { future: { weekday } }),
      });
      await forecaster.fit(series(target), { epochs: 2 });
      const horizon = options.horizon ?? 1;
      const rolled = await forecaster.predictMembers({ horizon: 5 * horizon + 1 });
      for (const [member, forecast] of rolled.entries()) {
        const known = [...target];
        while (known.length < target.length + forecast.length) {
          const next = await forecaster.predictMembers({ series: series(known) });
          known.push(...next[member]!);
        }
        const first = known.slice(target.length, target.length + horizon);
        expect([...forecast.slice(0, horizon)], title).toEqual(first); // bit for bit
        const scale = Math.max(...target) - Math.min(...target);
        for (const [k, value] of forecast.entries())
          expect(Math.abs(value - known[target.length + k]!) / scale, `${title}, row ${k}`).toBeLessThan(1e-5);
      }
      forecaster.dispose();
    },
  );

  test.each(['resident', 'timestep'] as const)(
    'needs as many readbacks for 1,000 steps as for 10: %s',
    async (plan) => {
      const forecaster = await Forecaster.create({
        ...{ device: testDevice(), windowLength: 8, seed: 1 },
        ...(plan === 'resident' ? { hiddenSize: 32 } : { hiddenSize: 33 }),
      });
      await forecaster.fit(target, { epochs: 1 });
      await forecaster.predict();
      const few = await countMaps(() => forecaster.predict({ horizon: 10 }));
      const many = await countMaps(() => forecaster.predict({ horizon: 1000 }));
      expect(many.maps).toBe(few.maps);
      expect(few.maps).toBe(1);
      expect([...many.result.slice(0, 10)]).toEqual([...few.result]);
      forecaster.dispose();
    },
  );

  test('ends with an error if it overflows', async () => {
    const grows = Float64Array.from({ length: 40 }, (_, k) => 10 ** k);
    const forecaster = await Forecaster.create({
      ...{ device: testDevice(), windowLength: 4, hiddenSize: 3, seed: 1, transform: 'logReturn' },
    });
    await forecaster.fit(
      grows.map((value, k) => value * (1 + (k % 2))),
      { epochs: 1 },
    );
    const rolling = forecaster.predict({ horizon: 1000 });
    await expect(rolling).rejects.toThrow(/predict: after \d+ steps the forecast is Infinity, .* Request fewer steps/);
    await expect(rolling).rejects.toThrow(DataError);
    forecaster.dispose();
  });

  test('is the same in one piece and in several', async () => {
    const forecaster = await Forecaster.create({ device: testDevice(), windowLength: 64, hiddenSize: 3, seed: 1 });
    await forecaster.fit(target, { epochs: 1 });
    const { result, maps } = await countMaps(() => forecaster.predict({ horizon: 2100 }));
    expect(maps).toBe(3);
    const short = await forecaster.predict({ horizon: 100 });
    expect([...result.slice(0, 100)]).toEqual([...short]);
    expect(result.every(Number.isFinite)).toBe(true);
    forecaster.dispose();
  });
});
