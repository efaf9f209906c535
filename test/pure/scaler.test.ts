import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSeries } from '../../src/data/csv.ts';
import { MinMaxScaler } from '../../src/data/scaler.ts';
import { ConfigError, DataError } from '../../src/errors.ts';

const sp500 = readFileSync('node_modules/vega-datasets/data/sp500-2000.csv', 'utf8');

describe('MinMaxScaler', () => {
  // sklearn 1.2.1: s = MinMaxScaler((-1, 1)).fit(c); s.transform(c), with c the last 1000 closes in float64, as a column
  test('gives the bits of scikit-learn on the S&P 500', () => {
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

  test('maps values outside of the fitted ones outside of the range', () => {
    const scaler = new MinMaxScaler({ featureRange: [0, 1] }).fit([1, 2, 4]);
    // sklearn 1.2.1: MinMaxScaler((0, 1)).fit([[1], [2], [4]]).transform([[3], [5], [1]])
    expect([...scaler.transform([3, 5, 1])]).toEqual([0.6666666666666667, 1.3333333333333333, 0]);
  });

  test('survives JSON to the bit', () => {
    const scaler = new MinMaxScaler({ featureRange: [-0.3, 0.7] }).fit([0.1, 0.2, 0.7]);
    const revived = MinMaxScaler.fromJSON(JSON.parse(JSON.stringify(scaler)));
    const values = [0.11, 0.3, 12.7, -5.5];
    expect(revived.transform(values)).toEqual(scaler.transform(values));
    expect(revived.toJSON()).toEqual({ featureRange: [-0.3, 0.7], dataMin: 0.1, dataMax: 0.7 });
  });

  test('lets NaN of a broken model through inverseTransform', () => {
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
  ])('refuses to fit %s', (_, values, message) => {
    expect(() => new MinMaxScaler().fit(values)).toThrow(DataError);
    expect(() => new MinMaxScaler().fit(values)).toThrow(message);
  });

  test('names the row that it cannot transform', () => {
    const scaler = new MinMaxScaler().fit([1, 2]);
    expect(() => scaler.transform([1, Number.NaN])).toThrow(/transform: row 2 of the 2 values is NaN/);
  });

  test('says that it is not fitted', () => {
    expect(() => new MinMaxScaler().transform([1])).toThrow(ConfigError);
    expect(() => JSON.stringify(new MinMaxScaler())).toThrow(/not fitted/);
  });

  test.each([[[1, 1]], [[1, -1]], [[0, Infinity]]])('refuses featureRange %j', (featureRange) => {
    expect(() => new MinMaxScaler({ featureRange: featureRange as [number, number] })).toThrow(ConfigError);
  });

  test.each([null, 3, {}, { featureRange: [-1, 1], dataMin: 0 }, { featureRange: [1], dataMin: 0, dataMax: 1 }])(
    'refuses %j as JSON',
    (state) => expect(() => MinMaxScaler.fromJSON(state)).toThrow(DataError),
  );
});
