export interface PredictionColumns {
  /** [rows], as they stand in the file. Undefined: the file has none, and so has the CSV. */
  dates: readonly string[] | undefined;
  /** [rows] */
  values: Float64Array;
  /** Row of the first prediction, from 0. */
  firstRow: number;
  /** [test rows] */
  predicted: Float64Array;
  /** [test rows] */
  naive: Float64Array;
  /** [rows ahead]: forecasts beyond the last row. */
  future: Float64Array;
}

/**
 * The test part as CSV, a row each, as the command's --predictions-out: rows count from 1 over those that were used; the
 * date only where the file has dates. Rows beyond the end follow, with a forecast and nothing to hold it against.
 */
export function predictionsCsv(columns: PredictionColumns): string {
  const { dates, values, firstRow, predicted, naive, future } = columns;
  const line = (row: number, actual: number | '', forecast: number, guess: number | '') =>
    [row + 1, ...(dates ? [dates[row] ?? ''] : []), actual, forecast, guess].map(cellOf).join(',');
  const tested = Array.from(predicted, (forecast, k) => line(firstRow + k, values[firstRow + k]!, forecast, naive[k]!));
  const ahead = Array.from(future, (forecast, k) => line(values.length + k, '', forecast, ''));
  const header = ['row', ...(dates ? ['date'] : []), 'actual', 'predicted', 'naive'].join(',');
  return [header, ...tested, ...ahead].map((text) => `${text}\n`).join('');
}

/** A cell, quoted where it must be (RFC 4180). Numbers keep all their digits. */
function cellOf(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
