import type { Evaluation, StepEvaluation } from '../forecast/evaluation.ts';
import { toCsv } from './csv.ts';

/** Forecasts beside what happened, and whence they came. */
export interface Predictions {
  evaluation: Evaluation;
  /** Of several series. */
  id?: string | undefined;
  /** Of a backtest, from 1. */
  fold?: number;
  /** [rows], and where they are known those of the rows behind them. */
  dates: readonly string[] | undefined;
}

/**
 * Rows of the test part as CSV, which count from 1 over those that were used; the date only where the file has dates, the
 * number of rows ahead only where a model forecasts several at once, the spread over the members only for an ensemble.
 * @param future forecasts of the rows behind the test part, which nothing can be held against. Default none.
 */
export function predictionsCsv(all: readonly Predictions[], future: ArrayLike<number> = []): string {
  const [{ evaluation, fold, id, dates }] = all as [Predictions];
  const severalSteps = evaluation.steps.length > 1;
  const behind = [
    ...(evaluation.interval ? ['low', 'high'] : []),
    ...evaluation.quantiles.map(({ level }) => `q${level}`),
  ];
  const header = [
    ...(id === undefined ? [] : ['series']),
    ...(fold === undefined ? [] : ['fold']),
    'row',
    ...(dates ? ['date'] : []),
    ...(severalSteps ? ['step'] : []),
    ...['actual', 'predicted', 'naive'],
    ...behind,
  ];
  const rowsOf = (
    { id, fold, dates }: Predictions,
    { step, rows, actual, predicted, naive, interval, quantiles }: StepEvaluation,
  ) =>
    Array.from(actual, (value, k) => [
      ...(id === undefined ? [] : [id]),
      ...(fold === undefined ? [] : [fold]),
      rows[k]! + 1,
      ...(dates ? [dates[rows[k]!]!] : []),
      ...(severalSteps ? [step] : []),
      ...[value, predicted[k]!, naive[k]!],
      ...(interval ? [interval.low[k]!, interval.high[k]!] : []),
      ...quantiles.map(({ values }) => values[k]!),
    ]);
  const rows = all.flatMap((one) => one.evaluation.steps.flatMap((step) => rowsOf(one, step)));
  const end = evaluation.steps.at(-1)!.rows.at(-1)! + 1;
  const ahead = Array.from(future, (value, k) => [
    ...(id === undefined ? [] : ['']),
    ...(fold === undefined ? [] : ['']),
    end + k + 1,
    ...(dates ? [dates[end + k] ?? ''] : []),
    ...(severalSteps ? [k + 1] : []),
    ...['', value, ''],
    ...behind.map(() => ''),
  ]);
  return toCsv(header, [...rows, ...ahead]);
}
