import { FINITE, float64s, type NumericArray } from '../arrays.ts';
import { ConfigError, DataError } from '../errors.ts';
import { checkOptions, notAChoice, notWhole } from '../options.ts';
import { EtsFit } from './ets_fit.ts';
import { ETS_MODELS, type EtsName, etsShape, numParametersOf } from './ets_model.ts';
import { searchEts } from './ets_search.ts';

/** What a series is fitted with. */
export interface EtsOptions {
  /** Rows after which the series repeats itself, at least 1 (no season) and at most 24. Default 1. */
  season?: number;
  /** Default: of all models that the series allows, the one with the lowest AICc. */
  model?: EtsName;
}

/** A longer season has too many states for what a series shows of it. */
export const LONGEST_SEASON = 24;

/**
 * A series by exponential smoothing: level, slope and season that each row's error moves, with smoothing parameters and start
 * by maximum likelihood, and the model by AICc (Hyndman, Koehler, Ord & Snyder 2008, "Forecasting with exponential smoothing";
 * R's `forecast::ets`, whose search stops sooner, and at other places in other units). Relative errors and seasons that
 * multiply are for series above 0 alone. A series that does not hold a season and a row is fitted without season; one of fewer
 * than 5 rows, or a constant one, with its last value. Of more than 5,000 rows the last 5,000 choose the model, which is then
 * fitted to all.
 * @param values [rows], finite, oldest first, at least one.
 * @throws DataError naming the first row (from 1) that is not finite; where there is none, or too few for `model`.
 * @throws ConfigError for an option that cannot be.
 * @see https://otexts.com/fpp3/expsmooth.html
 */
export function fitEts(values: NumericArray, options: EtsOptions = {}): EtsFit {
  const series = float64s('fitEts', values, { ...FINITE, copy: true });
  checkOptions('fitEts', options, { season: true, model: true });
  const { season = 1, model } = options;
  if (!Number.isSafeInteger(season) || season < 1 || season > LONGEST_SEASON)
    throw notWhole('fitEts: season', season, 1, LONGEST_SEASON, '; a longer one takes fitStlEts');
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

/** Rows on which models are compared: more of them would take long, and hardly change which one is chosen. */
const COMPARED_ROWS = 5000;

const isPositive = (series: Float64Array): boolean => series.every((value) => value > 0);

/** AICc needs two rows more than coefficients. */
function fitIfEnough(series: Float64Array, season: number, model: EtsName): EtsFit | undefined {
  const shape = etsShape(model, season);
  if (series.length < numParametersOf(shape) + 3) return undefined;
  const found = searchEts(series, shape);
  return found && new EtsFit(series, model, shape, found.parameters, found.start);
}

function fitOne(series: Float64Array, season: number, model: EtsName): EtsFit {
  const shape = etsShape(model, season);
  if (shape.seasonType !== 'N' && season < 2)
    throw new ConfigError(`fitEts: model '${model}' has a season, but season is ${season}. Give its rows, at least 2.`);
  if (shape.isRelative && !isPositive(series)) {
    const row = series.findIndex((value) => value <= 0);
    throw new DataError(
      `fitEts: model '${model}' has a relative error, for values above 0 alone, but row ${row + 1} is ${series[row]}. ` +
        "Take a model whose error is additive, 'A,...'.",
    );
  }
  if (series.length < numParametersOf(shape) + 3)
    throw new DataError(
      `fitEts: model '${model}' needs ${numParametersOf(shape) + 3} rows, but there are ${series.length}. ` +
        'Give more rows, or no model: then one with fewer coefficients is taken.',
    );
  const fit = fitIfEnough(series, season, model);
  if (fit) return fit;
  throw new DataError(`fitEts: the errors of model '${model}' leave the range of float64. Scale the values down.`);
}
