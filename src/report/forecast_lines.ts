import { rulesOf } from '../data/verdict.ts';
import type { Evaluation } from '../forecast/evaluation.ts';

/** What a chart draws of a forecast, one row ahead over the test part; plain enough for JSON. */
export interface ForecastLines {
  /** Row of the first prediction, from 0. */
  firstRow: number;
  /** [test rows], NaN (null in JSON) in rows that are not forecast, as the other lines over them. */
  predicted: ArrayLike<number>;
  /** [rows ahead], behind the test part; empty where nothing was asked for. */
  future: ArrayLike<number>;
  /** Their dates, where they are known. */
  futureDates: readonly string[] | undefined;
  /** Ms since 1970, where they are known. */
  futureMoments?: ArrayLike<number> | undefined;
  /** Rows of a season; 1: none. Undefined: not known. */
  season?: number | undefined;
  /** The naive forecasts, by the rows that they look back. */
  rules: { season: number; predicted: ArrayLike<number> }[];
  /** Lowest level first; empty for a single model that forecasts none. */
  quantiles: { level: number; values: ArrayLike<number> }[];
  /** The conformal interval, where one was asked for. */
  interval: { level: number; low: ArrayLike<number>; high: ArrayLike<number> } | undefined;
}

export function forecastLines(
  evaluation: Evaluation,
  future: ArrayLike<number> = [],
  futureDates?: readonly string[],
): ForecastLines {
  const { firstRow, rows, steps, quantiles, interval, baselines, season } = evaluation;
  const count = steps.at(-1)!.rows.at(-1)! + 1 - firstRow; // the last rows are forecast several steps ahead only
  const inRows = (values: Float64Array): Float64Array => {
    if (count === rows.length) return values;
    const all = new Float64Array(count).fill(Number.NaN);
    for (const [k, row] of rows.entries()) all[row - firstRow] = values[k]!;
    return all;
  };
  const { naive, seasonalNaive } = baselines;
  const rules = rulesOf({ naive, seasonalNaive }, season).map(({ season: back, score }) => ({
    season: back,
    predicted: inRows(score.predicted),
  }));
  return {
    ...{ firstRow, future, futureDates, season, rules, predicted: inRows(evaluation.predicted) },
    quantiles: quantiles.map(({ level, values }) => ({ level, values: inRows(values) })),
    interval: interval && { level: interval.level, low: inRows(interval.low), high: inRows(interval.high) },
  };
}
