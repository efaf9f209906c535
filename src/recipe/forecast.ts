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

/** Options of `forecast`; only the device is required. */
export interface ForecastOptions extends TogetherControls {
  /** A device of the caller's; never destroyed here. */
  device: GPUDevice;
  /** Steps ahead, 1 to 10,000. Default: one season, but at most 1,440; 10 without a season. */
  horizon?: number;
  /** Rows per season, each at least 2; [] or [1] for none. Default: from the moments, then from the values. */
  seasons?: readonly number[];
  /** Learn logarithms. Default 'auto': where all values are above 0. */
  log?: 'auto' | 'on' | 'off';
  /**
   * Values of another order of magnitude than all others, such as 999999 for a missing one: at most one row in 50, more than ten
   * times the range of all others away from them. Default 'replace': by the mean of their neighbors.
   */
  outliers?: 'replace' | 'keep';
  /** Remove seasons by STL before training. Default 'auto': those that stand out. */
  deseasonalize?: 'auto' | 'on' | 'off';
  /** Rows the model reads. Default: a season of 8 to 60 rows; 28 of a longer one, 10 without one. */
  windowLength?: number;
  /** Default 16. */
  hiddenSize?: number;
  /** Optimizer steps of a model. Default 400; 1200 if it reads other columns. */
  steps?: number;
  /** Windows of a step. Default 16. */
  batchSize?: number;
  /** Initial learning rate; it falls to 0 along half a cosine. Default 0.003. */
  lr?: number;
  /** As in `torch.manual_seed(seed)`. Default 0. */
  seed?: number;
  /** Origins before the end that every method is scored from, one horizon apart; fewer if the series is too short. Default 3. */
  folds?: number;
  /**
   * Try about nine recipes, and use the mean of the best three as the model: those with the smallest errors from the folds' origins.
   * Takes about nine times as long. Default false.
   */
  auto?: boolean;
  /** Coverage of the intervals, between 0 and 1. Default 0.9. */
  level?: number;
  /**
   * The file of an earlier forecast ({@link ForecastResult.model}): nothing is trained, and its models and settings are used. For one
   * series, with no other option than device and signal.
   */
  model?: BytesInput;
  /** Use the trained model even if another method was better. Default false. */
  modelOnly?: boolean;
}

/** Complete, by its type. */
const OPTIONS: OptionNames<ForecastOptions> = { ...RECIPE, ...TOGETHER_CONTROLS, device: true, model: true };

/**
 * Forecasts a series with no settings: finds its seasons, removes them, trains a model, and compares it with statistical methods from
 * several origins before the end. The forecast is that of the best method.
 * @throws DataError for a series of fewer than 3 rows, with holes, or with a value that is not finite. @throws ConfigError for an
 *   invalid option.
 */
export function forecast(series: DatedSeries, options: ForecastOptions): Promise<ForecastResult>;
/** A forecast of each of several series, with all models trained together. @throws as for one series, naming it. */
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
    throw new ConfigError(
      'forecast: got several series, but the model is for one. Give one series, or leave model out.',
    );
  const extra = Object.keys(RECIPE).find((name) => options[name as keyof ForecastOptions] !== undefined);
  if (extra !== undefined)
    throw new ConfigError(
      `forecast: got both ${extra} and model, which has this setting already. Leave one of the two out.`,
    );
  return forecastAgain(input as DatedSeries, parseRecipeFile(model), options.device, options.signal);
}

/** Checks that a series can be forecast. @throws as {@link forecast}. */
export function checkSeries(series: DatedSeries, options: Omit<ForecastOptions, 'device'>): void {
  new Plan(series, settled(RECIPE, options));
}
