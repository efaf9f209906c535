import { classicalSeason } from './classical.ts';
import type { EtsShape, EtsStart } from './ets_model.ts';
import { leastSquares, line } from './least_squares.ts';

/** Minimum of multiplicative seasons. */
const LEAST = 0.01;

/**
 * The starting point of the search for a model's initial states: the seasons by classical decomposition or, with fewer than
 * three of them, from a line and one sine wave; level and slope from a line through the first rows (Hyndman et al. 2008,
 * section 2.6.1).
 * @param values [rows]
 */
export function guessStart(values: Float64Array, shape: EtsShape): EtsStart {
  const { hasTrend, seasonType, season } = shape;
  const seasonal = seasonType === 'N' ? undefined : seasonOf(values, seasonType, season);
  const adjusted = seasonal
    ? values.map((value, t) => (seasonType === 'A' ? value - seasonal[t]! : value / Math.max(seasonal[t]!, LEAST)))
    : values;
  const first = adjusted.subarray(0, Math.max(10, 2 * season));
  const seasons = seasonal ? firstSeason(seasonal, season, seasonType === 'M') : [];
  if (!hasTrend) {
    const level = first.reduce((sum, value) => sum + value, 0) / first.length;
    return { level, slope: 0, seasons: aboveZero(seasons, level, shape) };
  }
  const { intercept, slope } = line(first, 1);
  return { level: intercept, slope, seasons: aboveZero(seasons, intercept, shape) };
}

/** A relative error is undefined for a forecast of 0, which no search can cross, so additive seasons start above it. */
function aboveZero(seasons: ArrayLike<number>, level: number, { isRelative, seasonType }: EtsShape): ArrayLike<number> {
  const lowest = Math.min(0, ...Array.from(seasons));
  const room = level / 2;
  if (!isRelative || seasonType !== 'A' || !(room > 0) || -lowest <= room) return seasons;
  return Array.from(seasons, (season) => (season * room) / -lowest);
}

/** The seasonal part of every row. */
function seasonOf(values: Float64Array, type: 'A' | 'M', season: number): Float64Array {
  if (values.length >= 3 * season) return classicalSeason(values, season, type);
  const wave = (t: number) => (2 * Math.PI * (t + 1)) / season;
  const columns = [
    values.map(() => 1),
    values.map((_, t) => t + 1),
    values.map((_, t) => Math.cos(wave(t))),
    ...(season > 2 ? [values.map((_, t) => Math.sin(wave(t)))] : []),
  ];
  const [intercept = 0, slope = 0] = leastSquares(columns, values);
  return values.map((value, t) => {
    const trend = intercept + slope * (t + 1);
    return type === 'A' ? value - trend : value / trend;
  });
}

/** Normalized to add up to 0 or, if multiplicative, to the number of rows. */
function firstSeason(seasonal: Float64Array, season: number, isMultiplicative: boolean): Float64Array {
  const first = seasonal.slice(0, season);
  if (isMultiplicative) {
    const positive = first.map((value) => Math.max(value, LEAST));
    const sum = positive.reduce((total, value) => total + value, 0);
    return positive.map((value) => (value * season) / sum);
  }
  first[0]! -= first.reduce((total, value) => total + value, 0);
  return first;
}
