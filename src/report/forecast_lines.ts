import { rulesOf } from '../data/verdict.ts';
import type { Evaluation } from '../forecast/evaluation.ts';

/** The lines of a chart: forecasts one step ahead over the test set, and the future; plain data for JSON. */
export interface ForecastLines {
  /** Row of the first prediction, from 0. */
  firstRow: number;
  /** [test rows], NaN (null in JSON) in rows that are not forecast, like the other lines over them. */
  predicted: ArrayLike<number>;
  /** [steps ahead], after the test set; empty if none were requested. */
  future: ArrayLike<number>;
  /** Their dates, if known. */
  futureDates: readonly string[] | undefined;
  /** Ms since 1970, if known. */
  futureMoments?: ArrayLike<number> | undefined;
  /** Rows per season; 1: none. Undefined if unknown. */
  season?: number | undefined;
  /** The naive forecasts; `season` is how many rows they look back. */
  rules: { season: number; predicted: ArrayLike<number> }[];
  /** Lowest level first; empty for a single model without quantiles. */
  quantiles: { level: number; values: ArrayLike<number> }[];
  /** The conformal interval, if one was requested. */
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
