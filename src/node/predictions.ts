import type { Evaluation, StepEvaluation } from '../forecast/evaluation.ts';
import { toCsv } from './output.ts';

/** Forecasts beside what happened, and whence they came. */
export interface Predictions {
  evaluation: Evaluation;
  /** Of a backtest, from 1. */
  fold?: number;
}

/**
 * Rows of the test part as CSV, which count from 1 over those that were used; the date only where the file has dates, the
 * number of rows ahead only where a model forecasts several at once, the spread over the members only for an ensemble.
 */
export function predictionsCsv(all: readonly Predictions[], dates: readonly string[] | undefined): string {
  const [{ evaluation, fold }] = all as [Predictions];
  const severalSteps = evaluation.steps.length > 1;
  const header = [
    ...(fold === undefined ? [] : ['fold']),
    'row',
    ...(dates ? ['date'] : []),
    ...(severalSteps ? ['step'] : []),
    ...['actual', 'predicted', 'naive'],
    ...(evaluation.interval ? ['low', 'high'] : []),
    ...evaluation.quantiles.map(({ level }) => `q${level}`),
  ];
  const rowsOf = (
    fold: number | undefined,
    { step, firstRow, actual, predicted, naive, interval, quantiles }: StepEvaluation,
  ) =>
    Array.from(actual, (value, k) => [
      ...(fold === undefined ? [] : [fold]),
      firstRow + k + 1,
      ...(dates ? [dates[firstRow + k]!] : []),
      ...(severalSteps ? [step] : []),
      ...[value, predicted[k]!, naive[k]!],
      ...(interval ? [interval.low[k]!, interval.high[k]!] : []),
      ...quantiles.map(({ values }) => values[k]!),
    ]);
  const rows = all.flatMap(({ fold, evaluation: { steps } }) => steps.flatMap((step) => rowsOf(fold, step)));
  return toCsv(header, rows);
}
