/** How neighbors are weighted, and where the curve is fitted rather than interpolated. */
export interface Loess {
  /** Number of neighbors, odd, at whose distance weights reach 0. If larger than the number of values, weights are even wider. */
  readonly window: number;
  /** Degree of the polynomial fitted to the neighbors: their mean, or a line. */
  readonly degree: 0 | 1;
  /** Fitted at every `jump`-th value, at least 1; values in between are interpolated linearly. */
  readonly jump: number;
}

/** Neighbors, first and last, from 0. */
type Neighbors = readonly [first: number, last: number];

/** Below and above these fractions of the largest distance, a weight is 1 and 0: Cleveland et al.'s own rounding. */
const NEAR = 0.001;
const FAR = 0.999;

/**
 * Locally weighted regression of values at 0, 1, 2, ..., with tricube weights (Cleveland, Cleveland, McRae & Terpenning 1990,
 * "STL: A seasonal-trend decomposition procedure based on loess", Journal of Official Statistics 6, section 2).
 * @param values [n] @param robustness weight of each value [n], >= 0; none: all the same. @returns [n]
 */
export function loess(values: Float64Array, smoother: Loess, robustness?: Float64Array): Float64Array<ArrayBuffer> {
  const n = values.length;
  const last = n - 1;
  const smooth = new Float64Array(n);
  if (n < 2) return values.slice();
  const jump = Math.min(smoother.jump, last);
  const weights = new Float64Array(n);
  const smoothAt = (x: number, neighbors: Neighbors) => {
    const fitted = loessAt(values, smoother, x, neighbors, robustness, weights);
    smooth[x] = Number.isNaN(fitted) ? values[x]! : fitted;
  };
  let neighbors: Neighbors = [0, last];
  let knot = 0;
  for (let x = 0; x < n; x += jump) {
    neighbors = neighborsOf(x, n, smoother.window);
    smoothAt(x, neighbors);
    interpolate(smooth, knot, x);
    knot = x;
  }
  if (knot === last) return smooth;
  smoothAt(last, neighbors); // with those of the last knot, like the authors' own program
  interpolate(smooth, knot, last);
  return smooth;
}

/** The window around x, shifted to lie within the values. */
function neighborsOf(x: number, n: number, window: number): Neighbors {
  if (window >= n) return [0, n - 1];
  const first = Math.min(Math.max(0, x - (window - 1) / 2), n - window);
  return [first, first + window - 1];
}

/** Linear interpolation between two positions, excluding both. */
function interpolate(values: Float64Array, from: number, to: number): void {
  const slope = (values[to]! - values[from]!) / (to - from);
  for (let k = from + 1; k < to; k++) values[k] = values[from]! + slope * (k - from);
}

/**
 * The fit at one position, which may be outside of the values.
 * @param weights [n], scratch. @returns NaN if every neighbor has weight 0.
 */
export function loessAt(
  values: Float64Array,
  { window, degree }: Loess,
  x: number,
  [first, last]: Neighbors,
  robustness: Float64Array | undefined,
  weights: Float64Array,
): number {
  const n = values.length;
  const reach = Math.max(x - first, last - x) + (window > n ? Math.floor((window - n) / 2) : 0);
  let sum = 0;
  let moment = 0;
  for (let k = first; k <= last; k++) {
    const weight = tricube(Math.abs(k - x), reach) * (robustness ? robustness[k]! : 1);
    weights[k] = weight;
    sum += weight;
    moment += weight * k;
  }
  if (sum <= 0) return Number.NaN;
  const center = moment / sum;
  let mean = 0;
  let spread = 0;
  let product = 0;
  for (let k = first; k <= last; k++) {
    const weight = weights[k]! / sum;
    mean += weight * values[k]!;
    spread += weight * (k - center) ** 2;
    product += weight * (k - center) * values[k]!;
  }
  const isLine = degree === 1 && reach > 0 && Math.sqrt(spread) > NEAR * (n - 1);
  return isLine ? mean + ((x - center) * product) / spread : mean;
}

function tricube(distance: number, reach: number): number {
  if (distance <= NEAR * reach) return 1;
  if (distance > FAR * reach) return 0;
  const cube = (distance / reach) ** 3;
  return (1 - cube) ** 3;
}
