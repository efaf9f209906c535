import type { BaselineName } from './baselines.ts';

/** The methods a model is compared with: the simple methods, and exponential smoothing. */
export type RuleName = BaselineName | 'ets';

/** A method without a network. */
export interface Rule {
  name: 'naive' | 'seasonalNaive' | 'ets';
  /** Rows per season; 1 means none. */
  season: number;
  /** Its mean absolute error. */
  mae: number;
}

/** A model compared with a rule, on the same rows. */
export interface Comparison {
  rule: Rule;
  /** 'unknown' if the errors overflow. */
  outcome: 'better' | 'draw' | 'worse' | 'unknown';
  /** The model's mean absolute error, as a multiple of the rule's; infinite if only the rule has no error. */
  ratio: number;
}

/** A model's error compared with that of the best rule; without any wording. */
export interface Verdict extends Comparison {
  /** The model's. */
  mae: number;
  /** Compared with the other rules. */
  others: Comparison[];
}

/** Closer than this to a rule is a draw. */
const DRAW = 0.005;

/**
 * The rules that a model is compared with: the naive forecast, the seasonal one if there is a season, and exponential smoothing
 * if it was scored.
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

/** @param mae the model's. @param rules at least one; in a tie, the first counts. */
export function verdictOf(mae: number, rules: readonly Rule[]): Verdict {
  const best = rules.reduce((least, rule) => (rule.mae < least.mae ? rule : least));
  const others = rules.filter((rule) => rule !== best).map((rule) => compare(mae, rule));
  return { ...compare(mae, best), mae, others };
}

function compare(mae: number, rule: Rule): Comparison {
  const ratio = mae === rule.mae && Number.isFinite(mae) ? 1 : mae / rule.mae; // also if both have no error
  if (Number.isNaN(ratio)) return { rule, ratio, outcome: 'unknown' };
  const outcome = Math.abs(ratio - 1) < DRAW ? 'draw' : ratio < 1 ? 'better' : 'worse';
  return { rule, ratio, outcome };
}

/** The indices of the smallest scores; none if all are equal. @param scores null: unknown. */
export function bestPlaces(scores: readonly (number | null)[]): number[] {
  const known = scores.filter((score) => score !== null);
  const least = Math.min(...known);
  if (known.every((score) => score === least)) return [];
  return scores.flatMap((score, place) => (score === least ? [place] : []));
}
