export interface PredictionColumns {
  /** [rows], as they stand in the file. Undefined: the file has none, and the column stays empty. */
  dates: readonly string[] | undefined;
  /** [rows] */
  values: ArrayLike<number>;
  /** Row of the first prediction, from 0. */
  firstRow: number;
  /** [test rows] */
  predicted: ArrayLike<number>;
  /** [test rows] */
  naive: ArrayLike<number>;
  /** [rows ahead]: forecasts beyond the last row. */
  future: ArrayLike<number>;
}

/**
 * The test part as CSV, a row each, as the command's --predictions-out: rows count from 1 over those that were used.
 * Rows beyond the end follow, with a forecast and nothing to hold it against.
 */
export function predictionsCsv(columns: PredictionColumns): string {
  const { dates, values, firstRow, predicted, naive, future } = columns;
  const line = (row: number, actual: number | '', forecast: number, guess: number | '') =>
    [row + 1, dates?.[row] ?? '', actual, forecast, guess].map(cellOf).join(',');
  const tested = Array.from(predicted, (forecast, k) => line(firstRow + k, values[firstRow + k]!, forecast, naive[k]!));
  const ahead = Array.from(future, (forecast, k) => line(values.length + k, '', forecast, ''));
  return ['row,date,actual,predicted,naive', ...tested, ...ahead].map((text) => `${text}\n`).join('');
}

/** A cell, quoted where it must be (RFC 4180). Numbers keep all their digits. */
function cellOf(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
