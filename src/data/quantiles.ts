import { ConfigError } from '../errors.ts';

/** Values at a level of the spread over the members of an ensemble. */
export interface Quantile {
  /** 0 to 1; 0.5 is the median. */
  level: number;
  /** [rows] */
  values: Float64Array;
}

/** @returns [rows], the mean over members, row by row. @param members each [rows], at least one. */
export function memberMean(members: readonly Float64Array[]): Float64Array {
  return Float64Array.from(members[0]!, (_, row) => {
    let sum = 0;
    for (const member of members) sum += member[row]!;
    return sum / members.length;
  });
}

/**
 * Row by row, the value at each level over the members, with linear interpolation between them, as numpy.quantile.
 * @param members each [rows], at least one. @throws ConfigError for a level outside [0, 1].
 */
export function memberQuantiles(members: readonly Float64Array[], levels: readonly number[]): Quantile[] {
  for (const level of levels)
    if (!(level >= 0 && level <= 1))
      throw new ConfigError(`quantiles: got ${level}, expected numbers from 0 to 1, such as 0.1.`);
  const quantiles = levels.map((level) => ({ level, values: new Float64Array(members[0]!.length) }));
  const sorted = new Float64Array(members.length);
  for (let row = 0; row < members[0]!.length; row++) {
    for (const [k, member] of members.entries()) sorted[k] = member[row]!;
    sorted.sort();
    for (const { level, values } of quantiles) values[row] = sortedQuantile(sorted, level);
  }
  return quantiles;
}

/** The value at a level, 0 to 1, with linear interpolation, as numpy.quantile. @param sorted rising, at least one. */
export function sortedQuantile(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}
