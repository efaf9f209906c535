import type { Comparison } from '../data/verdict.ts';
import type { Evaluation } from '../forecast/evaluation.ts';
import { english } from '../report/format.ts';
import { type Scored, scoredOf, verdictOn } from '../report/scores.ts';
import type { Printer } from './command.ts';
import { evaluationFields, inColumns, OUTCOMES, printEvaluation, verdict, whyNoEts } from './scores.ts';

/** The scores of a series; `id` is undefined where the file is one series. */
export interface SeriesScores {
  id: string | undefined;
  evaluation: Evaluation;
}

/** Most series in a table. */
const MOST_LISTED = 50;

const listed = <One>(all: readonly One[]): { some: readonly One[]; more: string } => {
  const more = all.length - MOST_LISTED;
  return { some: all.slice(0, MOST_LISTED), more: more > 0 ? `  and ${english.count(more)} more` : '' };
};

/** Prints the scores of a file. */
export function printScores(all: readonly SeriesScores[], printer: Printer): void {
  const [{ id, evaluation }] = all as [SeriesScores];
  whyNoEts(
    all.map((one) => one.evaluation),
    printer,
  );
  if (id === undefined) {
    printEvaluation(evaluation, printer);
    return;
  }
  printer.line(`\nTest scores of ${english.count(all.length)} series, one step ahead:`);
  printer.line(seriesTable(all.map(({ id, evaluation }) => ({ id: id!, scored: scoredOf(evaluation) }))));
  printer.line(`\n${verdictOnAll(all)}`);
}

/** Scores of several series, one per line. */
export function seriesTable(all: readonly { id: string; scored: Scored }[]): string {
  const { some, more } = listed(all);
  const rows = some.map(({ id, scored }) => {
    const { metrics, baselines } = scored;
    const maes = [metrics.mae, metrics.naiveMae, baselines.seasonalNaive?.mae ?? null, baselines.ets?.mae ?? null];
    const { outcome } = verdictOn(scored);
    return [id, ...maes.map((mae) => english.cell(mae)), english.cell(metrics.mase), OUTCOMES[outcome]];
  });
  const table = inColumns(['', 'MAE', 'naive', 'seasonal naive', 'ETS', 'MASE', 'the model is'], rows);
  return more ? `${table}\n${more}` : table;
}

/** A sentence: better or worse than rules without a model; of several series, for how many. */
export function verdictOnAll(all: readonly SeriesScores[]): string {
  const scored = all.map(({ evaluation }) => scoredOf(evaluation));
  return all[0]!.id === undefined ? verdict(scored[0]!) : verdictOnSeries(scored);
}

/** For how many series a model is better than rules without one, and by how much over all. */
export function verdictOnSeries(all: readonly Scored[]): string {
  const verdicts = all.map(verdictOn);
  const count = (of: Comparison['outcome']) => verdicts.filter(({ outcome }) => outcome === of).length;
  const counts = [
    ...(count('draw') > 0 ? [`as good for ${english.count(count('draw'))}`] : []),
    `worse for ${english.count(count('worse'))}`,
    ...(count('unknown') > 0 ? [`not comparable for ${english.count(count('unknown'))}`] : []),
  ];
  const { mean, series } = meanRatio(verdicts.map(({ ratio }) => ratio));
  const size =
    series === 0
      ? ''
      : ` Over ${series === all.length ? 'all' : english.count(series)} of them its error is ` +
        `${mean < 1 ? `${english.percent(1 - mean)} smaller` : mean < 2 ? `${english.percent(mean - 1)} larger` : `${english.times(mean)} times as large`}` +
        ' (geometric mean).';
  return (
    `Better than the best rule without a model for ${english.count(count('better'))} of ${english.count(all.length)} series, ` +
    `${counts.join(', ')}.${size}`
  );
}

/** The geometric mean of the ratios that have a logarithm. */
function meanRatio(ratios: readonly number[]): { mean: number; series: number } {
  const known = ratios.filter((ratio) => ratio > 0 && Number.isFinite(ratio));
  const sum = known.reduce((total, ratio) => total + Math.log(ratio), 0);
  return { mean: Math.exp(sum / known.length), series: known.length };
}

/** Scores for programs; of several series a list of them. */
export function scoresFields(all: readonly SeriesScores[]): object {
  const [{ id, evaluation }] = all as [SeriesScores];
  if (id === undefined) return { ...evaluationFields(evaluation), testRows: evaluation.actual.length };
  return {
    series: all.map(({ id, evaluation }) => ({
      ...{ id, testRows: evaluation.actual.length },
      ...evaluationFields(evaluation),
    })),
  };
}
