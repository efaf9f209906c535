import type { BaselineName } from '../data/baselines.ts';
import type { ForecastMetrics } from '../data/metrics.ts';
import { type Comparison, type Rule, rulesOf, type Verdict, verdictOf } from '../data/verdict.ts';
import type { Evaluation } from '../forecast/evaluation.ts';
import type { Printer } from './command.ts';
import { integerFlag, numberFlag } from './flags.ts';

const intervalFlag = (needs: string) =>
  numberFlag(
    'a number above 0 and below 1, such as 0.9',
    (level) => level > 0 && level < 1,
    `Share of the rows that conformal intervals are to hold, such as 0.9; needs ${needs} (default: no intervals)`,
  );

/** What every command that trains and scores may be told. */
export const scoreFlags = {
  interval: intervalFlag('--validation'),
  season: integerFlag(
    { min: 0 },
    'Rows of a season, for the seasonal naive forecast; 0: there is none (default: guessed)',
  ),
};

/** The same for commands that read a model. */
export const modelScoreFlags = { ...scoreFlags, interval: intervalFlag('a model trained with --validation') };

/** How good a model was, and rules without one, on the same rows. */
export interface Scored {
  metrics: ForecastMetrics;
  baselines: Readonly<Partial<Record<BaselineName, ForecastMetrics>>>;
  /** Rows of a season; undefined: there is none. */
  season: number | undefined;
}

export const scoredOf = ({ metrics, baselines, season }: Evaluation): Scored => ({
  metrics,
  baselines: Object.fromEntries(Object.entries(baselines).map(([name, score]) => [name, score.metrics])),
  season,
});

/** The scores people look at. */
export interface ScoreTable {
  /** Who is scored: the model first, then the naive forecast, and the seasonal one where there is a season. */
  columns: string[];
  rows: Score[];
}

export interface Score {
  name: string;
  unit: string;
  /** By column. Null where it cannot be told, see ForecastMetrics. */
  values: (number | null)[];
}

export function compareScores({ metrics, baselines, season }: Scored): ScoreTable {
  const rules = rulesOf(baselines, season);
  const all = [metrics, ...rules.map(({ score }) => score)];
  const score = (name: string, of: (metrics: ForecastMetrics) => number | null, unit = ''): Score => ({
    name,
    unit,
    values: all.map(of),
  });
  return {
    columns: ['model', ...rules.map((rule) => (rule.season === 1 ? 'naive' : 'seasonal naive'))],
    rows: [
      score('RMSE', (m) => m.rmse),
      score('MAE', (m) => m.mae),
      score('MAPE', (m) => m.mape, ' %'),
      score('MASE', (m) => m.mase),
    ],
  };
}

/** Plain sentences: better or worse than the best rule without a model, and by how much; then, in short, than the other one. */
export function verdict({ metrics: { mae }, baselines, season }: Scored): string {
  const rules = rulesOf(baselines, season).map((rule) => ({ season: rule.season, mae: rule.score.mae }));
  const { others, ...first } = verdictOf(mae, rules);
  return [againstBest(first), ...others.map(besides)].join(' ');
}

const ruleName = ({ season }: Rule): string => (season === 1 ? 'the naive forecast' : 'the seasonal naive forecast');
const ruleMeaning = ({ season }: Rule): string => (season === 1 ? '(tomorrow = today)' : `(as ${season} rows before)`);
const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

function againstBest({ mae, rule, outcome, ratio }: Omit<Verdict, 'others'>): string {
  const name = `${ruleName(rule)} ${ruleMeaning(rule)}`;
  if (rule.mae === 0) {
    const rows = rule.season === 1 ? 'do not move' : `repeat themselves every ${rule.season} rows`;
    const model = mae === 0 ? 'nor does the model' : `the model misses by ${formatScore(mae)} on average`;
    return `The test rows ${rows}, so ${name} never misses; ${model}.`;
  }
  const misses = `it misses by ${formatScore(mae)} on average, ${ruleName(rule)} by ${formatScore(rule.mae)}`;
  if (outcome === 'unknown') return `The errors are too large to compare with ${name}.`;
  if (outcome === 'draw') return `As good as ${name}: ${misses}.`;
  if (outcome === 'better') return `Better than ${name}: ${misses}, so its error is ${percent(1 - ratio)} smaller.`;
  const more = ratio >= 2 ? `${times.format(ratio)} times as large` : `${percent(ratio - 1)} larger`;
  return `Worse than ${name}: ${misses}, so its error is ${more}.`;
}

const OUTCOMES = { better: 'better', draw: 'as good', worse: 'worse', unknown: 'not to be compared' } as const;

const besides = ({ rule, outcome }: Comparison): string =>
  `${capital(ruleName(rule))} ${ruleMeaning(rule)} misses by ${formatScore(rule.mae)}: the model is ${OUTCOMES[outcome]}.`;

const times = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

const significant = new Intl.NumberFormat('en', { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 4 significant digits, all of them before the point; powers of ten where they would drown in zeros. */
function formatScore(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-6 || size >= 1e15)) return value.toExponential(2);
  return (size < 1000 ? significant : whole).format(value);
}

export const cellOf = (value: number | null, unit = ''): string =>
  value === null ? '–' : `${formatScore(value)}${unit}`;

/** Columns of cells, the first one left-aligned. */
function inColumns(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name) => Math.max(14, name.length + 2));
  const line = ([first, ...cells]: readonly string[]) =>
    cells.reduce((text, cell, k) => text + cell.padStart(widths[k + 1]!), `  ${first!.padEnd(6)}`);
  return [header, ...rows].map(line).join('\n');
}

/** The scores as a table in letters. */
export const scoreTable = ({ columns, rows }: ScoreTable): string =>
  inColumns(
    ['', ...columns],
    rows.map(({ name, unit, values }) => [name, ...values.map((value) => cellOf(value, unit))]),
  );

/** One line for each number of rows ahead. */
const stepTable = ({ steps }: Evaluation): string =>
  inColumns(
    ['ahead', 'RMSE', 'MAE', 'naive RMSE'],
    steps.map(({ step, metrics: { rmse, mae, naiveRmse } }) => [
      String(step),
      ...[rmse, mae, naiveRmse].map((v) => cellOf(v)),
    ]),
  );

/** What the table leaves out, as a sentence. */
export function otherScores({ r2, directionalAccuracy, coverage }: ForecastMetrics, level: number | undefined): string {
  const parts = [
    ...(r2 === null ? [] : [`R² is ${r2.toFixed(4)}`]),
    ...(directionalAccuracy === null ? [] : [`the direction is right in ${percent(directionalAccuracy)} of the rows`]),
    ...(coverage === null ? [] : [`${percent(coverage)} of the rows lie in their intervals of ${percent(level!)}`]),
  ];
  const text = parts.join(', ');
  return text === '' ? '' : `${capital(text)}.`;
}

/** The scores of a test part for people. */
export function printEvaluation(evaluation: Evaluation, printer: Printer): void {
  const { actual, steps, metrics, interval } = evaluation;
  const scored = scoredOf(evaluation);
  printer.line(`\nTest scores over ${actual.length.toLocaleString('en')} rows, one row ahead:`);
  printer.line(scoreTable(compareScores(scored)));
  printer.line(otherScores(metrics, interval?.level));
  if (steps.length > 1) printer.line(`\nBy rows ahead:\n${stepTable(evaluation)}`);
  printer.line(`\n${verdict(scored)}`);
}

/** Scores for programs. */
export function scoreFields({ metrics, baselines, season }: Scored): object {
  const short = Object.entries(baselines).map(([name, { rmse, mae, mase }]) => [name, { rmse, mae, mase }]);
  return { ...metrics, season: season ?? null, baselines: Object.fromEntries(short) };
}

/** Of a model that forecasts several rows at once, also the scores of each. */
export function evaluationFields(evaluation: Evaluation): object {
  const { steps } = evaluation;
  const each = steps.map(({ step, metrics: { rmse, mae, naiveRmse } }) => ({ step, rmse, mae, naiveRmse }));
  return { ...scoreFields(scoredOf(evaluation)), ...(steps.length > 1 && { stepScores: each }) };
}
