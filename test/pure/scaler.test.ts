import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSeries } from '../../src/data/csv.ts';
import {
  createScaler,
  MinMaxScaler,
  RobustScaler,
  type ScalerName,
  StandardScaler,
  scalerFromJSON,
} from '../../src/data/scaler.ts';
import { ConfigError, DataError, StateError } from '../../src/errors.ts';

const sp500 = readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8');

describe('MinMaxScaler', () => {
  // sklearn 1.2.1: s = MinMaxScaler((-1, 1)).fit(c); s.transform(c), with c the last 1000 closes in float64, as a column
  test('is bit-identical to scikit-learn on the S&P 500', () => {
    const { values } = readSeries(sp500, { rows: 1000 });
    const scaler = new MinMaxScaler().fit(values);
    expect(scaler.dataMin).toBe(2000.540039);
    expect(scaler.dataMax).toBe(3386.149902);
    const scaled = scaler.transform(values);
    expect(scaled).toBeInstanceOf(Float64Array);
    expect([0, 1, 500, 999].map((row) => scaled[row])).toEqual([
      -0.891354670589553, -0.9065249003643969, -0.0848505962172128, 0.2615672612313089,
    ]);
    const back = scaler.inverseTransform(scaled);
    expect([0, 1, 500, 999].map((row) => back[row])).toEqual([2075.810059, 2065.300049, 2634.560059, 2874.560059]);
  });

  test('maps values outside the fitted ones outside the range', () => {
    const scaler = new MinMaxScaler({ featureRange: [0, 1] }).fit([1, 2, 4]);
    // sklearn 1.2.1: MinMaxScaler((0, 1)).fit([[1], [2], [4]]).transform([[3], [5], [1]])
    expect([...scaler.transform([3, 5, 1])]).toEqual([0.6666666666666667, 1.3333333333333333, 0]);
  });

  test('survives JSON bit for bit', () => {
    const scaler = new MinMaxScaler({ featureRange: [-0.3, 0.7] }).fit([0.1, 0.2, 0.7]);
    const revived = MinMaxScaler.fromJSON(JSON.parse(JSON.stringify(scaler)));
    const values = [0.11, 0.3, 12.7, -5.5];
    expect(revived.transform(values)).toEqual(scaler.transform(values));
    expect(revived.toJSON()).toEqual({ featureRange: [-0.3, 0.7], dataMin: 0.1, dataMax: 0.7 });
  });

  test('passes NaN of a broken model through inverseTransform', () => {
    expect([...new MinMaxScaler().fit([0, 2]).inverseTransform([Number.NaN, 0])]).toEqual([Number.NaN, 1]);
  });

  test.each([
    ['a constant series', [5, 5, 5], /from 5 to 5/],
    ['a single value', [5], /from 5 to 5/],
    ['no values', [], /no values/],
    ['a NaN', [1, 2, Number.NaN], /row 3 of the 3 values is NaN/],
    ['an Infinity', [1, -Infinity], /row 2 of the 2 values is -Infinity/],
    ['a range past float64', [-1e308, 1e308], /cannot be scaled/],
    ['a range too small to divide by', [0, 5e-324], /cannot be scaled/],
  ])('rejects %s in fit', (_, values, message) => {
    expect(() => new MinMaxScaler().fit(values)).toThrow(DataError);
    expect(() => new MinMaxScaler().fit(values)).toThrow(message);
  });

  test('gives the row that it cannot transform', () => {
    const scaler = new MinMaxScaler().fit([1, 2]);
    expect(() => scaler.transform([1, Number.NaN])).toThrow(/transform: row 2 of the 2 values is NaN/);
  });

  test('reports that it is not fitted', () => {
    expect(() => new MinMaxScaler().transform([1])).toThrow(StateError);
    expect(() => JSON.stringify(new MinMaxScaler())).toThrow(/not fitted/);
  });

  test.each([[[1, 1]], [[1, -1]], [[0, Infinity]]])('rejects featureRange %j', (featureRange) => {
    expect(() => new MinMaxScaler({ featureRange: featureRange as [number, number] })).toThrow(ConfigError);
  });

  test.each([null, 3, {}, { featureRange: [-1, 1], dataMin: 0 }, { featureRange: [1], dataMin: 0, dataMax: 1 }])(
    'rejects %j as JSON',
    (state) => expect(() => MinMaxScaler.fromJSON(state)).toThrow(DataError),
  );
});

const names: ScalerName[] = ['minmax', 'standard', 'robust'];

describe('StandardScaler and RobustScaler', () => {
  // sklearn 1.2.1: s = StandardScaler().fit(c) and RobustScaler().fit(c), with c as above; rows 0, 1, 500, 999 of s.transform(c)
  test.each([
    {
      scaler: new StandardScaler(),
      center: 2629.4439973189997,
      scale: 320.25000865925307,
      scaled: [-1.728755420294361, -1.7615735614834924, 0.015975211686703655, 0.765389711329577],
    },
    {
      scaler: new RobustScaler(),
      center: 2668.4249265,
      scale: 483.42510975000005,
      scaled: [-1.2258669554969261, -1.2476076755961265, -0.07005194148378624, 0.42640551419971007],
    },
  ])('$scaler.name agrees with scikit-learn on the S&P 500', ({ scaler, center, scale, scaled }) => {
    const { values } = readSeries(sp500, { rows: 1000 });
    const got = scaler.fit(values).transform(values);
    expect(scaler.center / center).toBeCloseTo(1, 14);
    expect(scaler.scale / scale).toBeCloseTo(1, 14);
    for (const [k, row] of [0, 1, 500, 999].entries()) expect(got[row]).toBeCloseTo(scaled[k]!, 12);
    const back = scaler.inverseTransform(got);
    for (const [row, value] of values.entries()) expect(back[row]! / value).toBeCloseTo(1, 14);
  });

  // sklearn 1.2.1: s.fit([[1], [2], [4], [100]]); s.transform([[3], [-5]]), s.inverse_transform([[3], [-5]])
  test.each([
    ['standard', [-0.5614033651769366, -0.7505076566049573], [153.6640949619072, -184.77349160317868]],
    ['robust', [0, -0.3047619047619048], [81.75, -128.25]],
  ] as const)('%s takes values that it was not fitted to, both ways', (name, scaled, back) => {
    const scaler = createScaler(name).fit([1, 2, 4, 100]);
    expect([...scaler.transform([3, -5])]).toEqual(scaled);
    for (const [k, value] of scaler.inverseTransform([3, -5]).entries()) expect(value).toBeCloseTo(back[k]!, 10);
  });

  test('robust rejects values that are mostly equal, which standard accepts', () => {
    const sparse = [0, 0, 0, 0, 0, 9];
    expect(() => new RobustScaler().fit(sparse)).toThrow(/interquartile range 0 around 0.*choose another scaler/);
    // sklearn 1.2.1: StandardScaler().fit([[0]] * 5 + [[9]]).scale_
    expect(new StandardScaler().fit(sparse).scale).toBeCloseTo(3.3541019662496847, 14);
  });

  test('standard treats a deviation within rounding error as zero', () => {
    const rounded = [0.3, 0.1 + 0.2, 0.3, 0.3]; // 0.30000000000000004
    expect(() => new StandardScaler().fit(rounded)).toThrow(/standard deviation 0 around 0.3/);
    // sklearn 1.2.1: StandardScaler().fit([[0.3], [0.1 + 0.2], [0.3], [0.3]]).scale_
    expect(new StandardScaler().fit(rounded, { constant: 'keep' }).scale).toBe(1);
  });

  test.each([
    ['no values', [], /no values/],
    ['an Infinity', [1, -Infinity], /fit: row 2 of the 2 values is -Infinity/],
    ['a range past float64', [-1.7e308, -1.7e308, 1.7e308, 1.7e308], /cannot be scaled/],
  ])('reject %s in fit', (_, values, message) => {
    for (const scaler of [new StandardScaler(), new RobustScaler()]) {
      expect(() => scaler.fit(values)).toThrow(DataError);
      expect(() => scaler.fit(values)).toThrow(message);
    }
  });
});

describe.each(names)('createScaler(%j)', (name) => {
  test('has that name, and reports that it is not fitted', () => {
    expect(createScaler(name).name).toBe(name);
    expect(() => createScaler(name).inverseTransform([1])).toThrow(/not fitted/);
  });

  test('restores values, and survives JSON bit for bit', () => {
    const values = [0.1, 0.2, 0.7, -3e5, 1 / 3];
    const scaler = createScaler(name).fit(values);
    for (const [k, value] of scaler.inverseTransform(scaler.transform(values)).entries())
      expect(value).toBeCloseTo(values[k]!, 9);
    const revived = scalerFromJSON(JSON.parse(JSON.stringify(scaler)));
    expect(revived.name).toBe(name);
    expect(revived.transform(values)).toEqual(scaler.transform(values));
    expect(revived.inverseTransform(values)).toEqual(scaler.inverseTransform(values));
    expect(revived.toJSON()).toEqual(scaler.toJSON());
  });

  test('rejects a constant series, or shifts it without scaling, also after JSON', () => {
    expect(() => createScaler(name).fit([5, 5, 5])).toThrow(DataError);
    const scaler = createScaler(name).fit([5, 5, 5], { constant: 'keep' });
    const revived = scalerFromJSON(JSON.parse(JSON.stringify(scaler)));
    for (const kept of [scaler, revived]) {
      const [low, high] = kept.transform([5, 6]);
      expect([low, high! - low!]).toEqual([name === 'minmax' ? -1 : 0, 1]);
      expect([...kept.inverseTransform([low!, high!])]).toEqual([5, 6]);
    }
  });

  test("scales a series that varies the same way with 'keep'", () => {
    const values = [1, 2, 4, 100];
    expect(createScaler(name).fit(values, { constant: 'keep' }).toJSON()).toEqual(
      createScaler(name).fit(values).toJSON(),
    );
  });
});

test('createScaler lists the available scalers', () => {
  for (const name of ['zscore', 'toString'])
    expect(() => createScaler(name as ScalerName)).toThrow(/expected 'minmax', 'standard' or 'robust'/);
  expect(() => createScaler('zscore' as ScalerName)).toThrow(ConfigError);
});

describe('scalerFromJSON', () => {
  test('reads a description without a name as a MinMaxScaler', () => {
    const scaler = scalerFromJSON({ featureRange: [-1, 1], dataMin: 0, dataMax: 4 });
    expect(scaler).toBeInstanceOf(MinMaxScaler);
    expect([...scaler.transform([0, 1])]).toEqual([-1, -0.5]);
  });

  test.each([
    null,
    3,
    'standard',
    {},
    { name: 'zscore', center: 0, scale: 1 },
    { name: 'standard', center: 0 },
    { name: 'standard', center: 0, scale: 0 },
    { name: 'robust', center: null, scale: 1 },
    { name: 'minmax', center: 0, scale: 1 },
  ])('rejects %j', (state) => expect(() => scalerFromJSON(state)).toThrow(DataError));
});
