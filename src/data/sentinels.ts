/** What programs write for a missing value: nines, -200, and what no meter shows. */
const USUAL = /^-?9+(?:\.9+)?$|^-200$|^-?1e\+?\d{2}$|^-?10{9,}$/;

/**
 * A number that seems to stand for a missing value: the least or the greatest of all, and far from the others. One that is
 * usual needs half their range of distance, any other one ten times as much, and several rows.
 */
export function sentinelOf(values: Float64Array): { value: number; rows: number } | undefined {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  for (const value of [min, max]) {
    let [low, high, rows] = [Infinity, -Infinity, 0];
    for (const other of values) {
      if (other === value) rows++;
      else {
        if (other < low) low = other;
        if (other > high) high = other;
      }
    }
    const gap = value === min ? low - value : value - high;
    const isUsual = USUAL.test(String(value));
    if (high > low && (isUsual ? gap > (high - low) / 2 : rows > 1 && gap > 10 * (high - low))) return { value, rows };
  }
  return undefined;
}
