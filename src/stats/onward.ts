import { EtsFit } from './ets_fit.ts';
import { seasonsAhead } from './mstl.ts';
import type { StlEtsFit } from './stl_ets.ts';

/**
 * Forecasts from later origins with a model that was fitted to the first rows of a series: without refitting, its level, slope
 * and season are updated with each known row; a season removed by STL is repeated.
 * @param values [rows], starting with the fitted ones. @param origins number of known rows at each, at least the fitted ones.
 * @returns [origins][horizon]
 */
export function forecastOnward(
  fit: EtsFit | StlEtsFit,
  values: Float64Array,
  origins: readonly number[],
  horizon: number,
): Float64Array[] {
  if (fit instanceof EtsFit) {
    const whole = fit.over(values);
    return origins.map((known) => whole.forecast(horizon, known));
  }
  const { decomposition, rest, fitted } = fit;
  const numFitted = fitted.length;
  const ahead = seasonsAhead(decomposition.seasonals, values.length - numFitted + horizon);
  const seasonalAt = (t: number) =>
    t < numFitted ? decomposition.seasonals.reduce((sum, part) => sum + part.values[t]!, 0) : ahead[t - numFitted]!;
  const deseasonalized = values.map((value, t) => value - seasonalAt(t));
  return forecastOnward(rest, deseasonalized, origins, horizon).map((forecast, place) =>
    forecast.map((value, k) => value + seasonalAt(origins[place]! + k)),
  );
}
