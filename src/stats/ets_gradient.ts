import type { EtsParameters, EtsShape, EtsTrace } from './ets_model.ts';

/** The derivatives of -2 log L by everything it depends on. */
export interface EtsGradient {
  alpha: number;
  beta: number;
  gamma: number;
  phi: number;
  level: number;
  slope: number;
  /** By the seasons of all rows [rows + season]; the first `season` are the initial ones. */
  readonly seasons: Float64Array;
}

/**
 * The gradient of the result of `runEts`: its steps from last to first, each differentiated backward. `d` is the derivative
 * with respect to what follows; names are those of `runEts`.
 * @param trace, seasons from `runEts`. @param gradient is overwritten.
 */
export function etsGradient(
  values: Float64Array,
  { isRelative, seasonType, season }: EtsShape,
  { alpha, beta, gamma, phi }: EtsParameters,
  trace: EtsTrace,
  seasons: Float64Array,
  gradient: EtsGradient,
): void {
  const rows = values.length;
  let squares = 0;
  for (let t = 0; t < rows; t++) {
    const error = values[t]! - trace.fitted[t]!;
    const own = isRelative ? error / trace.fitted[t]! : error;
    squares += own * own;
  }
  const weight = (2 * rows) / squares;
  const dSeasons = gradient.seasons.fill(0);
  let dLevel = 0;
  let dSlope = 0;
  let dAlpha = 0;
  let dBeta = 0;
  let dGamma = 0;
  let dPhi = 0;
  for (let t = rows - 1; t >= 0; t--) {
    const forecast = trace.fitted[t]!;
    const error = values[t]! - forecast;
    const slope = trace.slope[t]!;
    let dForecast = isRelative
      ? 2 / forecast - (weight * (error / forecast) * values[t]!) / (forecast * forecast)
      : -weight * error;
    const dChange = alpha * dLevel + beta * dSlope;
    let dBefore = dLevel;
    let change = error;
    if (seasonType === 'N') {
      dForecast -= dChange;
      dBefore += dForecast;
    } else if (seasonType === 'A') {
      const dNext = dSeasons[t + season]!;
      dForecast -= dChange + gamma * dNext;
      dBefore += dForecast;
      dSeasons[t] = dNext + dForecast;
      dGamma += dNext * error;
    } else {
      const dNext = dSeasons[t + season]!;
      const seasonal = seasons[t]!;
      const before = trace.level[t]! + phi * slope;
      change = error / seasonal;
      dForecast -= dChange / seasonal + (gamma * dNext) / before;
      dBefore += dForecast * seasonal - (gamma * dNext * error) / (before * before);
      dSeasons[t] = dNext + dForecast * before - (dChange * change) / seasonal;
      dGamma += (dNext * error) / before;
    }
    dAlpha += dLevel * change;
    dBeta += dSlope * change;
    dPhi += slope * (dBefore + dSlope);
    dSlope = phi * (dBefore + dSlope);
    dLevel = dBefore;
  }
  Object.assign(gradient, { alpha: dAlpha, beta: dBeta, gamma: dGamma, phi: dPhi, level: dLevel, slope: dSlope });
}
