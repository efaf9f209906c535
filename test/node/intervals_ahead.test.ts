import { expect, test } from 'vitest';
import { conformalRadius } from '../../src/data/conformal.ts';
import { ConfigError, DataError, StateError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { ForecasterOptions } from '../../src/forecast/options.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

const T = 6;
const ROWS = 70;
const rowsOf = (seed: number) =>
  Float64Array.from(
    { length: ROWS },
    (_, t) => 40 * seed + t / 5 + 8 * Math.sin((2 * Math.PI * t) / 7 + seed) + ((t * t) % 5),
  );
const target = rowsOf(1);
const FIT = { epochs: 2, batchSize: 8, validation: 0.3, lr: 0.01 };

const create = (more: Partial<ForecasterOptions> = {}) =>
  Forecaster.create({ device: testDevice(), windowLength: T, hiddenSize: 4, horizon: 2, ...more });

/** Half widths, from forecasts at each of the newest origins that training has not seen. */
async function radiiByHand(forecaster: Forecaster, rows: number, level: number): Promise<number[]> {
  const validation = await forecaster.evaluate({ part: 'validation' });
  const { firstRow } = validation;
  const count = validation.actual.length;
  const origins = Array.from({ length: ROWS - rows - firstRow + 1 }, (_, k) => firstRow + k).slice(-count);
  const residuals: number[][] = Array.from({ length: rows }, () => []);
  for (const origin of origins) {
    const predicted = await forecaster.predict({ series: target.slice(0, origin), horizon: rows });
    for (const [k, value] of predicted.entries()) residuals[k]!.push(Math.abs(target[origin + k]! - value));
  }
  return residuals.map((values) => conformalRadius(values, level));
}

describeGpu('intervals beyond the horizon of a model', () => {
  test.each([
    {},
    { cell: 'GRU', numLayers: 2 },
    { ensemble: 2, transform: 'difference' },
    { scalePer: 'window' },
  ] as const)('are measured from the newest rows that training has not seen: %o', async (more) => {
    const forecaster = await create(more);
    await forecaster.fit(target, FIT);
    const { predicted, low, high } = await forecaster.predictInterval({ horizon: 5, level: 0.7 });
    expect(predicted).toEqual(await forecaster.predict({ horizon: 5 }));
    const radii = await radiiByHand(forecaster, 5, 0.7);
    const atOnce = await forecaster.predictInterval({ level: 0.7 });
    for (const [k, value] of predicted.entries()) {
      const expected = k < 2 ? atOnce.high[k]! - atOnce.predicted[k]! : radii[k]!;
      expect(high[k]! - value).toBeCloseTo(expected, 3);
      expect(value - low[k]!).toBeCloseTo(expected, 3);
    }
    const bytes = await forecaster.save({ ahead: 5 });
    const loaded = await Forecaster.load(bytes, { device: testDevice() });
    const again = await loaded.predictInterval({ series: target, horizon: 5, level: 0.7 });
    expect(again.high).toEqual(high);
    expect(await loaded.save()).toEqual(bytes);
    const fewer = await loaded.predictInterval({ series: target, horizon: 3, level: 0.7 });
    expect(fewer.high).toEqual(high.slice(0, 3));
    await expect(loaded.predictInterval({ series: target, horizon: 6 })).rejects.toThrow('save({ ahead: 6 })');
    const { quantiles, interval } = (await loaded.predictEach({ series: [target], horizon: 5, level: 0.7 }))[0]!;
    expect([quantiles, interval]).toEqual([[], { level: 0.7, low, high }]);
    for (const one of [forecaster, loaded]) one.dispose();
  });

  test.each([false, true])('are those of each series; trained together: %s', async (global) => {
    const forecaster = await create({ ensemble: 2 });
    const series = [
      { id: 'a', target },
      { id: 'b', target: rowsOf(2).slice(0, 58) },
    ];
    await forecaster.fit(series, { ...FIT, global });
    const each = await forecaster.predictEach({ horizon: 4, level: 0.6 });
    const [a, b] = each.map(({ interval, predicted }) => interval!.high[3]! - predicted[3]!);
    expect(a).not.toBeCloseTo(b!, 3);
    for (const { id, predicted, interval } of each)
      expect(await forecaster.predictInterval({ of: id!, horizon: 4, level: 0.6 })).toEqual({
        predicted,
        ...interval!,
      });
    const loaded = await Forecaster.load(await forecaster.save({ ahead: 4 }), { device: testDevice() });
    expect(await loaded.predictEach({ series, horizon: 4, level: 0.6 })).toEqual(each);
    for (const one of [forecaster, loaded]) one.dispose();
  });

  test('are rejected if they cannot be measured', async () => {
    const forecaster = await create();
    await forecaster.fit(target, { ...FIT, validation: 0 });
    await expect(forecaster.predictInterval({ horizon: 5 })).rejects.toThrow(StateError);
    await expect(forecaster.save({ ahead: 5 })).rejects.toThrow('validation: 0.2');
    await expect(forecaster.save({ ahead: 0 })).rejects.toThrow('ahead: got 0');
    await forecaster.fit(target, { ...FIT, from: 'initial' });
    await expect(forecaster.predictInterval({ horizon: 60 })).rejects.toThrow(DataError);
    const past = await create({ past: ['x'] });
    await past.fit({ target, past: { x: target.map((value) => 2 * value) } }, FIT);
    await expect(past.predictInterval({ horizon: 5 })).rejects.toThrow(ConfigError);
    for (const one of [forecaster, past]) one.dispose();
  });
});
