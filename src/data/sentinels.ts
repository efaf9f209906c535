/** Common markers of missing values: nines, -200, and huge numbers. */
const USUAL = /^-?9+(?:\.9+)?$|^-200$|^-?1e\+?\d{2}$|^-?10{9,}$/;

/**
 * A number that seems to mark missing values: the smallest or largest of all, and far from the others. A common marker must be
 * farther away than half their range; any other number ten times their range, and in several rows.
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
