import { memberMean, type Quantile } from '../data/quantiles.ts';
import { ConfigError } from '../errors.ts';
import { notTrained } from '../lifetime.ts';
import { shown } from '../shown.ts';
import { fitScalers, type SeriesScalers, skippedRows } from './encoder.ts';
import { FittedSeries } from './fitted.ts';
import { frameOf, type OneSeries, type SeriesColumns } from './frame.ts';
import { Learned } from './learned.ts';
import type { SavedModel } from './model_file.ts';
import type { ForecastModels } from './models.ts';
import { checkOrigin, lookAhead, type Origin, type PredictOptions } from './outlook.ts';
import { type ForecastShape, pointQuantile } from './shape.ts';

/** A series to forecast. */
export interface AskedSeries extends Origin {
  /** Index among the fitted series; undefined if it is not one of them. */
  place: number | undefined;
}

/** What the models forecast from. */
interface Forecasting {
  models: ForecastModels;
  learned: Learned;
}

/**
 * The scalers of a series: those of the fitted series at `place`, or for a new series fitted on its own rows.
 * @param end the first row that is not used. @throws DataError as `fitScalers`.
 */
function scalersOf(
  learned: Learned,
  shape: ForecastShape,
  { frame, place, end = frame.target.length }: { frame: SeriesColumns; place: number | undefined; end?: number },
): SeriesScalers {
  return place === undefined ? fitScalers(frame, shape, { first: skippedRows(shape), end }) : learned.scalers[place]!;
}

/** @throws ConfigError and DataError as {@link Forecaster.predictEach} would for this series. */
export function checkForecast(model: SavedModel, series: OneSeries, rows: number): void {
  const [learned, frame] = [new Learned(model), frameOf(series, model.shape)];
  const place = learned.placeOfGiven('predict', frame.id, undefined);
  checkOrigin({ frame, scalers: scalersOf(learned, model.shape, { frame, place }) }, model.shape, rows);
}

/** @throws ConfigError and DataError as {@link Forecaster.evaluate} would for the last rows of this series. */
export function checkScored(model: SavedModel, series: OneSeries, rows: number | undefined): void {
  const [learned, frame] = [new Learned(model), frameOf(series, model.shape)];
  const place = learned.placeOfGiven('evaluate', frame.id, undefined);
  new FittedSeries(series, model.shape, { scalers: scoredBy(learned, model.shape, { frame, place, rows }), rows });
}

/** The scalers of a series whose last rows are scored. @throws ConfigError if `rows` is required but missing. */
export function scoredBy(
  learned: Learned,
  shape: ForecastShape,
  { frame, place, rows }: { frame: SeriesColumns; place: number | undefined; rows: number | undefined },
): SeriesScalers {
  if (place === undefined && rows === undefined)
    throw new ConfigError(
      `rows: got undefined for the series ${shown(frame.id)}, which no model was trained on. Give the number of rows to score; its ` +
        'scale is fitted on the rows before them.',
    );
  return scalersOf(learned, shape, { frame, place, end: frame.target.length - (rows ?? 0) });
}

/** The series to forecast. @throws ConfigError, StateError as {@link Forecaster.predict}. */
export function askedSeries(from: Forecasting, method: string, { series, of }: PredictOptions): AskedSeries {
  const { models, learned } = from;
  checkTrained(learned, method);
  if (series === undefined) {
    const place = learned.placeOf(method, of);
    return { place, frame: fittedFrames(models, method)[place]!, scalers: learned.scalers[place]! };
  }
  const frame = frameOf(series, models.shape); // null is invalid, not the fitted series
  const place = learned.placeOfGiven(method, frame.id, of);
  return { place, frame, scalers: scalersOf(learned, models.shape, { frame, place }) };
}

/** The same for several series; without ids, they are the fitted ones in order. @throws ConfigError for a duplicate. */
export function askedEach(from: Forecasting, method: string, series: readonly OneSeries[] | undefined): AskedSeries[] {
  const { models, learned } = from;
  checkTrained(learned, method);
  if (series === undefined)
    return fittedFrames(models, method).map((frame, place) => ({ place, frame, scalers: learned.scalers[place]! }));
  if (!Array.isArray(series) || series.length === 0)
    throw new ConfigError(`${method}: series: got ${shown(series)}, expected a list of at least one series.`);
  const frames = series.map((one: OneSeries) => frameOf(one, models.shape));
  const ids = frames.map(({ id }) => id);
  const double = ids.find((id, k) => id !== undefined && ids.indexOf(id) !== k);
  if (double !== undefined)
    throw new ConfigError(`${method}: two series have the id ${shown(double)}; give each its own.`);
  const count = learned.scalers.length;
  if (ids.includes(undefined) && frames.length !== count)
    throw new ConfigError(
      `${method}: got ${frames.length} series, but the models were trained on ${count}. Give all ${count} in the same order, ` +
        'or give each its id.',
    );
  return frames.map((frame, k) => {
    const place = frame.id === undefined ? k : learned.placeOfGiven(method, frame.id, undefined);
    return { place, frame, scalers: scalersOf(learned, models.shape, { frame, place }) };
  });
}

/**
 * What every member forecasts for its own series, or all members for the only one.
 * @returns [models][quantiles, at least one][rows]
 */
export async function forecastMembers(
  from: Forecasting,
  method: string,
  { series, of, signal }: PredictOptions,
  rows: number,
): Promise<Float64Array[][]> {
  const { models, learned } = from;
  if (!learned.hasSeriesEach)
    return (await forecastEach(from, [askedSeries(from, method, { series, of })], rows, signal))[0]!;
  if (of !== undefined)
    throw new ConfigError(
      `of: got ${shown(of)}, but every member forecasts its own series; leave it out, or use predict.`,
    );
  const given = series === undefined ? undefined : frameOf(series, models.shape);
  const frames = given ? learned.scalers.map(() => given) : fittedFrames(models, method);
  const origins = frames.map((frame, model) => [{ frame, scalers: learned.scalers[model]! }]);
  return (await lookAhead(models, origins, rows, signal)).map(([own]) => own!);
}

/**
 * The models' forecasts for several series: for each, those of the models trained on it, or of all models if all were trained
 * on every series.
 * @returns [series][models][quantiles, at least one][rows]
 */
export async function forecastEach(
  { models, learned }: Forecasting,
  asked: readonly AskedSeries[],
  rows: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array[][][]> {
  const all = learned.seriesOf.map((_, model) => model);
  if (!learned.hasSeriesEach) {
    const said = await lookAhead(
      models,
      all.map(() => asked),
      rows,
      signal,
    );
    return asked.map((_, k) => said.map((own) => own[k]!));
  }
  // all models run in one dispatch, so those whose series is not requested need some input, too
  const ofModel = new Map(asked.map((one) => [one.place!, one]));
  const origins = all.map((model) => [
    { frame: asked[0]!.frame, scalers: learned.scalers[model]!, ...ofModel.get(model) },
  ]);
  const said = await lookAhead(models, origins, rows, signal);
  return asked.map(({ place }) => [said[place!]![0]!]);
}

/** The mean forecast of some models. @param said [models][quantiles, at least one][rows] */
export const pointOf = (said: readonly Float64Array[][], { shape }: ForecastModels): Float64Array =>
  memberMean(said.map((quantiles) => quantiles[pointQuantile(shape)]!));

/** Their quantiles; none if they forecast values. */
export const quantilesOf = (said: readonly Float64Array[][], { shape }: ForecastModels): Quantile[] =>
  shape.quantiles.map((level, q) => ({ level, values: memberMean(said.map((quantiles) => quantiles[q]!)) }));

function checkTrained({ scalers }: Learned, method: string): void {
  if (scalers.length === 0) throw notTrained(method, 'call fit(), or load a trained model');
}

/** @throws ConfigError if there are none. */
function fittedFrames({ series }: ForecastModels, method: string): SeriesColumns[] {
  if (!series) throw new ConfigError(`${method}: a loaded model does not contain its series; pass { series }.`);
  return series.map(({ frame }) => frame);
}
