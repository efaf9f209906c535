/** For each bucket of consecutive rows: its middle row, and the lowest and highest value. */
export interface Extremes {
  row: number;
  low: number;
  high: number;
}

/**
 * The range of a line with more rows than a chart has pixels.
 * @param values [rows], null if missing. @param first, last rows, both included. @param buckets maximum number; buckets without a value
 *   are left out.
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
    let [low, high] = [Infinity, -Infinity];
    for (let row = from; row <= to; row++) {
      const value = values[row];
      if (value == null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (low <= high) all.push({ row: (from + to) / 2, low, high });
  }
  return all;
}
