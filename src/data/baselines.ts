import { DataError } from '../errors.ts';

/**
 * Tomorrow = today: for each sample the value in the row just before its target, series[start + windowLength - 1].
 * @param series [rows] @param starts [samples], the first row of each. @returns [samples]
 * @throws DataError when a sample reaches past the end of the series.
 */
export function naiveForecast(
  series: ArrayLike<number>,
  starts: ArrayLike<number>,
  windowLength: number,
): Float64Array {
  return Float64Array.from(starts, (start) => {
    const value = series[start + windowLength - 1];
    if (value === undefined)
      throw new DataError(
        `naiveForecast: sample ${start} ends in row ${start + windowLength - 1}, but the series has ${series.length} rows.`,
      );
    return value;
  });
}
