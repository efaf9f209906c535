import { float64s, listOf, type NumericArray } from '../arrays.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { shown } from '../shown.ts';

/** A quantile: its level and its value in each row. */
export interface Quantile {
  /** 0 to 1; 0.5 is the median. */
  level: number;
  /** [rows] */
  values: Float64Array;
}

/**
 * @returns [rows], the mean over members, row by row. @param members each [rows], at least one.
 * @throws ConfigError if there are none. @throws ShapeError if their lengths differ. @throws DataError naming a value that is
 *   not a number.
 */
export function memberMean(members: readonly NumericArray[]): Float64Array {
  const all = numbersOf(members);
  return all[0]!.map((_, row) => {
    let sum = 0;
    for (const member of all) sum += member[row]!;
    return sum / all.length;
  });
}

function numbersOf(members: readonly NumericArray[]): Float64Array[] {
  if (!Array.isArray(members) || members.length === 0)
    throw new ConfigError(`members: got ${shown(members)}, expected at least one array of numbers.`);
  const all = members.map((member: NumericArray, k) => float64s(`members[${k}]`, member));
  const rows = all[0]!.length;
  const other = all.findIndex(({ length }) => length !== rows);
  if (other >= 0)
    throw new ShapeError(`members[${other}]: got ${all[other]!.length} rows, expected ${rows}, like the first one.`);
  return all;
}

/**
 * Quantiles that do not cross: each row's outputs sorted, which never increases the quantile loss.
 * @param outputs [rows, Q] @returns [rows, Q]
 * @see https://doi.org/10.3982/ECTA7880 Chernozhukov, Fernández-Val and Galichon 2010, Quantile and probability curves without crossing
 */
export function rearranged(outputs: Float32Array, Q: number): Float32Array {
  const sorted = outputs.slice();
  if (Q > 1) for (let at = 0; at < sorted.length; at += Q) sorted.subarray(at, at + Q).sort();
  return sorted;
}

/**
 * Row by row, the value at each level over the members, with linear interpolation, like numpy.quantile.
 * @param members each [rows], at least one. @throws as {@link memberMean}, and ConfigError for a level outside [0, 1].
 */
export function memberQuantiles(members: readonly NumericArray[], levels: ArrayLike<number>): Quantile[] {
  const all = numbersOf(members);
  const rows = all[0]!.length;
  const asked = Array.from(listOf('quantiles', levels) as ArrayLike<number>);
  for (const level of asked)
    if (!(typeof level === 'number' && level >= 0 && level <= 1))
      throw new ConfigError(`quantiles: got ${shown(level)}, expected numbers from 0 to 1, such as 0.1.`);
  const quantiles = asked.map((level) => ({ level, values: new Float64Array(rows) }));
  const sorted = new Float64Array(all.length);
  for (let row = 0; row < rows; row++) {
    for (const [k, member] of all.entries()) sorted[k] = member[row]!;
    sorted.sort();
    for (const { level, values } of quantiles) values[row] = sortedQuantile(sorted, level);
  }
  return quantiles;
}

/** The value at a level, 0 to 1, with linear interpolation, like numpy.quantile. @param sorted ascending, at least one value. */
export function sortedQuantile(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}
