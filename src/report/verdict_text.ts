import type { Rule, Verdict } from '../data/verdict.ts';
import type { NumberFormats } from './format.ts';

/** A rule, without its errors. */
export type NamedRule = Pick<Rule, 'name' | 'season'>;

/** Names of rules. */
interface RuleWords {
  naive: string;
  seasonalNaive: (season: number) => string;
  ets: string;
}

/** The words of a verdict in one language; numbers are already text. `best`: the best rule. */
export interface VerdictWords extends RuleWords {
  /** The rule is never wrong; a sentence about the model follows. */
  verdictFlat: string;
  verdictRepeats: (season: number) => string;
  verdictSmooth: string;
  verdictMisses: (mae: string) => string;
  verdictAlsoNever: string;
  verdictUnknown: (best: NamedRule) => string;
  /** Both errors, for the sentences that follow. */
  verdictSizes: (mae: string, rule: string, ruleMae: string) => string;
  verdictDraw: (sizes: string, best: NamedRule) => string;
  verdictBetter: (sizes: string, percent: string, best: NamedRule) => string;
  verdictWorse: (sizes: string, percent: string, best: NamedRule) => string;
  verdictMuchWorse: (sizes: string, times: string, best: NamedRule) => string;
}

/** The name of a rule. */
export const ruleName = (words: RuleWords, { name, season }: NamedRule): string =>
  name === 'seasonalNaive' ? words.seasonalNaive(season) : words[name];

/** One sentence: better or worse than the best rule without a model, and by how much. */
export function verdictText(
  { mae, rule, outcome, ratio }: Omit<Verdict, 'others'>,
  words: VerdictWords,
  format: Pick<NumberFormats, 'score' | 'percent' | 'times'>,
): string {
  if (rule.mae === 0) {
    const model = mae === 0 ? words.verdictAlsoNever : words.verdictMisses(format.score(mae));
    return neverWrong(rule, words) + model;
  }
  if (outcome === 'unknown') return words.verdictUnknown(rule);
  const sizes = words.verdictSizes(format.score(mae), ruleName(words, rule), format.score(rule.mae));
  if (outcome === 'draw') return words.verdictDraw(sizes, rule);
  if (outcome === 'better') return words.verdictBetter(sizes, format.percent(1 - ratio), rule);
  if (ratio >= 2) return words.verdictMuchWorse(sizes, format.times(ratio), rule);
  return words.verdictWorse(sizes, format.percent(ratio - 1), rule);
}

function neverWrong({ name, season }: NamedRule, words: VerdictWords): string {
  if (name === 'ets') return words.verdictSmooth;
  return name === 'naive' ? words.verdictFlat : words.verdictRepeats(season);
}
