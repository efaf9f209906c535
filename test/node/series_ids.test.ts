import { expect, test } from 'vitest';
import { DataError, StateError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import type { ForecasterOptions } from '../../src/forecast/options.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';

const rowsOf = (count: number, seed: number) =>
  Float64Array.from({ length: count }, (_, t) => 50 * seed + t / 4 + 7 * Math.sin((2 * Math.PI * t) / 7 + seed));
const north = { id: 'north', target: rowsOf(60, 1) };
const south = { id: 'south', target: rowsOf(48, 2) };
const west = { id: 'west', target: rowsOf(52, 3) };
const FIT = { epochs: 2, batchSize: 8, validation: 0.3 };

const create = (more: Partial<ForecasterOptions> = {}) =>
  Forecaster.create({ device: testDevice(), windowLength: 6, hiddenSize: 4, horizon: 2, ...more });

describeGpu('series with ids', () => {
  test.each([false, true])(
    'are forecast by their ids, also of a model that was saved; learned together: %s',
    async (global) => {
      const forecaster = await create({ ensemble: 3 });
      await forecaster.fit([north, south, west], { ...FIT, global });
      const each = await forecaster.predictEach({ horizon: 4 });
      expect(each.map(({ id }) => id)).toEqual(['north', 'south', 'west']);
      for (const [k, { id, predicted, interval, quantiles }] of each.entries()) {
        expect([interval, quantiles]).toEqual([undefined, []]);
        for (const of of [k, id!]) expect(await forecaster.predict({ of, horizon: 4 })).toEqual(predicted);
        expect(await forecaster.evaluate({ of: id! })).toEqual(
          await forecaster.evaluate(global ? { of: k } : { member: k }),
        );
      }
      const loaded = await Forecaster.load(await forecaster.save(), { device: testDevice() });
      const other = await loaded.predictEach({ horizon: 4, series: [west, north] });
      expect(other).toEqual([each[2], each[0]]);
      expect(await loaded.predict({ horizon: 4, series: south })).toEqual(each[1]!.predicted);
      const { id: _, ...nameless } = south;
      expect(await loaded.predict({ horizon: 4, series: nameless, of: 'south' })).toEqual(each[1]!.predicted);
      const withIntervals = await loaded.predictEach({ series: [south, west], level: 0.7 });
      for (const { id, predicted, interval } of withIntervals)
        expect({ predicted, ...interval }).toEqual(await forecaster.predictInterval({ of: id!, level: 0.7 }));
      for (const one of [forecaster, loaded]) one.dispose();
    },
  );

  test('that no model has seen are forecast in their own scale by global models', async () => {
    const forecaster = await create();
    await forecaster.fit([north, south], { ...FIT, global: true });
    const east = { id: 'east', target: west.target.map((value) => 1000 * value - 7) };
    const [one, other] = await forecaster.predictEach({ series: [west, east], horizon: 6 });
    expect(one!.predicted).not.toEqual(await forecaster.predict({ series: west.target, of: 0, horizon: 6 }));
    for (const [k, value] of one!.predicted.entries()) {
      expect(Math.abs(value - 150 - 13)).toBeLessThan(25);
      expect(other!.predicted[k]! / (1000 * value - 7)).toBeCloseTo(1, 5);
    }
    const scored = await forecaster.evaluate({ series: west, rows: 10 });
    const scoredOther = await forecaster.evaluate({ series: east, rows: 10 });
    expect(scored.actual).toHaveLength(9);
    expect(scoredOther.metrics.mae / scored.metrics.mae).toBeCloseTo(1000, 1);
    // its scale is fitted on the rows before the scored ones
    const risen = { ...west, target: west.target.map((value, k) => (k < 42 ? value : value + 500)) };
    expect((await forecaster.evaluate({ series: risen, rows: 10 })).predicted[0]).toBe(scored.predicted[0]);
    await expect(forecaster.evaluate({ series: west })).rejects.toThrow('Give the number of rows to score');
    await expect(forecaster.predictInterval({ series: west })).rejects.toThrow(StateError);
    const dead = { id: 'dead', target: new Float64Array(30).fill(3) };
    await expect(forecaster.predict({ series: dead })).rejects.toThrow(DataError);
    forecaster.dispose();
  });

  test('are rejected if they do not fit', async () => {
    const forecaster = await create({ ensemble: 2 });
    await expect(forecaster.fit([north, south.target], FIT)).rejects.toThrow('1 of 2 series have an id');
    await expect(forecaster.fit([north, north], FIT)).rejects.toThrow('two series have the id "north"');
    await forecaster.fit([north, south], FIT);
    await expect(forecaster.predict({ of: 'nord' })).rejects.toThrow(
      'of: got "nord", expected one of "north", "south". Did you mean north?',
    );
    await expect(forecaster.predict({ series: north, of: 'south' })).rejects.toThrow('leave of out');
    await expect(forecaster.predict({ series: west })).rejects.toThrow('no model was trained on the series "west"');
    await expect(forecaster.predict({ series: west })).rejects.toMatchObject({
      ...{ name: 'ConfigError', code: 'unknown-series', details: { id: 'west' } },
    });
    await expect(forecaster.predictEach({ series: [north, north] })).rejects.toThrow('two series have the id "north"');
    await expect(forecaster.predictEach({ series: [north.target] })).rejects.toThrow(
      'got 1 series, but the models were trained on 2',
    );
    await expect(forecaster.predictEach({ series: [] })).rejects.toThrow('at least one series');
    await expect(forecaster.predictEach({ series: north.target as never })).rejects.toThrow('a list of at least one');
    await expect(forecaster.predictMembers({ of: 'north' })).rejects.toThrow('every member forecasts its own series');
    forecaster.dispose();
  });
});
