import type { ForecastMetrics } from '../data/metrics.ts';
import { bestPlaces, type Rule, rulesOf, type Verdict, verdictOf } from '../data/verdict.ts';
import type { Evaluation } from '../forecast/evaluation.ts';
import { type PooledScores, scoresOf } from '../forecast/pooled_scores.ts';

/** Scores of a model, and of rules without one, on the same rows. */
export interface Scored extends PooledScores {
  /** Rows per season; undefined without one. */
  season: number | undefined;
}

export const scoredOf = (evaluation: Evaluation): Scored => ({ ...scoresOf(evaluation), season: evaluation.season });

/** The most important scores: the model in the first column, then each rule. */
export interface ScoreTable {
  /** Of the other columns. */
  rules: Omit<Rule, 'mae'>[];
  rows: Score[];
}

export interface Score {
  name: 'RMSE' | 'MAE' | 'MAPE' | 'MASE';
  unit: string;
  /** By column. Null if undefined, see ForecastMetrics. */
  values: (number | null)[];
  /** The columns that are best. */
  best: number[];
}

const SCORES: readonly {
  name: Score['name'];
  of: (metrics: ForecastMetrics) => number | null;
  unit: string;
}[] = [
  { name: 'RMSE', of: (m) => m.rmse, unit: '' },
  { name: 'MAE', of: (m) => m.mae, unit: '' },
  { name: 'MAPE', of: (m) => m.mape, unit: '%' },
  { name: 'MASE', of: (m) => m.mase, unit: '' },
];

/** @param scored undefined before anything is scored: all cells are unknown. */
export function compareScores(scored: Scored | undefined): ScoreTable {
  const rules = scored && rulesOf(scored.baselines, scored.season);
  const columns = rules ? [scored.metrics, ...rules.map(({ score }) => score)] : [null, null];
  return {
    rules: rules ? rules.map(({ name, season }) => ({ name, season })) : [{ name: 'naive', season: 1 }],
    rows: SCORES.map(({ name, of, unit }) => {
      const values = columns.map((metrics) => metrics && of(metrics));
      return { name, unit, values, best: bestPlaces(values) };
    }),
  };
}

/** The model's mean absolute error compared with those of the rules. */
export function verdictOn({ metrics, baselines, season }: Scored): Verdict {
  const rules = rulesOf(baselines, season).map(({ score, ...rule }) => ({ ...rule, mae: score.mae }));
  return verdictOf(metrics.mae, rules);
}
