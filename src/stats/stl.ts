import { FINITE, float64s, type NumericArray } from '../arrays.ts';
import { ConfigError, DataError } from '../errors.ts';
import { checkOptions, notWhole } from '../options.ts';
import { shown } from '../shown.ts';
import { type Loess, loess, loessAt } from './loess.ts';

/** Options of a decomposition; other parameters of R's `stl` have their defaults. */
export interface StlOptions {
  /**
   * Seasons over which a season's shape may change: a whole number of at least 3, rounded up to odd; or 'periodic', if it is
   * the same in all of them. Default 11, as in R's `mstl`.
   */
  seasonalWindow?: number | 'periodic';
  /** Rows over which the trend is smoothed, at least 3, rounded up to odd. Default: R's, about 1.5 to 2 seasons. */
  trendWindow?: number;
  /** Reduce the weight of outliers, which stay in the remainder. Default false. */
  robust?: boolean;
}

/** values = trend + seasonal + remainder, each [rows]. */
export interface Decomposition {
  readonly trend: Float64Array;
  readonly seasonal: Float64Array;
  readonly remainder: Float64Array;
  /** Weight of each row, from 0 to 1; all 1 without `robust`. */
  readonly robustness: Float64Array;
}

/** The three smoothers for a season. */
interface Smoothers {
  readonly season: number;
  readonly seasonal: Loess;
  readonly lowPass: Loess;
  readonly trend: Loess;
}

const DEFAULT_WINDOW = 11;
const STL_OPTIONS = { seasonalWindow: true, trendWindow: true, robust: true };

/**
 * Decomposes a series into trend, seasonal part and remainder by loess: STL (Cleveland, Cleveland, McRae & Terpenning 1990,
 * Journal of Official Statistics 6, 3-73), with the results of R's `stl(values, s.window = seasonalWindow)`. If it is robust
 * and the number of rows is even, R sometimes uses another value than the median of the remainder, and differs slightly.
 * @param values [rows], finite, oldest first, more than two seasons. @param season rows, at least 2.
 * @throws DataError naming the first row (from 1) that is not finite, or if there are too few rows.
 * @throws ConfigError for an invalid option.
 * @see https://stat.ethz.ch/R-manual/R-devel/library/stats/html/stl.html
 */
export function stl(values: NumericArray, season: number, options: StlOptions = {}): Decomposition {
  const series = float64s('stl', values, FINITE);
  checkOptions('stl', options, STL_OPTIONS);
  checkSeason('stl', season, series.length);
  const { robust = false } = options;
  const n = series.length;
  const smoothers = smoothersOf(season, n, options);
  const trend = new Float64Array(n);
  const seasonal = new Float64Array(n);
  let robustness: Float64Array | undefined;
  for (let round = 0; round <= (robust ? 15 : 0); round++) {
    if (round > 0) robustness = bisquare(series.map((value, t) => value - seasonal[t]! - trend[t]!));
    for (let k = 0; k < (robust ? 1 : 2); k++) improve(series, smoothers, robustness, seasonal, trend);
  }
  if (options.seasonalWindow === 'periodic') seasonal.set(periodicMeans(seasonal, season));
  const remainder = series.map((value, t) => value - seasonal[t]! - trend[t]!);
  return { trend, seasonal, remainder, robustness: robustness ?? new Float64Array(n).fill(1) };
}

/** @throws ConfigError, DataError as {@link stl}. @param where the call, for messages. */
export function checkSeason(where: string, season: number, rows: number): void {
  if (!Number.isSafeInteger(season) || season < 2) throw notWhole(`${where}: season`, season, 2);
  if (rows <= 2 * season)
    throw new DataError(
      `${where}: got ${rows} rows, but a season of ${season} rows needs more than two seasons, ${2 * season + 1} rows. ` +
        'Use more rows, or a shorter season.',
    );
}

function smoothersOf(season: number, rows: number, options: StlOptions): Smoothers {
  const { seasonalWindow = DEFAULT_WINDOW, trendWindow } = options;
  const shape = seasonalWindow === 'periodic' ? 10 * rows + 1 : checkWindow('seasonalWindow', seasonalWindow);
  const trend = trendWindow === undefined ? nextOdd(Math.ceil((1.5 * season) / (1 - 1.5 / shape))) : trendWindow;
  return {
    season,
    seasonal: smoother(shape, 0),
    lowPass: smoother(nextOdd(season), 1),
    trend: smoother(checkWindow('trendWindow', trend), 1),
  };
}

const nextOdd = (window: number): number => window + 1 - (window % 2);

/** Fitted at ten positions per window. */
const smoother = (window: number, degree: 0 | 1): Loess => ({
  window: Math.max(3, nextOdd(window)),
  degree,
  jump: Math.ceil(window / 10),
});

function checkWindow(name: string, window: unknown): number {
  if (Number.isSafeInteger(window) && Number(window) >= 3) return Number(window);
  const expected = `a whole number of at least 3${name === 'seasonalWindow' ? " or 'periodic'" : ''}`;
  const details = { argument: name, got: shown(window), expected };
  throw new ConfigError(`stl: ${name}: got ${shown(window)}, expected ${expected}.`, { code: 'option', details });
}

/** One pass of the inner loop (section 2.3): the seasonal part of the detrended series, then the trend of the rest. */
function improve(
  series: Float64Array,
  smoothers: Smoothers,
  robustness: Float64Array | undefined,
  seasonal: Float64Array,
  trend: Float64Array,
): void {
  const { season } = smoothers;
  const cycles = smoothCycles(
    series.map((value, t) => value - trend[t]!),
    smoothers,
    robustness,
  );
  const level = loess(movingMean(movingMean(movingMean(cycles, season), season), 3), smoothers.lowPass);
  for (let t = 0; t < seasonal.length; t++) seasonal[t] = cycles[t + season]! - level[t]!;
  trend.set(
    loess(
      series.map((value, t) => value - seasonal[t]!),
      smoothers.trend,
      robustness,
    ),
  );
}

/** Every cycle-subseries (all Januaries, ...) smoothed, and extended by one value at both ends. @returns [n + 2 season] */
function smoothCycles(
  detrended: Float64Array,
  { season, seasonal }: Smoothers,
  robustness: Float64Array | undefined,
): Float64Array {
  const smooth = new Float64Array(detrended.length + 2 * season);
  for (let phase = 0; phase < season; phase++) {
    const count = Math.ceil((detrended.length - phase) / season);
    const pick = (from: Float64Array) => Float64Array.from({ length: count }, (_, k) => from[phase + k * season]!);
    const cycle = pick(detrended);
    const weights = robustness && pick(robustness);
    const within = loess(cycle, seasonal, weights);
    const scratch = new Float64Array(count);
    const beyond = (x: number, first: number, last: number, otherwise: number) => {
      const fitted = loessAt(cycle, seasonal, x, [first, last], weights, scratch);
      return Number.isNaN(fitted) ? otherwise : fitted;
    };
    smooth[phase] = beyond(-1, 0, Math.min(seasonal.window, count) - 1, within[0]!);
    for (let k = 0; k < count; k++) smooth[phase + (k + 1) * season] = within[k]!;
    const first = Math.max(0, count - seasonal.window);
    smooth[phase + (count + 1) * season] = beyond(count, first, count - 1, within[count - 1]!);
  }
  return smooth;
}

/** @returns [n - length + 1] */
function movingMean(values: Float64Array, length: number): Float64Array {
  const means = new Float64Array(values.length - length + 1);
  let sum = 0;
  for (let k = 0; k < values.length; k++) {
    sum += values[k]! - (k >= length ? values[k - length]! : 0);
    if (k >= length - 1) means[k - length + 1] = sum / length;
  }
  return means;
}

/** Robustness weights from the remainder: bisquare of its absolute value over 6 median absolute deviations (section 2.4). */
function bisquare(remainder: Float64Array): Float64Array {
  const sizes = remainder.map(Math.abs);
  const sorted = sizes.toSorted();
  const middle = Math.floor(sizes.length / 2);
  const reach = 3 * (sorted[middle]! + sorted[sizes.length - 1 - middle]!);
  return sizes.map((size) => {
    if (size <= 0.001 * reach) return 1;
    return size <= 0.999 * reach ? (1 - (size / reach) ** 2) ** 2 : 0;
  });
}

/** Replaces every value by its mean over all seasons. */
function periodicMeans(values: Float64Array, season: number): Float64Array {
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  values.forEach((value, t) => {
    sums[t % season]! += value;
    counts[t % season]! += 1;
  });
  return values.map((_, t) => sums[t % season]! / counts[t % season]!);
}
