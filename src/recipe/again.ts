import { momentsAhead } from '../data/ahead.ts';
import { DataError } from '../errors.ts';
import { frameOf } from '../forecast/frame.ts';
import { ForecastModels } from '../forecast/models.ts';
import { lookAhead } from '../forecast/outlook.ts';
import { settled } from '../kinds.ts';
import { Cut, type Decided, replacedRows, rowsBefore } from './cut.ts';
import { intervalOf } from './intervals.ts';
import { methodForecasts } from './methods.ts';
import type { ForecastResult } from './plan.ts';
import { recipeFile, type SavedRecipe } from './recipe_file.ts';
import { meanForecast } from './scores.ts';
import { leapDaysAhead } from './seasons.ts';
import { checkAhead, checkLogarithms, type DatedSeries, givenSeries } from './series.ts';
import { RECIPE } from './settings.ts';
import { recipeOf } from './variants.ts';

/**
 * Forecasts a series like an earlier one, without training: seasons are removed from its own rows, the models read its last window,
 * and methods fitted by likelihood are fitted to its rows.
 * @returns also the scores of the earlier forecast. @throws DataError for too few rows. @throws ConfigError for columns that the
 *   models do not read.
 */
export async function forecastAgain(
  input: DatedSeries,
  saved: SavedRecipe,
  device: GPUDevice,
  signal: AbortSignal | undefined,
): Promise<ForecastResult> {
  const { method, season, horizon, level, radius, models, scores, candidates, folds, windowLength, outliers } = saved;
  const given = givenSeries(input);
  const { id, target, past, future } = given;
  checkAhead(given, horizon);
  const known = rowsBefore({ target, outliers }, target.length);
  const moments = momentsAhead(given, horizon);
  const leapDays = leapDaysAhead(given.moments, moments);
  const longest = [saved, ...models].flatMap(({ deseasonalized }) => deseasonalized.map((own) => 2 * own + 1));
  const needed = Math.max(...longest, ...models.map(({ shape }) => shape.windowLength), 1);
  const rows = target.length;
  if (rows < needed)
    throw new DataError(`forecast: got ${rows} rows, but the model needs the last ${needed}. Pass more rows.`, {
      code: 'too-short',
      details: { rows, needed },
    });
  const cutOf = ({ log, deseasonalized }: Decided) =>
    new Cut({ id, target, past, future, leapDays, outliers }, rows, deseasonalized, {
      ...{ ...recipeOf(settled(RECIPE, {}), horizon, windowLength), log: log ? 'on' : 'off', deseasonalize: 'on' },
    });
  const restored: Float64Array[] = [];
  for (const model of models) {
    checkLogarithms(known, model.log);
    const { prepared } = cutOf(model);
    const { shape, scalers, weights } = model;
    const own = new ForecastModels(device, shape, [0]);
    try {
      await own.start(() => own.load([weights]));
      const frame = frameOf({ target: prepared.values, past, future }, shape);
      const ahead = await lookAhead(own, [[{ frame, scalers }]], horizon, signal);
      restored.push(prepared.restore(ahead[0]![0]![0]!));
    } finally {
      own.dispose();
    }
  }
  checkLogarithms(known, saved.log);
  const end = cutOf(saved);
  const all = methodForecasts(end, season, horizon, restored.length > 0 ? meanForecast(restored) : undefined);
  const predicted = all.get(method);
  if (!predicted?.every(Number.isFinite))
    throw new DataError(
      `forecast: the method of the file, '${method}', has no finite forecast for this series. Forecast it without the file.`,
    );
  const { log, deseasonalized } = end;
  return {
    ...{ id, predicted, ...intervalOf(predicted, end, radius, level), level, method, scores, candidates, folds },
    ...{ season, deseasonalized, log, windowLength, model: recipeFile(saved) },
    moments,
    outliers: replacedRows({ target, outliers }),
  };
}
