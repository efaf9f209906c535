import type { EtsParameters, EtsShape } from './ets_model.ts';

/** Bounds of alpha, beta, gamma. */
export const LEAST = 1e-4;
export const MOST = 0.9999;
/** Bounds of phi: less removes a slope within a few rows, more hardly damps it. */
export const LEAST_PHI = 0.8;
export const MOST_PHI = 0.98;

/**
 * Whether parameters are both usual, 0 < beta < alpha < 1 and 0 < gamma < 1 - alpha, and admissible: the effect of old errors
 * vanishes. Among usual ones, only models with both a season and a trend may violate that. Source: Hyndman et al. 2008, chapter
 * 10.
 */
export function isAllowed(parameters: EtsParameters, { hasTrend, isDamped, seasonType, season }: EtsShape): boolean {
  const { alpha, beta, gamma, phi } = parameters;
  if (!(alpha >= LEAST && alpha <= MOST)) return false;
  if (hasTrend && !(beta >= LEAST && beta <= alpha && beta <= MOST)) return false;
  if (isDamped && !(phi >= LEAST_PHI && phi <= MOST_PHI)) return false;
  if (seasonType === 'N') return true;
  if (!(gamma >= LEAST && gamma <= 1 - alpha && gamma <= MOST)) return false;
  if (!hasTrend) return true;
  const characteristic = new Float64Array(season + 2).fill(alpha + beta - alpha * phi);
  characteristic[0] = 1;
  characteristic[1] = alpha + beta - phi;
  characteristic[season]! += gamma - 1;
  characteristic[season + 1] = phi * (1 - alpha - gamma);
  return isStable(characteristic);
}

/**
 * Whether all roots of a polynomial are inside of the unit circle, by Schur and Cohn, reducing its degree one by one.
 * @param a its coefficients, starting with the highest power's, which is 1; overwritten
 */
function isStable(a: Float64Array): boolean {
  for (let degree = a.length - 1; degree > 0; degree--) {
    const last = a[degree]!;
    if (!(Math.abs(last) < 1)) return false;
    const scale = 1 - last * last;
    for (let low = 1, high = degree - 1; low <= high; low++, high--) {
      const [front, back] = [a[low]!, a[high]!];
      a[low] = (front - last * back) / scale;
      a[high] = (back - last * front) / scale;
    }
  }
  return true;
}
