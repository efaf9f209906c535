import type { ForecastResult } from '../recipe/plan.ts';
import { toCsv } from './csv.ts';
import type { ForecastLines } from './forecast_lines.ts';

/** What is forecast behind the end of a series. */
export interface Ahead extends Pick<ForecastLines, 'interval' | 'quantiles'> {
  predicted: readonly number[];
  /** Of the rows ahead; undefined where the file has none, or rows at any time. */
  dates: readonly string[] | undefined;
}

/** A forecast in lists. */
export interface PlainForecast extends Ahead {
  id: string | undefined;
}

/** A forecast without settings in lists. */
export const plainResult = (
  { id, predicted, low, high, level }: ForecastResult,
  dates: readonly string[] | undefined,
): PlainForecast => ({
  ...{ id, predicted: [...predicted], dates, quantiles: [] },
  interval: { level, low: [...low], high: [...high] },
});

/** What a chart draws of a forecast. @param rows of the series before it. */
export const aheadLines = ({ predicted, dates, interval, quantiles }: Ahead, rows: number): ForecastLines => ({
  ...{ firstRow: rows, predicted: [], future: predicted, futureDates: dates, rules: [], quantiles, interval },
});

/** Forecasts as CSV, a line a value: the series where they have ids, the number of rows ahead, the date where there is one. */
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
