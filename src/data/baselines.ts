import { DataError } from '../errors.ts';

/**
 * Tomorrow = today: for each sample the value in the row just before its target, series[start + windowLength - 1]; or, with
 * a season, what happened a season before the target (Hyndman & Athanasopoulos 2021, section 5.2).
 * @param series [rows] @param starts [samples], the first row of each. @param season rows, >= 1. @returns [samples]
 * @throws DataError when a sample reaches past an end of the series.
 */
export function naiveForecast(
  series: ArrayLike<number>,
  starts: ArrayLike<number>,
  windowLength: number,
  season = 1,
): Float64Array {
  return Float64Array.from(starts, (start) => {
    const row = start + windowLength - season;
    const value = series[row];
    if (value === undefined)
      throw new DataError(
        `naiveForecast: sample ${start} is forecast from row ${row}, but the series has ${series.length} rows.`,
      );
    return value;
  });
}
