/** Of consecutive rows, bucket by bucket: the row in its middle, and the lowest, highest and mean value. */
export interface Extremes {
  row: number;
  low: number;
  high: number;
  mean: number;
}

/**
 * A line of more rows than a chart has pixels, as what it spans.
 * @param values [rows], null where there is none. @param first, last rows, both included. @param buckets at most so many; one
 *   without a value is left out.
 */
export function extremes(
  values: ArrayLike<number | null | undefined>,
  first: number,
  last: number,
  buckets: number,
): Extremes[] {
  const size = Math.ceil((last - first + 1) / buckets);
  const all: Extremes[] = [];
  for (let from = first; from <= last; from += size) {
    const to = Math.min(last, from + size - 1);
    let [low, high, sum, count] = [Infinity, -Infinity, 0, 0];
    for (let row = from; row <= to; row++) {
      const value = values[row];
      if (value == null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
      sum += value;
      count++;
    }
    if (count > 0) all.push({ row: (from + to) / 2, low, high, mean: sum / count });
  }
  return all;
}
