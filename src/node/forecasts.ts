import type { SeriesForecast } from '../forecast/outlook.ts';
import { text } from '../kinds.ts';
import type { PlainForecast } from '../report/forecasts.ts';
import { numberFormats } from '../report/format.ts';
import { flag } from './flags.ts';
import { isSeveral, type SeriesFile } from './series_file.ts';

export function plainForecast(
  { id, predicted, quantiles, interval }: SeriesForecast,
  dates: string[] | undefined,
): PlainForecast {
  return {
    ...{ id, predicted: [...predicted], dates },
    quantiles: quantiles.map(({ level, values }) => ({ level, values: [...values] })),
    interval: interval && { level: interval.level, low: [...interval.low], high: [...interval.high] },
  };
}

/** The path for the page of a forecast. */
export const aheadChartFlag = flag(
  text('FILE'),
  'Write an HTML page with the end of the series, the forecast, and a table of its values',
);

const { value: show } = numberFormats('en', false);

/** One line per value, with the digits that people read; CSV and JSON have all. */
export const textLines = ({ id, predicted, dates, interval }: PlainForecast): string[] =>
  predicted.map((value, k) => {
    const before = [...(id === undefined ? [] : [id]), ...(dates ? [dates[k]!] : [])]
      .map((text) => `${text}  `)
      .join('');
    return `${before}${show(value)}${interval ? ` (${show(interval.low[k]!)} to ${show(interval.high[k]!)})` : ''}`;
  });

/** A forecast for programs; a list of them for several series. @param more further fields of each. */
export function eventFields(
  file: SeriesFile,
  forecasts: readonly PlainForecast[],
  more: readonly object[] = [],
): object {
  const fields = ({ id, predicted, dates, interval, quantiles }: PlainForecast, k: number) => ({
    ...(id !== undefined && { id }),
    ...{ predicted, ...(dates && { dates }), ...(interval && { interval }) },
    ...(quantiles.length > 0 && { quantiles }),
    ...more[k],
  });
  return isSeveral(file) ? { series: forecasts.map(fields) } : fields(forecasts[0]!, 0);
}
