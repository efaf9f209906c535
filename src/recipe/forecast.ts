import { ConfigError } from '../errors.ts';
import { seriesList } from '../forecast/frame.ts';
import type { BytesInput } from '../io/bytes.ts';
import { settled } from '../kinds.ts';
import { checkOptions, type OptionNames } from '../options.ts';
import { within } from '../placing.ts';
import { TOGETHER_CONTROLS, type TogetherControls } from '../train/controls.ts';
import { forecastAgain } from './again.ts';
import { trainDirectly } from './direct.ts';
import { type ForecastResult, Plan } from './plan.ts';
import { parseRecipeFile } from './recipe_file.ts';
import type { DatedSeries } from './series.ts';
import { RECIPE } from './settings.ts';

/** What a forecast without settings may be told all the same. */
export interface ForecastOptions extends TogetherControls {
  /** A device of the caller's; never destroyed here. */
  device: GPUDevice;
  /** Rows ahead, 1 to 10,000. Default: one season, of no more than 1,440 rows; 10 without one. */
  horizon?: number;
  /** Rows of each season, each at least 2; [] or [1]: there is none. Default: from the moments, then from the values. */
  seasons?: readonly number[];
  /** Learn logarithms. Default 'auto': where all values are above 0. */
  log?: 'auto' | 'on' | 'off';
  /**
   * What becomes of values of another order than all others, such as 999999 for a missing one: at most one row of 50, more than ten
   * ranges of all others away from them. Default 'replace': by the mean of their neighbors.
   */
  outliers?: 'replace' | 'keep';
  /** Take seasons out by STL before training. Default 'auto': those that stand out. */
  deseasonalize?: 'auto' | 'on' | 'off';
  /** Rows the model reads. Default: a season of 8 to 60 rows; 28 of a longer one, 10 without one. */
  windowLength?: number;
  /** Default 16. */
  hiddenSize?: number;
  /** Optimizer steps of a model. Default 400; of one that reads other columns, too, 1200. */
  steps?: number;
  /** Windows of a step. Default 16. */
  batchSize?: number;
  /** Learning rate at first; it falls to 0 along half a cosine. Default 0.003. */
  lr?: number;
  /** As in `torch.manual_seed(seed)`. Default 0. */
  seed?: number;
  /** Origins before the end that every method is scored from, a horizon apart; fewer where the rows do not allow for them. Default 3. */
  folds?: number;
  /**
   * Try about nine recipes, and let the mean of the best three be the model: those that erred least from the folds' origins. Takes
   * about nine times as long. Default false.
   */
  auto?: boolean;
  /** Share of the rows that the intervals are to hold, between 0 and 1. Default 0.9. */
  level?: number;
  /**
   * What an earlier forecast was made from ({@link ForecastResult.model}): nothing is trained, and everything is as it was then. Of one
   * series, with no other option but device and signal.
   */
  model?: BytesInput;
  /** Take the trained model also where another method did better. Default false. */
  modelOnly?: boolean;
}

/** The compiler asks for every option. */
const OPTIONS: OptionNames<ForecastOptions> = { ...RECIPE, ...TOGETHER_CONTROLS, device: true, model: true };

/**
 * Forecasts a series without being told how: finds its seasons, takes them out, trains a model, and scores it beside what statistics
 * has, from several origins before the end. The forecast is of the method that was best there.
 * @throws DataError for a series of fewer than 3 rows, with holes, or with a value that is not finite. @throws ConfigError for an option
 *   that cannot be.
 */
export function forecast(series: DatedSeries, options: ForecastOptions): Promise<ForecastResult>;
/** A forecast of each of several series, all models trained together. @throws as of one series, naming which. */
export function forecast(series: readonly DatedSeries[], options: ForecastOptions): Promise<ForecastResult[]>;
export async function forecast(
  input: DatedSeries | readonly DatedSeries[],
  options: ForecastOptions,
): Promise<ForecastResult | ForecastResult[]> {
  checkOptions('forecast', options, OPTIONS);
  if (options.model !== undefined) return again(input, options.model, options);
  const settings = settled(RECIPE, options);
  const { several, list, places } = seriesList<DatedSeries>(input);
  const plans = list.map((one, k) => within(places[k], () => new Plan(one, settings)));
  const jobs = plans.map((plan) => plan.jobs);
  const { device, signal, beforeSlice, onProgress } = options;
  const able = jobs.flat().filter((job) => job !== undefined);
  const trained = await trainDirectly(device, able, { signal, beforeSlice, onProgress });
  let next = 0;
  const all = plans.map((plan, k) => plan.conclude(jobs[k]!.map((job) => (job ? trained[next++] : undefined))));
  return several ? all : all[0]!;
}

/** @throws ConfigError for several series, or options that the file has already. */
async function again(
  input: DatedSeries | readonly DatedSeries[],
  model: BytesInput,
  options: ForecastOptions,
): Promise<ForecastResult> {
  if (seriesList<DatedSeries>(input).several)
    throw new ConfigError('forecast: got several series, but model is of one. Give one series, or leave model out.');
  const extra = Object.keys(RECIPE).find((name) => options[name as keyof ForecastOptions] !== undefined);
  if (extra !== undefined)
    throw new ConfigError(`forecast: got ${extra} beside model, which says how to forecast. Leave one of the two out.`);
  return forecastAgain(input as DatedSeries, parseRecipeFile(model), options.device, options.signal);
}

/** Checks that a series can be forecast. @throws as {@link forecast}. */
export function checkSeries(series: DatedSeries, options: Omit<ForecastOptions, 'device'>): void {
  new Plan(series, settled(RECIPE, options));
}
