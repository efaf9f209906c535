import { notWhole } from '../options.ts';
import {
  type EtsName,
  type EtsParameters,
  type EtsShape,
  type EtsStart,
  etsShape,
  numParametersOf,
  runEts,
} from './ets_model.ts';

/** States of a model at the end of each row. */
export interface EtsStates {
  /** [rows + 1], starting with the initial state, like all of them. */
  readonly level: Float64Array;
  /** [rows + 1], the change of the level per row; all 0 without a trend. */
  readonly slope: Float64Array;
  /** [rows + season]: the initial season, then the updated value for each row; empty without a season. */
  readonly seasons: Float64Array;
}

/** An exponential smoothing model fitted to a series. */
export class EtsFit {
  readonly model: EtsName;
  readonly parameters: EtsParameters;
  readonly states: EtsStates;
  /** One-step-ahead forecasts of each row [rows]. */
  readonly fitted: Float64Array;
  /** [rows]; relative for a model with a relative error: (value - fitted) / fitted. */
  readonly residuals: Float64Array;
  /** Without its constants, like R's; infinite if the fit is perfect. */
  readonly logLikelihood: number;
  readonly aicc: number;
  /** Variance of the residuals. */
  readonly sigma2: number;
  readonly #shape: EtsShape;

  constructor(values: Float64Array, model: EtsName, shape: EtsShape, parameters: EtsParameters, start: EtsStart) {
    const rows = values.length;
    const level = new Float64Array(rows + 1);
    const slope = new Float64Array(rows + 1);
    const seasons = new Float64Array(shape.seasonType === 'N' ? 0 : rows + shape.season);
    level[0] = start.level;
    slope[0] = start.slope;
    seasons.set(start.seasons);
    const fitted = new Float64Array(rows);
    const deviance = runEts(values, shape, parameters, start, seasons, { fitted, level, slope });
    const coefficients = numParametersOf(shape);
    const estimated = coefficients + 1; // and the variance
    this.model = model;
    this.#shape = shape;
    this.parameters = parameters;
    this.states = { level, slope, seasons };
    this.fitted = fitted;
    this.residuals = values.map((value, t) => (value - fitted[t]!) / (shape.isRelative ? fitted[t]! : 1));
    this.logLikelihood = -deviance / 2;
    this.aicc = deviance + 2 * estimated + (2 * estimated * (estimated + 1)) / (rows - estimated - 1);
    this.sigma2 = this.residuals.reduce((sum, error) => sum + error * error, 0) / (rows - coefficients);
  }

  /** Repeats the last value, for series to which no model can be fitted. */
  static lastValue(values: Float64Array): EtsFit {
    const parameters = { alpha: 1, beta: 0, gamma: 0, phi: 1 };
    return new EtsFit(values, 'A,N,N', etsShape('A,N,N', 1), parameters, { level: values[0]!, slope: 0, seasons: [] });
  }

  /** Applies the same model, parameters and initial states to other rows, without refitting. @param values [rows] */
  over(values: Float64Array): EtsFit {
    const { level, slope, seasons } = this.states;
    const { seasonType, season } = this.#shape;
    const first = seasonType === 'N' ? [] : seasons.subarray(0, season);
    const start = { level: level[0]!, slope: slope[0]!, seasons: first };
    return new EtsFit(values, this.model, this.#shape, this.parameters, start);
  }

  /**
   * The rows after the last known one [horizon].
   * @param known number of known rows, at most all. Default: all.
   * @throws ConfigError for a horizon that is not a whole number of at least 1.
   */
  forecast(horizon: number, known = this.fitted.length): Float64Array {
    if (!Number.isSafeInteger(horizon) || horizon < 1) throw notWhole('forecast: horizon', horizon, 1);
    const { phi } = this.parameters;
    const { seasonType, season } = this.#shape;
    const { level, slope, seasons } = this.states;
    let trend = level[known]!;
    let gain = slope[known]!;
    return Float64Array.from({ length: horizon }, (_, k) => {
      gain *= phi;
      trend += gain;
      if (seasonType === 'N') return trend;
      const seasonal = seasons[known + (k % season)]!;
      return seasonType === 'A' ? trend + seasonal : trend * seasonal;
    });
  }

  /**
   * Variance at each step of a forecast [horizon], for intervals from a normal distribution (Hyndman et al. 2008, table 6.1).
   * @returns undefined for a model with a relative error, for which there is no formula.
   */
  variance(horizon: number): Float64Array | undefined {
    if (!Number.isSafeInteger(horizon) || horizon < 1) throw notWhole('variance: horizon', horizon, 1);
    const { isRelative, seasonType, season } = this.#shape;
    if (isRelative) return undefined;
    const { alpha, beta, gamma, phi } = this.parameters;
    let sum = 1;
    let weight = alpha;
    let damping = 1;
    return Float64Array.from({ length: horizon }, (_, k) => {
      const variance = sum * this.sigma2;
      damping *= phi;
      weight += beta * damping; // the effect of an error k + 1 rows later, without the season
      const own = weight + (seasonType !== 'N' && (k + 1) % season === 0 ? gamma : 0);
      sum += own * own;
      return variance;
    });
  }
}
