import { float64s, type NumericArray } from '../arrays.ts';
import { DataError } from '../errors.ts';
import { checkOptions, notAChoice, notWhole } from '../options.ts';

/**
 * The naive forecast ("tomorrow = today"): for each sample the value in the row just before its target, series[start +
 * windowLength - 1]; or, with a season, the value one season before the target (Hyndman & Athanasopoulos 2021, section 5.2).
 * @param series [rows] @param starts [samples], the first row of each. @param season rows, >= 1. @returns [samples]
 * @throws DataError if a sample reaches past an end of the series, or a value is not a number.
 */
export function naiveForecast(
  series: NumericArray,
  starts: NumericArray,
  windowLength: number,
  season = 1,
): Float64Array {
  const values = float64s('naiveForecast', series);
  return float64s('naiveForecast: starts', starts).map((start) => {
    const row = start + windowLength - season;
    const value = values[row];
    if (value === undefined)
      throw new DataError(
        `naiveForecast: sample ${start} is forecast from row ${row}, but the series has ${values.length} rows.`,
      );
    return value;
  });
}

/** Options of the simple methods. */
export interface BaselineOptions {
  /** Rows per season, at least 1; for 'seasonalNaive'. */
  season?: number;
  /** Rows to average, at least 1; for 'movingAverage'. */
  window?: number;
  /** The oldest row that may be used. Default 0. */
  firstRow?: number;
}

/** Forecasts from `values[firstRow .. T]` for row T + step. */
interface Baseline {
  /** Rows it needs, including the last known one. */
  rows(step: number, options: BaselineOptions): number;
  forecast(values: ArrayLike<number>, T: number, step: number, options: Required<BaselineOptions>): number;
}

/** Hyndman & Athanasopoulos 2021, section 5.2; the moving average is its mean method, on the last rows only. */
const BASELINES: Readonly<Record<BaselineName, Baseline>> = {
  naive: { rows: () => 1, forecast: (values, T) => values[T]! },
  drift: {
    rows: () => 2,
    forecast: (values, T, step, { firstRow }) =>
      values[T]! + (step * (values[T]! - values[firstRow]!)) / (T - firstRow),
  },
  movingAverage: {
    rows: (_, { window }) => positive('window', window),
    forecast(values, T, _, { window }) {
      let sum = 0;
      for (let row = T - window + 1; row <= T; row++) sum += values[row]!;
      return sum / window;
    },
  },
  seasonalNaive: {
    // The last full season; the row is (step - 1) % season rows after its start.
    rows: (step, { season }) => positive('season', season) - ((step - 1) % season!),
    forecast: (values, T, step, { season }) => values[T + 1 - season + ((step - 1) % season)]!,
  },
};

/**
 * 'naive' repeats the last value, 'drift' continues the line from the first to the last one, 'movingAverage' is the mean
 * of the last `window` rows, 'seasonalNaive' repeats the last `season` rows.
 */
export type BaselineName = 'naive' | 'drift' | 'movingAverage' | 'seasonalNaive';

/**
 * The forecasts of a simple method, for each origin the row `step` rows after it.
 * @param series [rows], oldest first. @param origins [samples]: the last known row. @param step at least 1.
 * @returns [samples]
 * @see https://otexts.com/fpp3/simple-methods.html Hyndman & Athanasopoulos 2021, section 5.2
 * @throws DataError if a sample needs rows before `firstRow`, an origin is outside of the series, or a value is not a number.
 * @throws ConfigError for an unknown name, for a step, season, window or first row that is not a whole number in range, and if
 *   'movingAverage' has no window or 'seasonalNaive' no season.
 */
export function baselineForecast(
  name: BaselineName,
  series: NumericArray,
  origins: NumericArray,
  step: number,
  options: BaselineOptions = {},
): Float64Array {
  if (!Object.hasOwn(BASELINES, name)) throw notAChoice('baseline', name, Object.keys(BASELINES));
  checkOptions('baselineForecast', options, { season: true, window: true, firstRow: true });
  const baseline = BASELINES[name];
  positive('step', step);
  const { season = 1, window = 1, firstRow = 0 } = options;
  if (!Number.isInteger(firstRow) || firstRow < 0) throw notWhole('firstRow', firstRow, 0);
  const rows = baseline.rows(step, options);
  const values = float64s('baselineForecast', series);
  return float64s('baselineForecast: origins', origins).map((origin) => {
    const oldest = origin - rows + 1;
    if (!(Number.isInteger(origin) && oldest >= firstRow && origin < values.length))
      throw new DataError(
        `${name}: a forecast from row ${origin} needs the rows ${oldest} to ${origin}, but only the rows ${firstRow} to ` +
          `${values.length - 1} may be used. Use a later origin, or a series with more rows.`,
      );
    return baseline.forecast(values, origin, step, { season, window, firstRow });
  });
}

function positive(option: string, value: number | undefined): number {
  if (value === undefined || !Number.isInteger(value) || value < 1) throw notWhole(option, value, 1);
  return value;
}
