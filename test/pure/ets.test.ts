import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../../src/errors.ts';
import { type EtsOptions, fitEts } from '../../src/stats/ets.ts';
import { EtsFit } from '../../src/stats/ets_fit.ts';
import { etsGradient } from '../../src/stats/ets_gradient.ts';
import { ETS_MODELS, type EtsName, etsShape, runEts } from '../../src/stats/ets_model.ts';
import { fitSmoothing } from '../../src/stats/stl_ets.ts';

interface Golden {
  cases: {
    name: string;
    season: number;
    chosen: boolean;
    model: EtsName;
    parameters: { alpha: number; beta?: number; gamma?: number; phi?: number };
    level: number;
    slope: number;
    seasons: number[];
    logLikelihood: number;
    aicc: number;
    forecast: number[];
    variance?: number[];
    values: number[];
  }[];
}
const golden: Golden = JSON.parse(readFileSync('test/golden/ets.json', 'utf8'));

/** Largest difference relative to the largest value. */
const distance = (got: ArrayLike<number>, wanted: readonly number[]) =>
  Math.max(...wanted.map((value, k) => Math.abs(value - got[k]!))) / Math.max(...wanted.map(Math.abs));

/** The file has ten digits. */
const SAME = 1e-8;

/** A search may end this much lower than R's: differences in likelihood below 2 are not meaningful. */
const LOWER = 0.01;

/** If both searches end at the same value within this tolerance, ... */
const SAME_HEIGHT = 0.1;
/** ... their parameters agree within this one. */
const NEAR = 5e-3;

const rows = (count: number, value: (t: number) => number) => Array.from({ length: count }, (_, t) => value(t));
const noise = (t: number) => ((t * 7919 + 13 * t * t) % 101) / 101 - 0.5;
const SHAPE = [5, -2, 0, 4, -3, -1, 2, 1, -4, 3, -6, 1];

describe('fitEts', () => {
  test.each(golden.cases)('with the parameters of R, $model has its numbers for $name', (row) => {
    const parameters = { beta: 0, gamma: 0, phi: 1, ...row.parameters };
    const fit = new EtsFit(Float64Array.from(row.values), row.model, etsShape(row.model, row.season), parameters, row);
    expect(fit.logLikelihood).toBeCloseTo(row.logLikelihood, 6);
    expect(fit.aicc).toBeCloseTo(row.aicc, 5);
    expect(distance(fit.forecast(row.forecast.length), row.forecast)).toBeLessThan(SAME);
    if (row.variance) expect(distance(fit.variance(row.forecast.length)!, row.variance)).toBeLessThan(SAME);
    else expect(fit.variance(1) === undefined).toBe(row.model.startsWith('M'));
  });

  test.each(golden.cases)('finds parameters of $model for $name that are no less likely than those of R', (row) => {
    const fit = fitEts(row.values, { season: row.season, model: row.model });
    expect(fit.logLikelihood).toBeGreaterThan(row.logLikelihood - LOWER);
    if (fit.logLikelihood < row.logLikelihood + SAME_HEIGHT)
      expect(distance(fit.forecast(row.forecast.length), row.forecast)).toBeLessThan(NEAR);
  });

  // R's search ends after 2,000 evaluations, and starts with steps in the units of the series: if it stops far from a
  // peak, another model may be better than the one it chose.
  test('chooses the model of R, or one with a lower AICc', () => {
    const chosen = golden.cases.filter((row) => row.chosen);
    const fits = chosen.map(({ values, season }) => fitEts(values, { season }));
    for (const [k, { aicc, model }] of chosen.entries())
      expect(fits[k]!.aicc).toBeLessThan(aicc + (fits[k]!.model === model ? 2 * LOWER : 0));
    expect(chosen.filter(({ model }, k) => fits[k]!.model === model).length / chosen.length).toBeGreaterThan(0.6);
  });

  test('fitted values, residuals and states are consistent', () => {
    for (const { values, season, model } of golden.cases) {
      const { fitted, residuals, states } = fitEts(values, { season, model });
      const isRelative = model.startsWith('M');
      values.forEach((value, t) => {
        const error = isRelative ? residuals[t]! * fitted[t]! : residuals[t]!;
        expect(fitted[t]! + error).toBeCloseTo(value, 6);
      });
      expect([states.level.length, states.slope.length]).toEqual([values.length + 1, values.length + 1]);
      expect(states.seasons.length).toBe(model.endsWith('N') ? 0 : values.length + season);
    }
  });

  test('a forecast is the fitted value of the row after the last one', () => {
    for (const { values, season, model, parameters: given, ...start } of golden.cases) {
      const parameters = { beta: 0, gamma: 0, phi: 1, ...given };
      const fitted = (of: number[]) =>
        new EtsFit(Float64Array.from(of), model, etsShape(model, season), parameters, start);
      const after = fitted([...values, values[0]!]).fitted.at(-1)!;
      expect(fitted(values).forecast(1)[0]).toBeCloseTo(after, 9);
    }
  });

  test('finds an additive and a multiplicative season with a trend', () => {
    const adds = rows(84, (t) => 50 + 0.3 * t + 5 * SHAPE[t % 12]! + noise(t) / 10);
    const multiplies = rows(84, (t) => (50 + t) * (1 + SHAPE[t % 12]! / 20) * (1 + noise(t) / 500));
    for (const [values, next] of [
      [adds, (t: number) => 50 + 0.3 * t + 5 * SHAPE[t % 12]!],
      [multiplies, (t: number) => (50 + t) * (1 + SHAPE[t % 12]! / 20)],
    ] as const) {
      const forecast = fitEts(values, { season: 12 }).forecast(24);
      expect(
        distance(
          forecast,
          rows(24, (k) => next(84 + k)),
        ),
      ).toBeLessThan(0.02);
    }
  });

  test.each(golden.cases.filter(({ chosen }) => chosen))(
    'the unit makes no difference for $name',
    ({ values, season }) => {
      const fit = fitEts(values, { season });
      for (const scale of [1e-4, 1e4]) {
        const scaled = fitEts(
          values.map((value) => scale * value),
          { season },
        );
        expect(scaled.model).toBe(fit.model);
        expect(
          distance(
            scaled.forecast(8).map((value) => value / scale),
            [...fit.forecast(8)],
          ),
        ).toBeLessThan(1e-3);
      }
    },
  );

  test.each(['A,N,N', 'A,N,A', 'A,Ad,A'] as const)('%s shifts with its series, also below 0', (model) => {
    const values = golden.cases.find(({ name }) => name === 'USAccDeaths')!.values;
    const forecast = fitEts(values, { season: 12, model }).forecast(12);
    for (const [scale, shift] of [
      [1, 1e4],
      [-1, 0],
      [0.01, -100],
    ] as const) {
      const moved = values.map((value) => scale * value + shift);
      const back = fitEts(moved, { season: 12, model })
        .forecast(12)
        .map((value) => (value - shift) / scale);
      expect(distance(back, [...forecast])).toBeLessThan(1e-3);
    }
  });

  test.each([0, 7, -7, 1e-300, 1e12])('continues a constant %d', (value) => {
    for (const count of [1, 2, 3, 5, 40]) {
      const fit = fitEts(Array(count).fill(value), { season: 12 });
      expect([...fit.forecast(3)]).toEqual([value, value, value]);
      expect(fit.model).toBe('A,N,N');
    }
  });

  test.each([1, 2, 3, 4])('continues the last of %d rows', (count) => {
    const values = rows(count, (t) => 3 + t * t);
    expect([...fitEts(values, { season: 4 }).forecast(2)]).toEqual([values.at(-1), values.at(-1)]);
  });

  test('continues a line exactly', () => {
    const forecast = fitEts(rows(20, (t) => 5 - 3 * t)).forecast(4);
    for (const [k, value] of forecast.entries()) expect(value).toBeCloseTo(5 - 3 * (20 + k), 4);
  });

  test('accepts zeros and negative values, with additive errors only', () => {
    for (const shift of [0, -20]) {
      const values = rows(60, (t) => Math.max(shift, SHAPE[t % 12]! + shift + noise(t)));
      const fit = fitEts(values, { season: 12 });
      expect(fit.model.startsWith('A,')).toBe(true);
      expect(distance(fit.forecast(12), values.slice(-12))).toBeLessThan(0.5);
    }
    expect(() => fitEts([1, 2, 3, 0, 5, 6, 7, 8, 9], { model: 'M,N,N' })).toThrow(
      "model 'M,N,N' has a relative error and needs values above 0, but row 4 is 0",
    );
  });

  test('a season longer than the series is no season', () => {
    const fit = fitEts(
      rows(10, (t) => 5 + noise(t)),
      { season: 12 },
    );
    expect(fit.model.endsWith('N')).toBe(true);
    const fitAgain = fitEts(
      rows(12, (t) => 5 + noise(t)),
      { season: 12 },
    );
    expect(fitAgain.model.endsWith('N')).toBe(true);
  });

  test.each(golden.cases.filter(({ model }) => model.startsWith('A')))(
    'variances of $model accumulate the effect of each error',
    (row) => {
      const { values, season, model, parameters: given, ...start } = row;
      const parameters = { beta: 0, gamma: 0, phi: 1, ...given };
      const fitted = (of: number[]) =>
        new EtsFit(Float64Array.from(of), model, etsShape(model, season), parameters, start);
      const fit = fitted(values);
      const next = fit.forecast(1)[0]!;
      const [without, withError] = [0, 1].map((error) => fitted([...values, next + error]).forecast(2 * season + 1));
      const variance = fit.variance(2 * season + 2)!;
      let sum = 1;
      for (let k = 0; k < variance.length; k++) {
        expect(variance[k]! / fit.sigma2).toBeCloseTo(sum, 6);
        sum += (withError![k]! - without![k]!) ** 2;
      }
    },
  );

  test('rejects what it cannot fit', () => {
    expect(() => fitEts([])).toThrow(DataError);
    expect(() => fitEts([1, 2, Number.NaN])).toThrow('row 3 of the 3 values is NaN');
    expect(() => fitEts([1, Number.POSITIVE_INFINITY])).toThrow(DataError);
    for (const season of [0, -1, 1.5, 25, Number.NaN]) expect(() => fitEts([1, 2, 3], { season })).toThrow(ConfigError);
    expect(() => fitEts([1, 2, 3], { model: 'A,N,M' as EtsName })).toThrow('model: got "A,N,M", expected');
    expect(() => fitEts([1, 2, 3], { seasons: 4 } as EtsOptions)).toThrow(
      'unknown key "seasons". Known: season, model',
    );
    expect(() => fitEts([1, 2, 3], { model: 'A,N,A' })).toThrow("model 'A,N,A' has a season, but season is 1");
    expect(() => fitEts([1, 2, 3, 4], { model: 'A,A,N' })).toThrow("model 'A,A,N' needs 7 rows, but there are 4");
    for (const horizon of [0, -1, 1.5, Number.NaN]) {
      expect(() => fitEts([1, 2]).forecast(horizon)).toThrow(ConfigError);
      expect(() => fitEts([1, 2]).variance(horizon)).toThrow(ConfigError);
    }
    expect(() =>
      fitEts(
        rows(30, (t) => 1e300 * noise(t)),
        { model: 'A,N,N' },
      ),
    ).toThrow('overflow float64');
  });

  test('the series may change after the fit', () => {
    const values = Float64Array.from(golden.cases[0]!.values);
    const fit = fitEts(values);
    const before = fit.forecast(3);
    values.fill(0);
    expect(fit.forecast(3)).toEqual(before);
  });

  test('for any series the forecast is finite and reproducible', () => {
    const series = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 6 }), (values, season) => {
        const forecast = fitEts(values, { season }).forecast(2 * season);
        expect(forecast.every(Number.isFinite)).toBe(true);
        expect(fitEts(values, { season }).forecast(2 * season)).toEqual(forecast);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test('a long series takes a few seconds at most', () => {
    const start = performance.now();
    fitEts(
      rows(300, (t) => 50 + t / 10 + SHAPE[t % 12]! + noise(t)),
      { season: 12 },
    );
    fitSmoothing(
      rows(7000, (t) => 50 + 10 * Math.sin((2 * Math.PI * t) / 365) + noise(t)),
      365,
    );
    fitEts(
      rows(20_000, (t) => 50 + SHAPE[t % 12]! + noise(t)),
      { season: 24 },
    );
    expect(performance.now() - start).toBeLessThan(10_000); // about 1 s; the limit allows for a busy machine
  });

  test('there is a fit of every model', () => {
    const { values } = golden.cases.find(({ name }) => name === 'UKgas')!;
    for (const model of ETS_MODELS) {
      const season = model.endsWith('N') ? 1 : 4;
      expect(fitEts(values, { season, model }).model).toBe(model);
    }
  });
});

describe('etsGradient', () => {
  test.each(ETS_MODELS)('of %s is what differences have', (model) => {
    const { values, season } = golden.cases.find(({ name }) => name === 'UKgas')!;
    const series = Float64Array.from(values);
    const shape = etsShape(model, season);
    const seasonOf = { N: [], A: [10, -30, 5, 15], M: [1.1, 0.8, 0.9, 1.2] }[shape.seasonType];
    // A parameter that a model does not have is not one of its variables.
    const at = [
      0.3,
      shape.hasTrend ? 0.1 : 0,
      seasonOf.length ? 0.2 : 0,
      shape.isDamped ? 0.9 : 1,
      150,
      shape.hasTrend ? 2 : 0,
      ...seasonOf,
    ];
    const run = (x: readonly number[]) => {
      const [alpha = 0, beta = 0, gamma = 0, phi = 0, level = 0, slope = 0, ...start] = x;
      const parameters = { alpha, beta, gamma, phi };
      const states = () => Float64Array.from({ length: series.length + 1 });
      const trace = { fitted: states().subarray(1), level: states(), slope: states() };
      const seasons = new Float64Array(seasonOf.length ? series.length + season : 0);
      seasons.set(start);
      trace.level[0] = level;
      trace.slope[0] = slope;
      const value = runEts(series, shape, parameters, { level, slope }, seasons, trace);
      return { value, parameters, trace, seasons };
    };
    const { parameters, trace, seasons } = run(at);
    const by = { alpha: 0, beta: 0, gamma: 0, phi: 0, level: 0, slope: 0, seasons: new Float64Array(seasons.length) };
    etsGradient(series, shape, parameters, trace, seasons, by);
    const gradient = [by.alpha, by.beta, by.gamma, by.phi, by.level, by.slope, ...by.seasons.slice(0, seasonOf.length)];
    for (const [k, value] of at.entries()) {
      const moved = (step: number) => run(at.map((x, i) => (i === k ? x + step : x))).value;
      const isVariable = value !== 0 && !(k === 3 && !shape.isDamped);
      if (isVariable) expect(gradient[k]! / ((moved(1e-6) - moved(-1e-6)) / 2e-6)).toBeCloseTo(1, 4);
    }
  });
});
