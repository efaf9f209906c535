/**
 * The seasonal part of a series by classical decomposition: the deviation from a centered moving average over a season,
 * averaged over all seasons, and normalized around 0 or, if multiplicative, 1 (R's `decompose`; Hyndman & Athanasopoulos 2021,
 * section 3.4).
 * @param values [rows], at least two seasons. @returns [rows], the same in every season
 */
export function classicalSeason(values: Float64Array, season: number, type: 'A' | 'M'): Float64Array {
  const n = values.length;
  const half = Math.floor(season / 2);
  const isEven = season % 2 === 0;
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  for (let t = half; t < n - half; t++) {
    let sum = 0;
    for (let k = t - half; k <= t + half; k++) sum += values[k]!;
    if (isEven) sum -= (values[t - half]! + values[t + half]!) / 2;
    const trend = sum / season;
    sums[t % season]! += type === 'A' ? values[t]! - trend : values[t]! / trend;
    counts[t % season]! += 1;
  }
  const means = sums.map((sum, k) => sum / counts[k]!);
  const mean = means.reduce((sum, value) => sum + value, 0) / season;
  return values.map((_, t) => (type === 'A' ? means[t % season]! - mean : means[t % season]! / mean));
}
