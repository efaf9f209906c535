import { guessParameters, isAllowed } from './ets_bounds.ts';
import { type EtsParameters, type EtsShape, type EtsStart, runEts } from './ets_model.ts';
import { guessStart } from './ets_start.ts';
import { nelderMead } from './nelder_mead.ts';

/** A perfect fit has no finite likelihood. */
const PERFECT = -1e10;

const MAX_EVALUATIONS = 2000;
const TOLERANCE = 1.5e-8;

/**
 * The parameters and the start under which a series is likeliest.
 * @returns undefined where the search cannot begin: the model has no likelihood at its first guess.
 */
export function searchEts(
  values: Float64Array,
  shape: EtsShape,
): { parameters: EtsParameters; start: EtsStart } | undefined {
  const seasons = new Float64Array(shape.seasonType === 'N' ? 0 : values.length + shape.season);
  const read = reader(shape, seasons);
  const first = packed(shape, guessParameters(shape), guessStart(values, shape));
  const objective = (x: Float64Array): number => {
    const { parameters, level, slope } = read(x);
    if (!isAllowed(parameters, shape)) return Number.POSITIVE_INFINITY;
    if (shape.seasonType === 'M')
      for (let k = 0; k < shape.season; k++) if (seasons[k]! < 0) return Number.POSITIVE_INFINITY;
    return Math.max(PERFECT, runEts(values, shape, parameters, { level, slope }, seasons));
  };
  if (!Number.isFinite(objective(first))) return undefined;
  const step = 0.1 * first.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const { x } = nelderMead(objective, first, { step, maxEvaluations: MAX_EVALUATIONS, tolerance: TOLERANCE });
  const { parameters, level, slope } = read(x);
  return {
    parameters,
    start: { level, slope, seasons: seasons.slice(0, shape.seasonType === 'N' ? 0 : shape.season) },
  };
}

/** As a place to search: smoothing parameters, level, slope, then the seasons from the last to the second. */
function packed(
  shape: EtsShape,
  { alpha, beta, gamma, phi }: EtsParameters,
  start: EtsStart,
): Float64Array<ArrayBuffer> {
  return Float64Array.from([
    alpha,
    ...(shape.hasTrend ? [beta] : []),
    ...(shape.seasonType === 'N' ? [] : [gamma]),
    ...(shape.isDamped ? [phi] : []),
    start.level,
    ...(shape.hasTrend ? [start.slope] : []),
    ...Array.from(start.seasons).slice(1).reverse(),
  ]);
}

/** Reads a place of the search; the seasons go to `seasons`, the first such that all add up to 0, or to their number. */
function reader({ hasTrend, isDamped, seasonType, season }: EtsShape, seasons: Float64Array) {
  return (x: Float64Array): { parameters: EtsParameters; level: number; slope: number } => {
    let at = 0;
    const alpha = x[at++]!;
    const beta = hasTrend ? x[at++]! : 0;
    const gamma = seasonType === 'N' ? 0 : x[at++]!;
    const phi = isDamped ? x[at++]! : 1;
    const level = x[at++]!;
    const slope = hasTrend ? x[at++]! : 0;
    if (seasonType !== 'N') {
      let rest = seasonType === 'M' ? season : 0;
      for (let k = season - 1; k > 0; k--) {
        seasons[k] = x[at++]!;
        rest -= seasons[k]!;
      }
      seasons[0] = rest;
    }
    return { parameters: { alpha, beta, gamma, phi }, level, slope };
  };
}
