import type { ForecastResult } from '../recipe/plan.ts';
import { toCsv } from './csv.ts';
import type { ForecastLines } from './forecast_lines.ts';

/** A forecast after the end of a series. */
export interface Ahead extends Pick<ForecastLines, 'interval' | 'quantiles'> {
  predicted: readonly number[];
  /** Of the steps ahead; undefined if the file has no dates, or no usual step between them. */
  dates: readonly string[] | undefined;
}

/** A forecast as lists. */
export interface PlainForecast extends Ahead {
  id: string | undefined;
}

/** The result of `forecast` as lists. */
export const plainResult = (
  { id, predicted, low, high, level }: ForecastResult,
  dates: readonly string[] | undefined,
): PlainForecast => ({
  ...{ id, predicted: [...predicted], dates, quantiles: [] },
  interval: { level, low: [...low], high: [...high] },
});

/** The lines of a chart of a forecast. @param rows of the series before it. */
export const aheadLines = ({ predicted, dates, interval, quantiles }: Ahead, rows: number): ForecastLines => ({
  ...{ firstRow: rows, predicted: [], future: predicted, futureDates: dates, rules: [], quantiles, interval },
});

/** Forecasts as CSV, one line per value: the series if there are several, the step ahead, the date if there is one. */
export function forecastsCsv(forecasts: readonly PlainForecast[]): string {
  const [{ id, interval, quantiles }] = forecasts as [PlainForecast];
  const hasDates = forecasts.some(({ dates }) => dates);
  const header = [
    ...(id === undefined ? [] : ['series']),
    ...['step', ...(hasDates ? ['date'] : []), 'predicted', ...(interval ? ['low', 'high'] : [])],
    ...quantiles.map(({ level }) => `q${level}`),
  ];
  const rows = forecasts.flatMap(({ id, predicted, dates, interval, quantiles }) =>
    predicted.map((value, k) => [
      ...(id === undefined ? [] : [id]),
      ...[k + 1, ...(hasDates ? [dates?.[k] ?? ''] : []), value],
      ...(interval ? [interval.low[k]!, interval.high[k]!] : []),
      ...quantiles.map(({ values }) => values[k]!),
    ]),
  );
  return toCsv(header, rows);
}
