import { FINITE, float64s, type NumericArray } from '../arrays.ts';
import { ConfigError, DataError } from '../errors.ts';
import { checkOptions, notAChoice, notWhole } from '../options.ts';
import { EtsFit } from './ets_fit.ts';
import { ETS_MODELS, type EtsName, etsShape, numParametersOf } from './ets_model.ts';
import { searchEts } from './ets_search.ts';

/** Options of an ETS fit. */
export interface EtsOptions {
  /** Rows per season, from 1 (no season) to 24. Default 1. */
  season?: number;
  /** Default: the one with the lowest AICc among all that are possible for the series. */
  model?: EtsName;
}

/** A longer season has too many states to estimate from a series. */
export const LONGEST_SEASON = 24;

/**
 * Fits exponential smoothing to a series: level, slope and season, updated by each row's error, with smoothing parameters and
 * initial states by maximum likelihood, and the model chosen by AICc (Hyndman, Koehler, Ord & Snyder 2008, "Forecasting with
 * exponential smoothing"; R's `forecast::ets`, whose search stops earlier, and at different results in other units). Models
 * with relative errors or multiplicative seasons need a series above 0. A series no longer than a season is fitted without one;
 * a series of fewer than 5 rows, or a constant one, by its last value. If there are more than 5,000 rows, the last 5,000 choose
 * the model, which is then fitted to all.
 * @param values [rows], finite, oldest first, at least one.
 * @throws DataError naming the first row (from 1) that is not finite; for no rows, or too few for `model`.
 * @throws ConfigError for an invalid option.
 * @see https://otexts.com/fpp3/expsmooth.html
 */
export function fitEts(values: NumericArray, options: EtsOptions = {}): EtsFit {
  const series = float64s('fitEts', values, { ...FINITE, copy: true });
  checkOptions('fitEts', options, { season: true, model: true });
  const { season = 1, model } = options;
  if (!Number.isSafeInteger(season) || season < 1 || season > LONGEST_SEASON)
    throw notWhole('fitEts: season', season, 1, LONGEST_SEASON, '; use fitStlEts for a longer one');
  if (model !== undefined && !ETS_MODELS.includes(model)) throw notAChoice('fitEts: model', model, ETS_MODELS);
  const rows = series.length;
  if (rows === 0) throw new DataError('fitEts: got no rows, expected at least one.');
  if (model !== undefined) return fitOne(series, season, model);
  if (series.every((value) => value === series[0])) return EtsFit.lastValue(series);
  const models = ETS_MODELS.filter((name) => {
    const { isRelative, seasonType } = etsShape(name, season);
    return (!isRelative || isPositive(series)) && (seasonType === 'N' || (season > 1 && rows > season));
  });
  const compared = series.subarray(-COMPARED_ROWS);
  let best: EtsFit | undefined;
  for (const name of models) {
    const fit = fitIfEnough(compared, season, name);
    if (fit && (!best || fit.aicc < best.aicc)) best = fit;
  }
  if (best && compared.length < rows) best = fitIfEnough(series, season, best.model);
  return best ?? EtsFit.lastValue(series);
}

/** Rows on which models are compared: more would take long, and hardly ever change the choice. */
const COMPARED_ROWS = 5000;

const isPositive = (series: Float64Array): boolean => series.every((value) => value > 0);

/** AICc needs two more rows than coefficients. */
function fitIfEnough(series: Float64Array, season: number, model: EtsName): EtsFit | undefined {
  const shape = etsShape(model, season);
  if (series.length < numParametersOf(shape) + 3) return undefined;
  const found = searchEts(series, shape);
  return found && new EtsFit(series, model, shape, found.parameters, found.start);
}

function fitOne(series: Float64Array, season: number, model: EtsName): EtsFit {
  const shape = etsShape(model, season);
  if (shape.seasonType !== 'N' && season < 2)
    throw new ConfigError(`fitEts: model '${model}' has a season, but season is ${season}, expected at least 2 rows.`);
  if (shape.isRelative && !isPositive(series)) {
    const row = series.findIndex((value) => value <= 0);
    throw new DataError(
      `fitEts: model '${model}' has a relative error and needs values above 0, but row ${row + 1} is ${series[row]}. ` +
        "Use a model with an additive error, 'A,...'.",
    );
  }
  if (series.length < numParametersOf(shape) + 3)
    throw new DataError(
      `fitEts: model '${model}' needs ${numParametersOf(shape) + 3} rows, but there are ${series.length}. ` +
        'Use more rows, or leave model out to choose one with fewer coefficients.',
    );
  const fit = fitIfEnough(series, season, model);
  if (fit) return fit;
  throw new DataError(`fitEts: the errors of model '${model}' overflow float64. Scale the values down.`);
}
