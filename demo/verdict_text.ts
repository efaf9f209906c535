import type { Verdict } from '../src/data/verdict.ts';
import type { Texts } from './texts/en.ts';

/** How the page writes numbers. */
export interface NumberFormats {
  score: (value: number) => string;
  percent: (share: number) => string;
}

/** What a guess that looks `season` rows back is called. */
export const guessName = (t: Texts, season: number): string => (season === 1 ? t.naive : t.seasonalNaive(season));

/** A verdict as one plain sentence in the page's language. */
export function verdictText({ mae, rule, outcome, ratio }: Verdict, t: Texts, format: NumberFormats): string {
  if (rule.mae === 0) {
    const model = mae === 0 ? t.verdictAlsoNever : t.verdictMisses(format.score(mae));
    return (rule.season === 1 ? t.verdictFlat : t.verdictRepeats(rule.season)) + model;
  }
  const sizes = t.verdictSizes(format.score(mae), guessName(t, rule.season), format.score(rule.mae));
  if (outcome === 'unknown') return t.verdictUnknown;
  if (outcome === 'draw') return t.verdictDraw(sizes);
  if (outcome === 'better') return t.verdictBetter(sizes, format.percent(1 - ratio));
  if (ratio >= 2) return t.verdictMuchWorse(sizes, format.score(ratio));
  return t.verdictWorse(sizes, format.percent(ratio - 1));
}
