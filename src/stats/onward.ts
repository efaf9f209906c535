import { EtsFit } from './ets_fit.ts';
import { seasonsAhead } from './mstl.ts';
import type { StlEtsFit } from './stl_ets.ts';

/**
 * What a model that was fitted on the first rows of a series forecasts from later origins: nothing is fitted anew, its level,
 * slope and season go on with each row that is known by then; a season that STL took out is carried on as it was.
 * @param values [rows], those that were fitted first. @param origins rows that are known at each, at least those that were fitted.
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
