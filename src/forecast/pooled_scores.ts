import type { ForecastMetrics } from '../data/metrics.ts';
import type { RuleName } from '../data/verdict.ts';

/** The scores of a model, and of simple methods on the same rows. */
export interface PooledScores {
  metrics: ForecastMetrics;
  baselines: Readonly<Partial<Record<RuleName, ForecastMetrics>>>;
}

interface ScoredStep extends Pick<PooledScores, 'metrics'> {
  baselines: Readonly<Partial<Record<RuleName, Pick<PooledScores, 'metrics'>>>>;
}

/** The scores of a step, without its rows. */
export const scoresOf = ({ metrics, baselines }: ScoredStep): PooledScores => ({
  metrics,
  baselines: Object.fromEntries(Object.entries(baselines).map(([name, score]) => [name, score.metrics])),
});
