/** Decades that a chart shows at most: a single batch may be met by chance to many digits. */
const MAX_DECADES = 8;

/** uPlot rounds the ticks of a logarithmic axis to 16 decimals: below, they would never move on, and the page would hang. */
const LOWEST = -12;

/** A little more than the values span, at least half a decade, so that few epochs do not look like a cliff. */
export function logRange(min: number | null, max: number | null): [number, number] {
  if (min == null || max == null || !(max > 0 && max < Infinity)) return [1e-4, 1];
  const high = Math.max(Math.log10(max), LOWEST);
  const low = Math.max(min > 0 ? Math.log10(min) : LOWEST, high - MAX_DECADES, LOWEST);
  const pad = Math.max(0.05 * (high - low), (0.5 - (high - low)) / 2, 0);
  return [10 ** (low - pad), 10 ** (high + pad)];
}
