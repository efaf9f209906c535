import { describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../../src/errors.ts';
import { fitSettings } from '../../src/forecast/settings.ts';
import { forecastShape } from '../../src/forecast/shape.ts';
import { recipeSettings } from '../../src/recipe/preset.ts';

const DAY = 86_400_000;
const daily = (rows: number) => Float64Array.from({ length: rows }, (_, t) => Date.UTC(2024, 0, 1) + t * DAY);
/** Periodic rows with noise. */
const seasonal = (rows: number, season: number) =>
  Float64Array.from(
    { length: rows },
    (_, t) => 100 + 20 * Math.sin((2 * Math.PI * t) / season) + 5 * Math.sin(12.9898 * t * t),
  );
const walk = (rows: number) => {
  let value = 0;
  return Float64Array.from({ length: rows }, (_, t) => (value += Math.sin(12.9898 * t * t)));
};
const week = { target: seasonal(400, 7), moments: daily(400) };

describe('settings of the recipe', () => {
  test('are chosen by the season, which the dates give', () => {
    const { model, fit } = recipeSettings(week);
    expect(model).toEqual({ windowLength: 28, hiddenSize: 16, scaler: 'standard', scalePer: 'window', zeroHead: true });
    expect(fit).toMatchObject({ batchSize: 16, lr: 0.01, shuffle: true });
    expect(recipeSettings({ target: seasonal(400, 12) }).model.windowLength).toBe(24); // from the values
    expect(recipeSettings(walk(400))).toMatchObject({
      model: { windowLength: 10, scalePer: 'last' },
      fit: { lr: 0.003 },
    });
  });

  test('have a budget of steps that grows with rows and other columns', () => {
    const stepsOf = (rows: number, columns = {}) => {
      const { model, fit } = recipeSettings({ target: seasonal(rows, 7), moments: daily(rows), ...columns });
      const windows = Math.trunc(0.8 * rows) - model.windowLength!;
      return fit.epochs! * Math.ceil(windows / fit.batchSize!);
    };
    expect(stepsOf(100)).toBeGreaterThanOrEqual(400);
    expect(stepsOf(100)).toBeLessThan(450);
    expect(stepsOf(600)).toBeGreaterThan(1000);
    expect(stepsOf(20_000)).toBeGreaterThanOrEqual(3600);
    expect(stepsOf(20_000)).toBeLessThan(3900);
    expect(stepsOf(100, { past: { visits: walk(100) } })).toBeGreaterThanOrEqual(1200);
  });

  test('depend on the training rows only', () => {
    for (const [horizon, split] of [
      [1, 0.8],
      [14, 0.8],
      [1, 0.5],
    ] as const) {
      const options = { model: { horizon }, fit: { split } };
      const { windowLength } = recipeSettings(week, options).model;
      const first = windowLength! + Math.trunc(split * (400 - windowLength! - horizon + 1)); // of the test set
      const changed = week.target.map((value, t) => (t < first ? value : 1e6 * Math.cos(t * t)));
      expect(recipeSettings({ ...week, target: changed }, options)).toEqual(recipeSettings(week, options));
      const other = week.target.map((value, t) => (t < first ? 1e6 * Math.cos(t * t) : value));
      expect(recipeSettings({ ...week, target: other }, options)).not.toEqual(recipeSettings(week, options));
    }
  });

  test('keep given settings, and choose the rest', () => {
    const usual = recipeSettings(week);
    for (const model of [{ windowLength: 9 }, { hiddenSize: 5 }, { scaler: 'robust' }, { zeroHead: false }] as const)
      expect(recipeSettings(week, { model }).model).toEqual({ ...usual.model, ...model });
    for (const fit of [{ batchSize: 16, lr: 1 }, { shuffle: false }, { clip: {} }, { loss: { name: 'l1' } }] as const)
      expect(recipeSettings(week, { fit }).fit).toEqual({ ...usual.fit, ...fit });
    expect(recipeSettings(week, { fit: { epochs: 30 } }).fit).toEqual({
      ...usual.fit,
      ...{ epochs: 30, schedule: { name: 'CosineAnnealingLR', tMax: 30 } },
    });
    expect(recipeSettings(week, { fit: { optimizer: { name: 'SGD' } } }).fit).not.toHaveProperty('lr');
    expect(recipeSettings(week, { fit: { epochs: undefined } as never })).toEqual(usual);
  });

  test.each([
    [{ scaler: 'minmax' }, {}],
    [{}, { scalerFit: 'all' }],
    [{ scaler: 'minmax' }, { scalerFit: 'all' }],
    [{ scalePer: 'series' }, {}],
    [{ transform: 'difference' }, {}],
    [{ quantiles: [0.1, 0.5, 0.9] }, {}],
    [{ horizon: 7 }, { validation: 0.2, earlyStopping: true }],
  ] as const)('are possible together, whatever was decided: %j, %j', (model, fit) => {
    for (const series of [week, { target: walk(400) }]) {
      const chosen = recipeSettings(series, { model, fit });
      const shape = forecastShape(chosen.model);
      expect(shape).toMatchObject(model);
      expect(() => fitSettings(chosen.fit, shape, 1)).not.toThrow();
    }
  });

  test('are shared by several series, all of which count', () => {
    expect(recipeSettings([week, week, { target: walk(100) }]).model).toEqual(recipeSettings(week).model);
    const short = Array.from({ length: 3 }, () => ({ target: seasonal(100, 7), moments: daily(100) }));
    const { epochs } = recipeSettings(short[0]!).fit;
    expect(recipeSettings(short).fit.epochs).toBe(epochs);
    expect(recipeSettings(short, { fit: { global: true } }).fit.epochs).toBeLessThan(epochs!); // each has more steps
  });

  test('leave enough windows in a short series', () => {
    for (const rows of [3, 12, 30]) {
      const { windowLength } = recipeSettings({ target: seasonal(rows, 7), moments: daily(rows) }).model;
      expect(windowLength).toBeGreaterThanOrEqual(1);
      expect(windowLength).toBeLessThan(Math.max(2, rows / 2));
    }
  });

  test('reject values that are not a series, and unknown options', () => {
    expect(() => recipeSettings([1, Number.NaN, 3])).toThrow(DataError);
    expect(() => recipeSettings(week, { modle: {} } as never)).toThrow(ConfigError);
  });
});
