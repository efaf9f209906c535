import { type BacktestOptions, backtest, type OneSeries } from '../../src/index.ts';
import type { Scored } from '../../src/report/scores.ts';

/** The mean absolute errors of the rows between two of the series, from 0. */
interface FoldScore extends Pick<Scored, 'metrics' | 'baselines'> {
  first: number;
  last: number;
}

/** How a model would have done, from each of several origins and from all of them. */
export interface PageBacktest extends Scored {
  /** Steps ahead that errors are means over. */
  ahead: number;
  folds: FoldScore[];
}

/** A backtest, and what the page shows of it: the scores, without the rows. */
export async function scoredBacktest(series: OneSeries, options: BacktestOptions): Promise<PageBacktest> {
  const { folds, metrics, baselines, ahead } = await backtest(series, options);
  return {
    ...{ ahead, metrics, baselines, season: folds[0]!.evaluation.season },
    folds: folds.map(({ evaluation: { steps, overall } }) => ({
      ...{ first: steps[0]!.rows[0]!, last: steps.at(-1)!.rows.at(-1)! },
      ...overall,
    })),
  };
}
