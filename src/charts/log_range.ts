/** Most decades that a chart shows: a single batch may be predicted to many digits by chance. */
const MAX_DECADES = 8;

/** Slightly more than the range of the values, and at least half a decade, so that few epochs do not look like a cliff. */
export function logRange(min: number | null, max: number | null): [number, number] {
  if (min == null || max == null || !(max > 0 && max < Infinity)) return [1e-4, 1];
  const high = Math.log10(max);
  const low = Math.max(min > 0 ? Math.log10(min) : -Infinity, high - MAX_DECADES);
  const pad = Math.max(0.05 * (high - low), (0.5 - (high - low)) / 2, 0);
  return [10 ** (low - pad), 10 ** (high + pad)];
}

/**
 * The powers of ten from `min` to `max`, for the ticks of a logarithmic axis. For some ranges, uPlot's own ticks (1.6.32) never
 * end.
 */
export function decades(min: number, max: number): number[] {
  const low = Math.ceil(Math.log10(min) - 1e-9);
  const high = Math.floor(Math.log10(max) + 1e-9);
  return Array.from({ length: Math.max(0, high - low + 1) }, (_, k) => Number(`1e${low + k}`));
}
