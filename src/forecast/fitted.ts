import { MinMaxScaler } from '../data/scaler.ts';
import { type Split, splitSamples } from '../data/windows.ts';
import { ConfigError, DataError } from '../errors.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';

/** A series as a fit sees it. */
export interface FittedSeries {
  /** [rows], in its own units. */
  values: Float64Array;
  scaler: MinMaxScaler;
  split: Split;
  /** Its first row within the tensor that all series share. */
  firstRow: number;
}

export interface PrepareOptions {
  windowLength: number;
  split: number;
  scalerFit: 'train' | 'all';
}

/** One series, or several: an array of numbers is one. */
export type SeriesInput = ArrayLike<number> | readonly ArrayLike<number>[];

/**
 * Splits and scales the series of a fit.
 * @param numModels one series serves all models, or there is one for each. @throws ConfigError, DataError.
 */
export function prepareSeries(input: SeriesInput, numModels: number, options: PrepareOptions): FittedSeries[] {
  const { windowLength, split: share, scalerFit } = options;
  const several = typeof input[0] === 'object';
  const list = (several ? input : [input]) as readonly ArrayLike<number>[];
  if (several && list.length !== numModels)
    throw new ConfigError(
      `fit: got ${list.length} series for ${numModels} models. Give one series, or create the forecaster with ` +
        `ensemble: ${list.length}.`,
    );
  let firstRow = 0;
  return list.map((series, k) => {
    const values = Float64Array.from(series);
    try {
      const split = splitSamples({ rows: values.length, windowLength, split: share });
      const scaler = new MinMaxScaler().fit(
        scalerFit === 'all' ? values : values.subarray(0, split.numTrain + windowLength),
      );
      firstRow += values.length;
      return { values, scaler, split, firstRow: firstRow - values.length };
    } catch (error) {
      if (several) (error as Error).message = `series ${k + 1} of ${list.length}: ${(error as Error).message}`;
      throw error;
    }
  });
}

/** All series, scaled, one after the other: [rows, 1]. The caller destroys the buffer. */
export function uploadSeries(device: GPUDevice, series: readonly FittedSeries[]): Tensor {
  const scaled = new Float32Array(series.reduce((sum, { values }) => sum + values.length, 0));
  for (const { values, scaler, firstRow } of series) scaled.set(scaler.transform(values), firstRow);
  const tensor = createTensor(device, 'series', [scaled.length, 1]);
  writeTensor(device, tensor, scaled);
  return tensor;
}

/** The last rows of a series. @throws DataError when there are fewer, or one is not finite. */
export function lastRows(series: ArrayLike<number>, count: number): Float64Array {
  const first = series.length - count;
  if (first < 0)
    throw new DataError(`predict: got ${series.length} rows, but the model reads the last ${count}. Pass more rows.`);
  const known = Float64Array.from({ length: count }, (_, k) => series[first + k]!);
  const bad = known.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new DataError(`predict: row ${first + bad + 1} of the series is ${known[bad]}, expected a finite number.`);
  return known;
}
