import { describe, expect, test } from 'vitest';
import { Decoded } from '../../src/forecast/decoded.ts';
import { type EvaluateOptions, evaluateSamples } from '../../src/forecast/evaluation.ts';
import { FittedSeries } from '../../src/forecast/fitted.ts';
import { forecastShape } from '../../src/forecast/shape.ts';
import { fitEts } from '../../src/stats/ets.ts';
import { forecastOnward } from '../../src/stats/onward.ts';
import { fitSmoothing, fitStlEts } from '../../src/stats/stl_ets.ts';

const ROWS = 160;
const seasonal = (season: number, rows = ROWS) =>
  Float64Array.from(
    { length: rows },
    (_, t) => 100 + t / 10 + 20 * Math.sin((2 * Math.PI * t) / season) + 3 * Math.sin(12.9898 * t * t),
  );

describe('exponential smoothing, continued', () => {
  test.each([1, 7, 30])('continues from the last fitted row with its own forecast: season %d', (season) => {
    const values = seasonal(season);
    const fit = fitSmoothing(values, season);
    const [onward] = forecastOnward(fit, values, [ROWS], 5);
    for (const [k, value] of fit.forecast(5).entries()) expect(onward![k]).toBeCloseTo(value, 9);
  });

  test.each(['A,N,N', 'A,Ad,A', 'M,A,M'] as const)('goes on as the equations do, row by row: %s', (model) => {
    const values = seasonal(7);
    const fit = fitEts(values.subarray(0, 120), { model, ...(model !== 'A,N,N' && { season: 7 }) });
    const origins = [120, 121, 140, 159];
    const each = forecastOnward(fit, values, origins, 3);
    for (const [k, known] of origins.entries()) {
      expect(each[k]![0]).toBe(fit.over(values).fitted[known]);
      expect([...each[k]!]).toEqual([...fit.over(values.subarray(0, known)).forecast(3)]);
    }
    const { alpha } = fit.parameters;
    if (model !== 'A,N,N') return;
    expect(each[1]![0]).toBeCloseTo(each[0]![0]! + alpha * (values[120]! - each[0]![0]!), 10);
  });

  test('continues a season that STL removed', () => {
    const values = seasonal(30, 200);
    const fit = fitStlEts(values.subarray(0, 150), 30);
    const later = forecastOnward(fit, values, [150, 165], 40);
    const { seasonals } = fit.decomposition;
    const rest = forecastOnward(
      fit.rest,
      values.map((value, t) => value - (seasonals[0]!.values[t] ?? seasonals[0]!.cycle[(t - 150) % 30]!)),
      [150, 165],
      40,
    );
    const seasonAt = (place: number) => later[place]!.map((value, k) => value - rest[place]![k]!);
    for (let k = 0; k < 25; k++) expect(seasonAt(1)[k]).toBeCloseTo(seasonAt(0)[k + 15]!, 9);
    expect(Math.max(...seasonAt(0)) - Math.min(...seasonAt(0))).toBeGreaterThan(30);
  });
});

/** The scores of a model without errors, next to the rules. */
function evaluated(
  values: Float64Array,
  options: EvaluateOptions,
  shaped: { horizon?: number } = {},
  holes?: Uint8Array,
) {
  const shape = forecastShape({ windowLength: 10, ...shaped });
  const input = { target: values, ...(holes && { holes }) };
  const series = new FittedSeries(input, shape, { split: 0.8, validation: 0, scalerFit: 'train' });
  const samples = series.samples(options.part ?? 'test');
  const outputs = new Float32Array(samples.length * shape.horizon);
  return evaluateSamples(Decoded.ofOutputs(series, samples, [outputs]), { ets: true, ...options }, undefined);
}

describe('exponential smoothing next to a model', () => {
  const values = seasonal(7);

  test('is scored on request, and better than the naive forecasts on series it fits', () => {
    const { baselines } = evaluated(values, { season: 7 });
    expect(baselines.ets!.metrics.mae).toBeLessThan(baselines.seasonalNaive!.metrics.mae);
    expect(baselines.ets!.metrics.mae).toBeLessThan(baselines.naive!.metrics.mae);
    expect(evaluated(values, { season: 7, ets: false }).baselines.ets).toBeUndefined();
  });

  test('is fitted on the rows before the test set, and forecasts only from those before each origin', () => {
    const before = evaluated(values, { season: 7 });
    const first = before.firstRow;
    const changed = values.map((value, t) => (t > first + 9 ? value + 50 * Math.cos(t * t) : value));
    const after = evaluated(changed, { season: 7 });
    expect(after.baselines.ets!.predicted.slice(0, 11)).toEqual(before.baselines.ets!.predicted.slice(0, 11));
    expect(after.baselines.ets!.predicted[11]).not.toBe(before.baselines.ets!.predicted[11]);
    const fit = fitSmoothing(values.subarray(0, first), 7);
    expect(before.baselines.ets!.predicted[0]).toBeCloseTo(fit.forecast(1)[0]!, 10);
  });

  test('forecasts as many steps ahead as the model', () => {
    const { steps } = evaluated(values, { season: 7 }, { horizon: 3 });
    const known = steps[0]!.firstRow;
    const ahead = fitSmoothing(values.subarray(0, known), 7).forecast(3);
    expect(steps.map(({ baselines }) => baselines.ets!.predicted[0])).toEqual([...ahead]);
  });

  test('is left out if there are no rows before the test set, or rows are missing', () => {
    for (const part of ['train', 'all'] as const) expect(evaluated(values, { part }).baselines.ets).toBeUndefined();
    const holes = new Uint8Array(ROWS);
    holes[60] = 1;
    expect(evaluated(values, {}, {}, holes).baselines.ets).toBeUndefined();
  });
});
