import type { ForecastMetrics } from '../data/metrics.ts';
import type { Comparison, RuleName } from '../data/verdict.ts';
import type { Evaluation } from '../forecast/evaluation.ts';
import { type PooledScores, scoresOf } from '../forecast/pooled_scores.ts';
import { integer, number } from '../kinds.ts';
import { english } from '../report/format.ts';
import { compareScores, type Scored, type ScoreTable, scoredOf, verdictOn } from '../report/scores.ts';
import { type NamedRule, ruleName, type VerdictWords, verdictText } from '../report/verdict_text.ts';
import type { Printer } from './command.ts';
import { flag } from './flags.ts';

const intervalFlag = (needs: string) =>
  flag(
    number({ above: 0, below: 1 }),
    `Target coverage of the conformal prediction intervals, such as 0.9; needs ${needs} (default: no intervals)`,
  );

/** Flags of every command that trains and scores. */
export const scoreFlags = {
  interval: intervalFlag('--validation'),
  season: flag(integer(0), 'Rows per season, for the seasonal naive forecast; 0: none (default: estimated)'),
};

/** The same for commands that read a model. */
export const modelScoreFlags = { ...scoreFlags, interval: intervalFlag('a model trained with --validation') };

const RULES = {
  naive: 'the naive forecast',
  seasonalNaive: () => 'the seasonal naive forecast',
  ets: 'exponential smoothing',
};

/** The name of a rule, with its meaning. */
const ruleOf = ({ name, season }: NamedRule): string => {
  const meanings = { naive: 'tomorrow = today', seasonalNaive: `same as ${season} rows earlier`, ets: 'ETS' };
  return `${ruleName(RULES, { name, season })} (${meanings[name]})`;
};

const WORDS: VerdictWords = {
  ...RULES,
  verdictFlat: `The test set is constant, so ${ruleOf({ name: 'naive', season: 1 })} is always right; `,
  verdictRepeats: (season) =>
    `The test set repeats every ${season} rows, so ${ruleOf({ name: 'seasonalNaive', season })} is always right; `,
  verdictSmooth: `On the test set ${ruleOf({ name: 'ets', season: 1 })} is always right; `,
  verdictMisses: (mae) => `the average error of the model is ${mae}.`,
  verdictAlsoNever: 'so is the model.',
  verdictUnknown: (best) => `The errors are too large to compare with ${ruleOf(best)}.`,
  verdictSizes: (mae, _, ruleMae) => `average error ${mae} vs. ${ruleMae}`,
  verdictDraw: (sizes, best) => `As good as ${ruleOf(best)}: ${sizes}.`,
  verdictBetter: (sizes, percent, best) => `Better than ${ruleOf(best)}: ${sizes} (${percent} smaller).`,
  verdictWorse: (sizes, percent, best) => `Worse than ${ruleOf(best)}: ${sizes} (${percent} larger).`,
  verdictMuchWorse: (sizes, times, best) => `Worse than ${ruleOf(best)}: ${sizes} (${times} times as large).`,
};

export const OUTCOMES = { better: 'better', draw: 'as good', worse: 'worse', unknown: 'not comparable' } as const;

const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

const besides = ({ rule, outcome }: Comparison): string =>
  `${capital(ruleOf(rule))} has an average error of ${english.score(rule.mae)}: the model is ${OUTCOMES[outcome]}.`;

/** Sentences: better or worse than the best rule without a model, and by how much; then, briefly, than the other rules. */
export function verdict(scored: Scored): string {
  const { others, ...first } = verdictOn(scored);
  return [verdictText(first, WORDS, english), ...others.map(besides)].join(' ');
}

/** Names of rules above a column of their errors. */
const RULE_NAMES: Readonly<Record<RuleName, string>> = {
  naive: 'naive',
  seasonalNaive: 'seasonal naive',
  drift: 'drift',
  movingAverage: 'moving average',
  ets: 'ETS',
};

/** The model and the rules of a table. */
export const scoreColumns = ({ rules }: ScoreTable): string[] => [
  'model',
  ...rules.map(({ name }) => RULE_NAMES[name]),
];

/** Columns of cells; the first is left-aligned. */
export function inColumns(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const longest = (k: number) => Math.max(...[header, ...rows].map((cells) => cells[k]!.length));
  const widths = header.map((_, k) => Math.max(14, longest(k) + 2));
  const own = Math.max(6, ...rows.map(([first]) => first!.length));
  const line = ([first, ...cells]: readonly string[]) =>
    cells.reduce((text, cell, k) => text + cell.padStart(widths[k + 1]!), `  ${first!.padEnd(own)}`);
  return [header, ...rows].map(line).join('\n');
}

/** The scores as a table of text. */
export const scoreTable = (table: ScoreTable): string =>
  inColumns(
    ['', ...scoreColumns(table)],
    table.rows.map(({ name, unit, values }) => [name, ...values.map((value) => english.cell(value, unit))]),
  );

/** Above {@link stepTable}. */
export const STEP_TITLE = 'By steps ahead; for rules without a model, the MAE:';

/** One line for each number of steps ahead: the errors of the model, and the MAE of each rule without one. */
export function stepTable(steps: readonly PooledScores[]): string {
  const rules = Object.keys(RULE_NAMES) as RuleName[];
  const known = rules.filter((name) => steps.some(({ baselines }) => baselines[name]));
  return inColumns(
    ['ahead', 'RMSE', 'MAE', ...known.map((name) => RULE_NAMES[name])],
    steps.map(({ metrics: { rmse, mae }, baselines }, k) => [
      String(k + 1),
      ...[rmse, mae, ...known.map((name) => baselines[name]?.mae ?? null)].map((value) => english.cell(value)),
    ]),
  );
}

/** What the table leaves out, as a sentence. */
export function otherScores({ r2, directionalAccuracy, coverage }: ForecastMetrics, level: number | undefined): string {
  const { percent } = english;
  const parts = [
    ...(r2 === null ? [] : [`R² is ${r2.toFixed(4)}`]),
    ...(directionalAccuracy === null ? [] : [`the direction is right in ${percent(directionalAccuracy)} of the rows`]),
    ...(coverage === null ? [] : [`${percent(coverage)} of the rows are inside the ${percent(level!)} intervals`]),
  ];
  const text = parts.join(', ');
  return text === '' ? '' : `${capital(text)}.`;
}

/** Most fits of exponential smoothing that a command makes: each takes up to a second. */
const MOST_SMOOTHED = 100;

/** Whether exponential smoothing is scored as well. @param numFits series, or folds of all of them. */
export const scoresEts = (numFits: number): boolean => numFits <= MOST_SMOOTHED;

/** Prints why exponential smoothing is missing from the scores of some series or folds. */
export function whyNoEts(all: readonly Pick<Evaluation, 'baselines'>[], printer: Printer): void {
  if (all.every(({ baselines }) => baselines.ets)) return;
  printer.note(
    scoresEts(all.length)
      ? 'Exponential smoothing (ETS) is scored only where there are rows before the scored ones, and none is a hole.'
      : `Exponential smoothing (ETS) is not scored: there are ${english.count(all.length)} series or folds, and the limit is ${MOST_SMOOTHED}.`,
  );
}

/** Prints the scores of a test set. */
export function printEvaluation(evaluation: Evaluation, printer: Printer): void {
  const { actual, steps, metrics, interval } = evaluation;
  const scored = scoredOf(evaluation);
  printer.line(`\nTest scores over ${english.count(actual.length)} rows, one step ahead:`);
  printer.line(scoreTable(compareScores(scored)));
  printer.line(otherScores(metrics, interval?.level));
  if (steps.length > 1) printer.line(`\n${STEP_TITLE}\n${stepTable(steps.map(scoresOf))}`);
  printer.line(`\n${verdict(scored)}`);
}

/** The main scores of rules without a model, by name. */
const scoresOfRules = (baselines: Readonly<Partial<Record<RuleName, { metrics: ForecastMetrics }>>>): object =>
  Object.fromEntries(
    Object.entries(baselines).map(([name, { metrics }]) => {
      const { rmse, mae, mase } = metrics;
      return [name, { rmse, mae, mase }];
    }),
  );

/** Scores for programs. */
export function scoreFields({ metrics, baselines, season }: Scored): object {
  const all = Object.entries(baselines).map(([name, own]) => [name, { metrics: own }] as const);
  return { ...metrics, season: season ?? null, baselines: scoresOfRules(Object.fromEntries(all)) };
}

/** Scores for programs; of a model that forecasts several steps at once, also those of each step. */
export function evaluationFields(evaluation: Evaluation): object {
  const { steps } = evaluation;
  const each = steps.map(({ step, metrics: { rmse, mae, mase, naiveRmse }, baselines }) => ({
    ...{ step, rmse, mae, mase, naiveRmse },
    baselines: scoresOfRules(baselines),
  }));
  return { ...scoreFields(scoredOf(evaluation)), ...(steps.length > 1 && { stepScores: each }) };
}
