import type { Evaluation, StepEvaluation } from '../forecast/evaluation.ts';
import { toCsv } from './csv.ts';

/** Forecasts with the actual values, and their series and fold. */
export interface Predictions {
  evaluation: Evaluation;
  /** If there are several series. */
  id?: string | undefined;
  /** Of a backtest, from 1. */
  fold?: number;
  /** [rows], and if known those of the rows after them. */
  dates: readonly string[] | undefined;
}

/**
 * Rows of the test set as CSV, numbered from 1 over the rows that were used. It has the date only if the file has dates, the step
 * ahead only if a model forecasts several at once, and the spread over the members only for an ensemble.
 * @param future forecasts of the rows after the test set, without actual values. Default none.
 */
export function predictionsCsv(all: readonly Predictions[], future: ArrayLike<number> = []): string {
  const [{ evaluation, fold, id, dates }] = all as [Predictions];
  const severalSteps = evaluation.steps.length > 1;
  const bounds = [
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
    ...bounds,
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
    ...bounds.map(() => ''),
  ]);
  return toCsv(header, [...rows, ...ahead]);
}
