import type { BaselineName } from './baselines.ts';

/** What a model is scored beside: the simple methods, and exponential smoothing. */
export type RuleName = BaselineName | 'ets';

/** A forecast without a network. */
export interface Rule {
  name: 'naive' | 'seasonalNaive' | 'ets';
  /** Rows of its season; 1: none. */
  season: number;
  /** Its mean absolute error. */
  mae: number;
}

/** How a model did beside a rule, on the same rows. */
export interface Comparison {
  rule: Rule;
  /** 'unknown' where the errors are too large for a number. */
  outcome: 'better' | 'draw' | 'worse' | 'unknown';
  /** The model's mean absolute error, as a multiple of the rule's; infinite where only the rule is never wrong. */
  ratio: number;
}

/** What a model's error means, beside that of the best rule; words are the business of whoever shows it. */
export interface Verdict extends Comparison {
  /** The model's. */
  mae: number;
  /** Beside the other rules. */
  others: Comparison[];
}

/** Closer than this to a rule is a draw. */
const DRAW = 0.005;

/**
 * The rules that a model is held against: the naive forecast, where there is a season the seasonal one, and exponential smoothing
 * where it was scored.
 * @param season in rows; undefined: there is none.
 */
export function rulesOf<Score>(
  { naive, seasonalNaive, ets }: Readonly<Partial<Record<RuleName, Score>>>,
  season = 1,
): (Omit<Rule, 'mae'> & { score: Score })[] {
  return [
    ...(naive === undefined ? [] : [{ name: 'naive' as const, season: 1, score: naive }]),
    ...(season > 1 && seasonalNaive !== undefined
      ? [{ name: 'seasonalNaive' as const, season, score: seasonalNaive }]
      : []),
    ...(ets === undefined ? [] : [{ name: 'ets' as const, season: Math.max(1, season), score: ets }]),
  ];
}

/** @param mae the model's. @param rules at least one; of several with the same error the first counts. */
export function verdictOf(mae: number, rules: readonly Rule[]): Verdict {
  const best = rules.reduce((least, rule) => (rule.mae < least.mae ? rule : least));
  const others = rules.filter((rule) => rule !== best).map((rule) => compare(mae, rule));
  return { ...compare(mae, best), mae, others };
}

function compare(mae: number, rule: Rule): Comparison {
  const ratio = mae === rule.mae && Number.isFinite(mae) ? 1 : mae / rule.mae; // also of two that are never wrong
  if (Number.isNaN(ratio)) return { rule, ratio, outcome: 'unknown' };
  const outcome = Math.abs(ratio - 1) < DRAW ? 'draw' : ratio < 1 ? 'better' : 'worse';
  return { rule, ratio, outcome };
}

/** The places of the smallest of a row of scores; none where there is nothing to choose. @param scores null: unknown. */
export function bestPlaces(scores: readonly (number | null)[]): number[] {
  const known = scores.filter((score) => score !== null);
  const least = Math.min(...known);
  if (known.every((score) => score === least)) return [];
  return scores.flatMap((score, place) => (score === least ? [place] : []));
}
