import { ConfigError, DataError } from '../errors.ts';
import { cutCells } from './cells.ts';
import { readNumber } from './numbers.ts';

/** The cells of a file, before anybody asks what they mean. */
export interface CsvRows {
  /** Blank rows left out; all of the same length. */
  rows: string[][];
  /** Line of each row in the file, from 1. */
  lines: number[];
  delimiter: string;
}

/** In this order: a comma may stand inside numbers, the others do not. */
const DELIMITERS = [';', '\t', '|', ','];

/** Rows that the delimiter is judged by. */
const PREVIEW_ROWS = 100;

/**
 * Splits CSV text into rows of cells.
 * @param delimiter default: Excel's `sep=` line, else found by trying.
 * @throws DataError when the text is empty, no CSV, has a row of another length, or an open quote.
 * @throws ConfigError for a delimiter that cannot be one.
 */
export function splitCsv(text: string, delimiter?: string): CsvRows {
  const { body, declared } = cleanText(text);
  const separator = delimiter ?? declared ?? guessDelimiter(body);
  if (/^$|[\r\n"\ufeff]/.test(separator))
    throw new ConfigError(`delimiter: got ${JSON.stringify(separator)}, expected a character such as ',' or ';'.`);
  const { rows, lines } = splitRows(body, separator);
  if (rows.length === 0)
    throw new DataError('CSV: the file is empty, expected a header and rows of numbers.', { code: 'csv-empty' });
  checkLengths(rows, lines, separator);
  return { rows, lines, delimiter: separator };
}

/** One kind of line end, no byte order mark, and Excel's `sep=;` line taken out (its line stays, empty, for the count). */
function cleanText(text: string): { body: string; declared: string | undefined } {
  if (text.startsWith('PK\u0003\u0004'))
    throw new DataError('CSV: got a zip archive or an Excel workbook, expected text. Save the sheet as CSV first.', {
      code: 'csv-not-text',
      details: { is: 'archive' },
    });
  if (/^\ufeff?\s*<(!doctype|html|\?xml)/i.test(text))
    throw new DataError('CSV: got a web page or XML, expected CSV. Is the address of the file right?', {
      code: 'csv-not-text',
      details: { is: 'page' },
    });
  const body = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  const declared = /^sep=(.)(?=\n)/i.exec(body);
  return declared ? { body: body.slice(declared[0].length), declared: declared[1] } : { body, declared: undefined };
}

/** Rows that are not blank, with their lines. @throws DataError for a quote that does not end. */
function splitRows(text: string, delimiter: string, maxRows?: number): Omit<CsvRows, 'delimiter'> {
  const cut = cutCells(text, delimiter, maxRows);
  const rows: string[][] = [];
  const lines: number[] = [];
  let line = 1;
  for (const [k, row] of cut.rows.entries()) {
    if (k === cut.brokenRow && maxRows === undefined)
      throw new DataError(
        `CSV row ${line}: a quote that does not end where its cell does. Write a quote within a cell twice ("").`,
        { code: 'csv-open-quote', details: { row: line } },
      );
    if (row.some((cell) => cell.trim() !== '')) {
      rows.push(row);
      lines.push(line);
    }
    line += 1 + row.reduce((n, cell) => n + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0);
  }
  return { rows, lines };
}

/** The first delimiter that splits every row into the same number of cells, at least 2; else the one that splits most rows alike. */
function guessDelimiter(text: string): string {
  let best = { delimiter: ',', share: 0 };
  for (const delimiter of DELIMITERS) {
    const { rows } = splitRows(text, delimiter, PREVIEW_ROWS);
    const counts = new Map<number, number>();
    for (const { length } of rows) if (length > 1) counts.set(length, (counts.get(length) ?? 0) + 1);
    const share = Math.max(0, ...counts.values()) / rows.length;
    if (share > best.share) best = { delimiter, share };
  }
  const { rows } = splitRows(text, '\t', PREVIEW_ROWS);
  const [first, ...others] = rows.map((row) => row[0]!);
  // One column of decimal commas below a name: the comma splits every row but the first.
  if (best.delimiter === ',' && first && !first.includes(',') && others.length > 0)
    if (others.every((cell) => !Number.isNaN(readNumber(cell, ',')))) return '\t';
  return best.delimiter;
}

/** Rows may end in more, empty cells, as some programs write them; they are cut off. */
function checkLengths(rows: string[][], lines: readonly number[], delimiter: string): void {
  const width = rows[0]!.length;
  for (const [k, row] of rows.entries()) {
    while (row.length > width && row.at(-1)!.trim() === '') row.pop();
    if (row.length === width) continue;
    const hint =
      delimiter === ',' && row.length > width
        ? 'If its numbers have decimal commas or grouped thousands, they need quotes, or ; between the cells.'
        : 'Check that row for a missing or an extra delimiter, and the file for lines that belong to no table.';
    throw new DataError(
      `CSV row ${lines[k]}: got ${row.length} cells, expected ${width} as in row ${lines[0]}, ` +
        `split at ${JSON.stringify(delimiter)}. ${hint}`,
      { code: 'csv-row-length', details: { row: lines[k]!, got: row.length, expected: width, delimiter } },
    );
  }
}
