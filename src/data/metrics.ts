import { DataError, ShapeError } from '../errors.ts';

/** What {@link forecastMetrics} compares; all but `trainActual` have the same length. */
export interface ForecastData {
  /** What happened, a. */
  actual: ArrayLike<number>;
  /** What the model said, p. */
  predicted: ArrayLike<number>;
  /** What the naive forecast said, usually the value before (see `naiveForecast`), n. */
  naive: ArrayLike<number>;
  /** The training part of the series, oldest first: the scale of `mase`. */
  trainActual?: ArrayLike<number>;
}

/** Errors of a forecast, e = a - p. Null stands for a division by zero, and for what was not given. */
export interface ForecastMetrics {
  /** mean |e|, in the units of the series. */
  mae: number;
  /** sqrt(mean e^2), in the units of the series. */
  rmse: number;
  /** 100 mean |e / a|, percent. Null when an actual value is 0: leaving that row out would flatter the model. */
  mape: number | null;
  /** 100 mean 2 |e| / (|a| + |p|), percent, 0 to 200; 0 / 0 counts as 0 (Makridakis et al. 2020, the M4 competition). */
  smape: number;
  /**
   * mae / mean |y[t] - y[t - 1]| over the training part (Hyndman and Koehler 2006). Below 1 is better than the naive
   * forecast was there. Null without `trainActual`, and where that part does not move.
   */
  mase: number | null;
  /** mae / naiveMae: against the naive forecast of the same rows; below 1 the model is worth its while. */
  relativeMae: number | null;
  /** mean |a - n| */
  naiveMae: number;
  /** sqrt(mean (a - n)^2) */
  naiveRmse: number;
}

/**
 * Scores a forecast, with the naive one beside it.
 * @see https://doi.org/10.1016/j.ijforecast.2006.03.001 Hyndman and Koehler, Another look at measures of forecast accuracy
 * @throws ShapeError when the lengths differ. @throws DataError when there is nothing to score, or a value is not finite.
 */
export function forecastMetrics({ actual, predicted, naive, trainActual }: ForecastData): ForecastMetrics {
  const count = actual.length;
  for (const [name, values] of Object.entries({ actual, predicted, naive, trainActual: trainActual ?? [] })) {
    if (name !== 'trainActual' && values.length !== count)
      throw new ShapeError(`forecastMetrics: ${name} has ${values.length} values, but actual has ${count}.`);
    for (let k = 0; k < values.length; k++)
      if (!Number.isFinite(values[k]))
        throw new DataError(`forecastMetrics: ${name}[${k}] is ${values[k]}, expected a finite number.`);
  }
  if (count === 0) throw new DataError('forecastMetrics: got no values, expected at least one row to score.');
  const mean = (term: (k: number) => number): number => {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += term(k);
    return sum / count;
  };
  const error = (k: number) => actual[k]! - predicted[k]!;
  const naiveError = (k: number) => actual[k]! - naive[k]!;
  const mae = mean((k) => Math.abs(error(k)));
  const naiveMae = mean((k) => Math.abs(naiveError(k)));
  const mape = 100 * mean((k) => Math.abs(error(k) / actual[k]!));
  return {
    mae,
    rmse: Math.sqrt(mean((k) => error(k) ** 2)),
    mape: Number.isFinite(mape) ? mape : null,
    smape:
      100 *
      mean((k) => (error(k) === 0 ? 0 : (2 * Math.abs(error(k))) / (Math.abs(actual[k]!) + Math.abs(predicted[k]!)))),
    mase: ratio(mae, trainActual && meanStep(trainActual)),
    relativeMae: ratio(mae, naiveMae),
    naiveMae,
    naiveRmse: Math.sqrt(mean((k) => naiveError(k) ** 2)),
  };
}

/** Mean absolute error of the naive forecast inside the training part. */
function meanStep(values: ArrayLike<number>): number | undefined {
  if (values.length < 2) return undefined;
  let sum = 0;
  for (let t = 1; t < values.length; t++) sum += Math.abs(values[t]! - values[t - 1]!);
  return sum / (values.length - 1);
}

const ratio = (value: number, by: number | undefined): number | null => (by ? value / by : null);
