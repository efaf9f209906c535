import { bfgs } from './bfgs.ts';
import { isAllowed, LEAST, LEAST_PHI, MOST, MOST_PHI } from './ets_bounds.ts';
import { type EtsGradient, etsGradient } from './ets_gradient.ts';
import { type EtsParameters, type EtsShape, type EtsStart, runEts } from './ets_model.ts';
import { guessStart } from './ets_start.ts';

/** A perfect fit has infinite likelihood. */
const PERFECT = -1e10;

/** Stop after a step that gains less than this in -2 log L; models differ by far more. */
const TOLERANCE = 1e-6;
const MAX_STEPS = 300;

/**
 * Starting points of the smoothing parameters, as fractions of their ranges. The likelihood may have several peaks: for a
 * series that hardly moves, for one with a short memory, for one with a changing season, and for a random walk. More starting
 * points did not find better ones.
 */
const BEGINNINGS: readonly EtsParameters[] = [
  { alpha: 0.1, beta: 0.1, gamma: 0.1, phi: 0.9 },
  { alpha: 0.9, beta: 0.9, gamma: 0.5, phi: 0.9 },
  { alpha: 0.02, beta: 0.9, gamma: 0.95, phi: 0.9 },
  { alpha: 0.99, beta: 0.02, gamma: 0.02, phi: 0.9 },
];

/** A parameter between its bounds as a function of an unbounded coordinate, and its derivative. */
const between = (least: number, most: number, x: number): number => least + (most - least) * Math.sin(x) ** 2;
const slopeBetween = (least: number, most: number, x: number): number => (most - least) * Math.sin(2 * x);
const coordinateOf = (share: number): number => Math.asin(Math.sqrt(share));

/**
 * The parameters and initial states with the highest likelihood, by `bfgs`; independent of the units of the series.
 * @returns undefined if the search cannot start because the likelihood is undefined at every starting point.
 */
export function searchEts(
  values: Float64Array,
  shape: EtsShape,
): { parameters: EtsParameters; start: EtsStart } | undefined {
  const likelihood = new Likelihood(values, shape);
  let best: { x: Float64Array; value: number } | undefined;
  for (const shares of BEGINNINGS) {
    const x = likelihood.coordinates(shares);
    if (!Number.isFinite(likelihood.at(x, new Float64Array(x.length)))) continue;
    const found = bfgs((place, gradient) => likelihood.at(place, gradient), x, {
      maxSteps: MAX_STEPS,
      tolerance: TOLERANCE,
    });
    if (!best || found.value < best.value) best = found;
  }
  return best && likelihood.read(best.x);
}

/**
 * -2 log L by coordinates: smoothing parameters between their bounds, level and slope in units of the series' changes, and all
 * seasons but the first in units of their spread. The first season is chosen so that they add up to 0 or, if multiplicative, to
 * their number.
 */
class Likelihood {
  readonly #values: Float64Array;
  readonly #shape: EtsShape;
  readonly #guess: EtsStart;
  readonly #unit: number;
  readonly #seasonUnit: number;
  readonly #seasons: Float64Array;
  readonly #trace: { fitted: Float64Array; level: Float64Array; slope: Float64Array };
  readonly #by: EtsGradient;

  constructor(values: Float64Array, shape: EtsShape) {
    const rows = values.length;
    this.#values = values;
    this.#shape = shape;
    this.#guess = guessStart(values, shape);
    this.#unit = deviation(values.subarray(1).map((value, t) => value - values[t]!)) || 1;
    this.#seasonUnit = deviation(Float64Array.from(this.#guess.seasons)) || 1;
    const states = () => new Float64Array(rows + 1);
    this.#trace = { fitted: new Float64Array(rows), level: states(), slope: states() };
    this.#seasons = new Float64Array(shape.seasonType === 'N' ? 0 : rows + shape.season);
    const seasons = new Float64Array(this.#seasons.length);
    this.#by = { alpha: 0, beta: 0, gamma: 0, phi: 0, level: 0, slope: 0, seasons };
  }

  /** A starting point. @param shares fractions of the parameters' ranges */
  coordinates({ alpha, beta, gamma, phi }: EtsParameters): Float64Array<ArrayBuffer> {
    const { hasTrend, isDamped, seasonType } = this.#shape;
    const { level, slope, seasons } = this.#guess;
    return Float64Array.from([
      coordinateOf(alpha),
      ...(hasTrend ? [coordinateOf(beta)] : []),
      ...(seasonType === 'N' ? [] : [coordinateOf(gamma)]),
      ...(isDamped ? [coordinateOf(phi)] : []),
      level / this.#unit,
      ...(hasTrend ? [slope / this.#slopeUnit] : []),
      ...Array.from(seasons, (season) => season / this.#seasonUnit).slice(1),
    ]);
  }

  read(x: Float64Array): { parameters: EtsParameters; start: EtsStart } {
    const { hasTrend, isDamped, seasonType, season } = this.#shape;
    const seasons = this.#seasons.subarray(0, seasonType === 'N' ? 0 : season);
    let at = 0;
    const alpha = between(LEAST, MOST, x[at++]!);
    const beta = hasTrend ? between(LEAST, alpha, x[at++]!) : 0;
    const gamma = seasonType === 'N' ? 0 : between(LEAST, 1 - alpha, x[at++]!);
    const phi = isDamped ? between(LEAST_PHI, MOST_PHI, x[at++]!) : 1;
    const level = x[at++]! * this.#unit;
    const slope = hasTrend ? x[at++]! * this.#slopeUnit : 0;
    let rest = seasonType === 'M' ? season : 0;
    for (let k = 1; k < seasons.length; k++) {
      seasons[k] = x[at++]! * this.#seasonUnit;
      rest -= seasons[k]!;
    }
    if (seasons.length > 0) seasons[0] = rest;
    return { parameters: { alpha, beta, gamma, phi }, start: { level, slope, seasons } };
  }

  /** @returns infinity for parameters that are not allowed */
  at(x: Float64Array, gradient: Float64Array): number {
    const shape = this.#shape;
    const { parameters, start } = this.read(x);
    if (!isAllowed(parameters, shape)) return Number.POSITIVE_INFINITY;
    const { seasons } = start;
    if (shape.seasonType === 'M')
      for (let k = 0; k < seasons.length; k++) if (!(seasons[k]! >= 0)) return Number.POSITIVE_INFINITY;
    this.#trace.level[0] = start.level;
    this.#trace.slope[0] = start.slope;
    const value = runEts(this.#values, shape, parameters, start, this.#seasons, this.#trace);
    if (value < PERFECT) {
      gradient.fill(0);
      return PERFECT;
    }
    etsGradient(this.#values, shape, parameters, this.#trace, this.#seasons, this.#by);
    this.#chain(x, parameters.alpha, gradient);
    return value;
  }

  /** The gradient by coordinates, from that by parameters and states. */
  #chain(x: Float64Array, alpha: number, gradient: Float64Array): void {
    const { hasTrend, isDamped, seasonType, season } = this.#shape;
    const by = this.#by;
    let at = 1;
    let byAlpha = by.alpha;
    if (hasTrend) {
      byAlpha += by.beta * Math.sin(x[at]!) ** 2; // its upper bound is alpha
      gradient[at] = by.beta * slopeBetween(LEAST, alpha, x[at]!);
      at++;
    }
    if (seasonType !== 'N') {
      byAlpha -= by.gamma * Math.sin(x[at]!) ** 2; // and its is 1 - alpha
      gradient[at] = by.gamma * slopeBetween(LEAST, 1 - alpha, x[at]!);
      at++;
    }
    if (isDamped) {
      gradient[at] = by.phi * slopeBetween(LEAST_PHI, MOST_PHI, x[at]!);
      at++;
    }
    gradient[0] = byAlpha * slopeBetween(LEAST, MOST, x[0]!);
    gradient[at++] = by.level * this.#unit;
    if (hasTrend) gradient[at++] = by.slope * this.#slopeUnit;
    for (let k = 1; k < season; k++) gradient[at++] = (by.seasons[k]! - by.seasons[0]!) * this.#seasonUnit;
  }

  /** A slope changes the level in every row, so its unit is a tenth of the level's. */
  get #slopeUnit(): number {
    return this.#unit / 10;
  }
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
