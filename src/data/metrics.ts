import { FINITE, float64s, listOf, type NumericArray } from '../arrays.ts';
import { DataError, ShapeError } from '../errors.ts';
import { checkOptions, notWhole, type OptionNames } from '../options.ts';

/** Input of {@link forecastMetrics}; all arrays but `trainActual` have the same length. */
export interface ForecastData {
  /** The actual values, a. */
  actual: NumericArray;
  /** The model's forecast, p. */
  predicted: NumericArray;
  /** The naive forecast, usually the previous value (see `naiveForecast`), n. */
  naive: NumericArray;
  /** The training set of the series, oldest first: the scale of `mase`. */
  trainActual?: NumericArray;
  /** [values of `trainActual`], 1 for a hole: the scale leaves out changes to and from it. Default: none. */
  trainHoles?: NumericArray | undefined;
  /** Rows per season, at least 1: the scale of `mase` is the error of the seasonal naive forecast. Default 1. */
  season?: number | undefined;
  /** The prediction interval, both ends included. */
  interval?: { low: NumericArray; high: NumericArray };
}

/** Errors of a forecast, e = a - p. Null means a division by zero, or missing input. */
export interface ForecastMetrics {
  /** mean |e|, in the units of the series. */
  mae: number;
  /** sqrt(mean e^2), in the units of the series. */
  rmse: number;
  /** 100 mean |e / a|, percent. Null if an actual value is 0, since leaving such rows out would flatter the model. */
  mape: number | null;
  /** 100 mean 2 |e| / (|a| + |p|), percent, 0 to 200; 0 / 0 counts as 0 (Makridakis et al. 2020, the M4 competition). */
  smape: number;
  /**
   * mae / mean |y[t] - y[t - season]| over the training set (Hyndman and Koehler 2006). Below 1 is better than the seasonal
   * naive forecast there (without a season, the naive one). Null without `trainActual`, or if the training set is not longer
   * than a season or is constant.
   */
  mase: number | null;
  /** mae / naiveMae: compared with the naive forecast of the same rows; below 1, the model is better. */
  relativeMae: number | null;
  /** mean |a - n| */
  naiveMae: number;
  /** sqrt(mean (a - n)^2) */
  naiveRmse: number;
  /** 1 - sum e^2 / sum (a - mean a)^2, the coefficient of determination. Null if the actual values are constant. */
  r2: number | null;
  /** Share of rows, 0 to 1, in which p and a are on the same side of n, out of those with a != n. Null if there are none. */
  directionalAccuracy: number | null;
  /** Share of rows, 0 to 1, with low <= a <= high. Null without `interval`. */
  coverage: number | null;
}

/** The compiler requires every option. */
const NAMES: OptionNames<ForecastData> = {
  actual: true,
  predicted: true,
  naive: true,
  trainActual: true,
  trainHoles: true,
  season: true,
  interval: true,
};

/**
 * Scores a forecast, alongside the naive one.
 * @see https://doi.org/10.1016/j.ijforecast.2006.03.001 Hyndman and Koehler, Another look at measures of forecast accuracy
 * @throws ShapeError if the lengths differ. @throws DataError if there is nothing to score, or a value is not finite.
 */
export function forecastMetrics(data: ForecastData): ForecastMetrics {
  checkOptions('forecastMetrics', data, NAMES);
  if (data.interval) checkOptions('forecastMetrics: interval', data.interval, { low: true, high: true });
  const count = listOf('forecastMetrics: actual', data.actual).length;
  const read = (name: string, values: NumericArray): Float64Array => {
    const { length } = listOf(`forecastMetrics: ${name}`, values);
    if (name !== 'trainActual' && length !== count)
      throw new ShapeError(`forecastMetrics: ${name} has ${length} values, but actual has ${count}.`);
    const place = (k: number, got: string, expected: string) => `${name}[${k}] is ${got}, expected ${expected}.`;
    return float64s('forecastMetrics', values, { ...FINITE, place });
  };
  const [actual, predicted] = [read('actual', data.actual), read('predicted', data.predicted)];
  const naive = read('naive', data.naive);
  const trainActual = data.trainActual === undefined ? undefined : read('trainActual', data.trainActual);
  const trainHoles = data.trainHoles && float64s('forecastMetrics: trainHoles', data.trainHoles);
  const { season = 1 } = data;
  if (!Number.isInteger(season) || season < 1) throw notWhole('forecastMetrics: season', season, 1);
  const interval = data.interval && { low: read('low', data.interval.low), high: read('high', data.interval.high) };
  if (count === 0) throw new DataError('forecastMetrics: got no values, expected at least one row to score.');
  const sum = (term: (k: number) => number): number => {
    let total = 0;
    for (let k = 0; k < count; k++) total += term(k);
    return total;
  };
  const mean = (term: (k: number) => number) => sum(term) / count;
  const numOf = (holds: (k: number) => boolean) => sum((k) => Number(holds(k)));
  const error = (k: number) => actual[k]! - predicted[k]!;
  const naiveError = (k: number) => actual[k]! - naive[k]!;
  const mae = mean((k) => Math.abs(error(k)));
  const naiveMae = mean((k) => Math.abs(naiveError(k)));
  const squaredError = mean((k) => error(k) ** 2);
  const level = mean((k) => actual[k]!);
  const isConstant = numOf((k) => actual[k] !== actual[0]) === 0; // checked exactly, since its mean may be rounded
  const spread = isConstant ? 0 : mean((k) => (actual[k]! - level) ** 2);
  const moved = (k: number) => naiveError(k) !== 0;
  const mape = 100 * mean((k) => Math.abs(error(k) / actual[k]!));
  return {
    mae,
    rmse: Math.sqrt(squaredError),
    mape: Number.isFinite(mape) ? mape : null,
    smape:
      100 *
      mean((k) => (error(k) === 0 ? 0 : (2 * Math.abs(error(k))) / (Math.abs(actual[k]!) + Math.abs(predicted[k]!)))),
    mase: ratio(mae, trainActual && meanStep(trainActual, season, trainHoles)),
    relativeMae: ratio(mae, naiveMae),
    naiveMae,
    naiveRmse: Math.sqrt(mean((k) => naiveError(k) ** 2)),
    r2: spread > 0 ? 1 - squaredError / spread : null,
    directionalAccuracy: ratio(
      numOf((k) => moved(k) && Math.sign(predicted[k]! - naive[k]!) === Math.sign(naiveError(k))),
      numOf(moved),
    ),
    coverage: interval ? numOf((k) => interval.low[k]! <= actual[k]! && actual[k]! <= interval.high[k]!) / count : null,
  };
}

/**
 * Mean absolute difference of values a season apart; undefined if there are none.
 * @param holes [values], 1 for values to leave out.
 */
export function meanStep(values: Float64Array, season: number, holes: ArrayLike<number> = []): number | undefined {
  let [sum, count] = [0, 0];
  for (let t = season; t < values.length; t++) {
    if (holes[t] || holes[t - season]) continue;
    sum += Math.abs(values[t]! - values[t - season]!);
    count++;
  }
  return count > 0 ? sum / count : undefined;
}

const ratio = (value: number, by: number | undefined): number | null => (by ? value / by : null);
