/**
 * All models, by the type of their error, trend and season: additive (A), multiplicative (M), damped (Ad), none (N). Those that
 * Hyndman et al. (2008) advise against are left out: an additive error with a multiplicative season is unstable when a level
 * comes near 0, and multiplicative trends forecast poorly.
 */
export const ETS_MODELS = [
  'A,N,N',
  'A,N,A',
  'A,Ad,N',
  'A,A,N',
  'A,Ad,A',
  'A,A,A',
  'M,N,N',
  'M,N,A',
  'M,N,M',
  'M,Ad,N',
  'M,A,N',
  'M,Ad,A',
  'M,A,A',
  'M,Ad,M',
  'M,A,M',
] as const;

/** A model's error, trend and season, such as 'M,Ad,A'. */
export type EtsName = (typeof ETS_MODELS)[number];

/** The parts of a model. */
export interface EtsShape {
  /** Errors are relative to the forecast. */
  readonly isRelative: boolean;
  readonly hasTrend: boolean;
  readonly isDamped: boolean;
  readonly seasonType: 'N' | 'A' | 'M';
  /** Rows per season; 1 if there is none. */
  readonly season: number;
}

/** Parameters of parts that a model does not have are beta 0, gamma 0, phi 1. */
export interface EtsParameters {
  /** Smoothing of the level. */
  readonly alpha: number;
  /** Smoothing of the slope. */
  readonly beta: number;
  /** Smoothing of the season. */
  readonly gamma: number;
  /** Damping of the slope per row. */
  readonly phi: number;
}

/** States before the first row. */
export interface EtsStart {
  readonly level: number;
  /** 0 without a trend. */
  readonly slope: number;
  /** For the first rows [season]; empty without a season. */
  readonly seasons: ArrayLike<number>;
}

/** The states of a run, row by row. */
export interface EtsTrace {
  /** One step ahead [rows]. */
  readonly fitted: Float64Array;
  /** After each row [rows + 1], starting with the initial one. */
  readonly level: Float64Array;
  readonly slope: Float64Array;
}

export function etsShape(model: EtsName, season: number): EtsShape {
  const [error, trend, seasonType] = model.split(',') as ['A' | 'M', 'N' | 'A' | 'Ad', 'N' | 'A' | 'M'];
  return {
    isRelative: error === 'M',
    hasTrend: trend !== 'N',
    isDamped: trend === 'Ad',
    seasonType,
    season: seasonType === 'N' ? 1 : season,
  };
}

/** Number of coefficients of a model: smoothing parameters and initial states, without the last season, which the others imply. */
export const numParametersOf = ({ hasTrend, isDamped, seasonType, season }: EtsShape): number =>
  2 + (hasTrend ? 2 : 0) + (isDamped ? 1 : 0) + (seasonType === 'N' ? 0 : season);

/**
 * Runs the model over a series, in the innovations form of the state space model.
 *   q = l + phi b
 *   y^ = q, q + s or q s        e = y - y^, relative: (y - y^) / y^
 *   l' = q + alpha d            b' = phi b + beta d        d = y - y^, over s where the season is multiplicative
 *   s' = s + gamma (y - y^), over q where it is multiplicative
 * Source: Hyndman, Koehler, Ord & Snyder (2008), "Forecasting with exponential smoothing: the state space approach", tables 2.2
 * and 2.3, and equation (5.3) for the likelihood.
 * @param seasons [rows + season]; the first `season` are input, the others are written.
 * @returns -2 log L without its constants: n log(sum e^2), plus 2 sum log |y^| for a relative error.
 */
export function runEts(
  values: Float64Array,
  { isRelative, seasonType, season }: EtsShape,
  { alpha, beta, gamma, phi }: EtsParameters,
  start: Pick<EtsStart, 'level' | 'slope'>,
  seasons: Float64Array,
  trace?: EtsTrace,
): number {
  const rows = values.length;
  let { level, slope } = start;
  let squares = 0;
  let logs = 0;
  let product = 1; // of forecasts whose logarithms are not yet added
  for (let t = 0; t < rows; t++) {
    const damped = phi * slope;
    const before = level + damped;
    let forecast = before;
    let change: number;
    if (seasonType === 'N') {
      change = values[t]! - forecast;
    } else if (seasonType === 'A') {
      const seasonal = seasons[t]!;
      forecast += seasonal;
      change = values[t]! - forecast;
      seasons[t + season] = seasonal + gamma * change;
    } else {
      const seasonal = seasons[t]!;
      forecast *= seasonal;
      const error = values[t]! - forecast;
      change = error / seasonal;
      seasons[t + season] = seasonal + (gamma * error) / before;
    }
    level = before + alpha * change;
    slope = damped + beta * change;
    const error = values[t]! - forecast;
    if (isRelative) {
      const relative = error / forecast;
      squares += relative * relative;
      product *= Math.abs(forecast);
      if (!(product > 1e-150 && product < 1e150)) {
        logs += Math.log(product);
        product = 1;
      }
    } else {
      squares += error * error;
    }
    if (trace) {
      trace.fitted[t] = forecast;
      trace.level[t + 1] = level;
      trace.slope[t + 1] = slope;
    }
  }
  return rows * Math.log(squares) + 2 * (logs + Math.log(product));
}
