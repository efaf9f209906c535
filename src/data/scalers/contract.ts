import { DataError } from '../../errors.ts';

export interface ScalerFitOptions {
  /**
   * What to do with values that do not spread, such as a constant series: 'refuse' (default) them, or 'keep' them: shifted,
   * and not scaled.
   */
  constant?: 'refuse' | 'keep';
}

/** @throws DataError naming the first row (from 1) that is NaN or infinite. */
export function checkFinite(where: string, values: ArrayLike<number>): void {
  for (let row = 0; row < values.length; row++)
    if (!Number.isFinite(values[row]))
      throw new DataError(
        `${where}: row ${row + 1} of the ${values.length} values is ${values[row]}, expected a finite number.`,
      );
}
