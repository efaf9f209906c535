import { DataError } from '../errors.ts';

/** @throws DataError naming the first row (from 1) that is NaN or infinite. */
export function checkFinite(where: string, values: ArrayLike<number>): void {
  for (let row = 0; row < values.length; row++)
    if (!Number.isFinite(values[row]))
      throw new DataError(
        `${where}: row ${row + 1} of the ${values.length} values is ${values[row]}, expected a finite number.`,
      );
}
