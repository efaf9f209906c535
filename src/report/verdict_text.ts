import type { Verdict } from '../data/verdict.ts';
import type { NumberFormats } from './format.ts';

/** A verdict's words in one language, for numbers that are written already. `season`: rows that the best rule looks back. */
export interface VerdictWords {
  naive: string;
  seasonalNaive: (season: number) => string;
  /** The rule is never wrong; then what the model is. */
  verdictFlat: string;
  verdictRepeats: (season: number) => string;
  verdictMisses: (mae: string) => string;
  verdictAlsoNever: string;
  verdictUnknown: (season: number) => string;
  /** Both errors, for the sentences that follow. */
  verdictSizes: (mae: string, rule: string, ruleMae: string) => string;
  verdictDraw: (sizes: string, season: number) => string;
  verdictBetter: (sizes: string, percent: string, season: number) => string;
  verdictWorse: (sizes: string, percent: string, season: number) => string;
  verdictMuchWorse: (sizes: string, times: string, season: number) => string;
}

/** What a rule that looks `season` rows back is called. */
export const ruleName = (words: Pick<VerdictWords, 'naive' | 'seasonalNaive'>, season: number): string =>
  season === 1 ? words.naive : words.seasonalNaive(season);

/** One plain sentence: better or worse than the best rule without a model, and by how much. */
export function verdictText(
  { mae, rule, outcome, ratio }: Omit<Verdict, 'others'>,
  words: VerdictWords,
  format: Pick<NumberFormats, 'score' | 'percent' | 'times'>,
): string {
  const { season } = rule;
  if (rule.mae === 0) {
    const model = mae === 0 ? words.verdictAlsoNever : words.verdictMisses(format.score(mae));
    return (season === 1 ? words.verdictFlat : words.verdictRepeats(season)) + model;
  }
  if (outcome === 'unknown') return words.verdictUnknown(season);
  const sizes = words.verdictSizes(format.score(mae), ruleName(words, season), format.score(rule.mae));
  if (outcome === 'draw') return words.verdictDraw(sizes, season);
  if (outcome === 'better') return words.verdictBetter(sizes, format.percent(1 - ratio), season);
  if (ratio >= 2) return words.verdictMuchWorse(sizes, format.times(ratio), season);
  return words.verdictWorse(sizes, format.percent(ratio - 1), season);
}
