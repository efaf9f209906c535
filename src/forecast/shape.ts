import { isOfCalendar } from '../data/names.ts';
import type { ScalerName } from '../data/scaler.ts';
import type { TransformName } from '../data/transforms.ts';
import type { LossOptions } from '../engine/losses.ts';
import { ConfigError } from '../errors.ts';
import { settled } from '../kinds.ts';
import { checkBetween, type ModelConfig, modelConfig } from '../model/config.ts';
import { checkObject, checkOptions, type OptionNames } from '../options.ts';
import { shown } from '../shown.ts';
import { SHAPE } from '../train/settings.ts';
import type { ForecasterOptions } from './options.ts';

/** The inputs and outputs of a forecaster, with all defaults filled in: plain JSON, the same for all of its models. */
export interface ForecastShape {
  config: ModelConfig;
  /** T */
  windowLength: number;
  /** Steps that the head forecasts at once. */
  horizon: number;
  /** The name of the series, if given. */
  target?: string;
  /** The column that names several series, if given. Without it and `target`, ids are column names. */
  idColumn?: string;
  /** Columns known up to the last row, and columns known ahead. */
  past: readonly string[];
  future: readonly string[];
  /** Of a quantile forecaster, ascending; empty for one that predicts one value per row. */
  quantiles: readonly number[];
  scaler: ScalerName;
  scalePer: 'series' | 'window' | 'last';
  /** The weights of the head start at 0. */
  zeroHead: boolean;
  transform: TransformName;
}

type ShapeOptions = Omit<ForecasterOptions, 'device' | 'seed' | 'ensemble'>;

/** The compiler requires every option. */
export const SHAPE_OPTIONS: OptionNames<ShapeOptions> = SHAPE;

/**
 * Validates options. The columns of the input: the target; each past column; each future column once for every row to forecast,
 * since it is known by then, see {@link rowsAhead}.
 */
export function forecastShape(options: ShapeOptions): ForecastShape {
  checkOptions('model', options, SHAPE_OPTIONS);
  const { windowLength, horizon, past, future, quantiles, target, idColumn, ...rest } = settled(SHAPE, options);
  const { scaler, scalePer, zeroHead, transform, ...recurrent } = rest;
  for (const [kind, names] of Object.entries({ past, future }))
    if (!names.every((name) => typeof name === 'string'))
      throw new ConfigError(`${kind}: got ${shown(names)}, expected a list of column names.`);
  if (scalePer === 'last' && scaler === 'minmax')
    throw new ConfigError(
      "scalePer: got 'last' with scaler 'minmax', which has no center; use scaler: 'standard' or 'robust'.",
    );
  const columns = [...(target === undefined ? [] : [target]), ...past, ...future];
  const double = columns.find((name, k) => columns.indexOf(name) !== k);
  if (double !== undefined)
    throw new ConfigError(
      `target, past, future: ${JSON.stringify(double)} is listed twice; it can be the target, a past or a future column.`,
    );
  for (const [k, quantile] of quantiles.entries()) {
    checkBetween(`quantiles[${k}]`, quantile, 0, 1);
    if (k > 0 && quantile <= quantiles[k - 1]!)
      throw new ConfigError(`quantiles: got ${quantiles.join(', ')}, expected ascending numbers between 0 and 1.`);
  }
  if (quantiles.length > 0 && transform !== 'none' && horizon > 1)
    throw new ConfigError(
      `quantiles: got ${quantiles.length} with transform '${transform}' and horizon ${horizon}, but quantiles of differences do ` +
        "not add up to quantiles of values. Use transform: 'none', or horizon: 1.",
    );
  const inputSize = 1 + past.length + future.reduce((sum, name) => sum + rowsAhead(name, horizon), 0);
  const outputSize = horizon * Math.max(1, quantiles.length);
  const config = modelConfig({ ...recurrent, inputSize, outputSize, head: 'last' });
  const named = { ...(target !== undefined && { target }), ...(idColumn !== undefined && { idColumn }) };
  const reads = { past, future, quantiles, scaler, scalePer, zeroHead, transform };
  return { config, windowLength, horizon, ...named, ...reads };
}

/**
 * Number of inputs for a future column: one for every row that is forecast; for a column of the calendar only one, because it
 * determines the others.
 */
export const rowsAhead = (name: string, horizon: number): number => (isOfCalendar(name) ? 1 : horizon);

/** Number of outputs per row: its quantiles, or 1. */
export const numQuantiles = ({ quantiles }: ForecastShape): number => Math.max(1, quantiles.length);

/** The index of the quantile used as the forecast: the one nearest to the median. */
export function pointQuantile({ quantiles }: ForecastShape): number {
  const distance = quantiles.map((quantile) => Math.abs(quantile - 0.5));
  return Math.max(0, distance.indexOf(Math.min(...distance)));
}

/**
 * The loss of a forecaster: the quantile loss if it has quantiles, otherwise the requested one.
 * @throws ConfigError if the two conflict.
 */
export function shapeLoss({ quantiles }: ForecastShape, asked: LossOptions | undefined): LossOptions {
  checkObject('loss', asked);
  if (asked?.name === 'crossEntropy')
    throw new ConfigError("loss: got 'crossEntropy', which is for classes; a forecaster predicts numbers.");
  if (quantiles.length === 0) {
    if (asked?.name !== 'quantile') return asked ?? { name: 'mse' };
    throw new ConfigError("loss: got 'quantile', but the forecaster was created without quantiles: [0.1, 0.5, 0.9].");
  }
  if (asked && asked.name !== 'quantile')
    throw new ConfigError(`loss: got ${shown(asked.name)}, but the forecaster predicts quantiles; leave the loss out.`);
  if (asked?.quantiles !== undefined)
    throw new ConfigError(
      `loss.quantiles: got ${shown(asked.quantiles)}, but the forecaster was created with quantiles ${shown(quantiles)}. ` +
        'Leave them out of the loss.',
    );
  return { ...asked, name: 'quantile', quantiles };
}
