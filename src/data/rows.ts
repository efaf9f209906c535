import { ConfigError, DataError } from '../errors.ts';
import { cutCells } from './cells.ts';
import { countsOf } from './counts.ts';
import { readNumber } from './numbers.ts';

/** The cells of a file, not interpreted yet. */
export interface CsvRows {
  /** Without blank rows. */
  rows: string[][];
  /** Line of each row in the file, from 1. */
  lines: ArrayLike<number>;
  delimiter: string;
}

/** In this order, because only commas also occur in numbers. */
const DELIMITERS = [';', '\t', '|', ','];

/** Number of rows used to detect the delimiter. */
const PREVIEW_ROWS = 100;

/**
 * Splits text into rows of cells.
 * @param delimiter default: Excel's `sep=` line, otherwise detected.
 * @param skip lines at the top to ignore.
 * @throws DataError if the text is empty, or has an open quote.
 * @throws ConfigError for an invalid delimiter.
 */
export function splitCsv(text: string, delimiter?: string, skip = 0): CsvRows {
  const { body, declared } = cleanText(text, skip);
  const separator = delimiter ?? declared ?? guessDelimiter(body);
  if (/^$|[\r\n"\ufeff]/.test(separator))
    throw new ConfigError(`delimiter: got ${JSON.stringify(separator)}, expected a character such as ',' or ';'.`);
  const { rows, lines } = splitRows(body, separator);
  if (rows.length === 0)
    throw new DataError('CSV: the file is empty, expected a header and rows of numbers.', { code: 'csv-empty' });
  return { rows, lines, delimiter: separator };
}

/** Normalizes line ends; skipped lines, including Excel's `sep=;`, are kept as empty ones for line numbers. */
function cleanText(text: string, skip: number): { body: string; declared: string | undefined } {
  let body = text.replace(/\r\n?/g, '\n');
  let at = 0;
  for (let line = 0; line < skip && at < body.length; line++) at = body.indexOf('\n', at) + 1 || body.length;
  if (skip > 0) body = '\n'.repeat(skip) + body.slice(at);
  const declared = /^sep=(.)(?=\n)/i.exec(body);
  return declared ? { body: body.slice(declared[0].length), declared: declared[1] } : { body, declared: undefined };
}

/** Rows that are not blank, with their line numbers. @throws DataError for an open quote. */
function splitRows(
  text: string,
  delimiter: string,
  maxRows?: number,
): Omit<CsvRows, 'delimiter'> & { isBroken: boolean } {
  const cut = cutCells(text, delimiter, maxRows);
  const { rows } = cut;
  const lines = new Uint32Array(rows.length);
  let count = 0;
  const hasQuotes = text.includes('"');
  let line = 1;
  for (const [k, row] of rows.entries()) {
    if (k === cut.brokenRow && maxRows === undefined)
      throw new DataError(`CSV row ${line}: a quoted cell is not closed. Double any quotes inside of it ("").`, {
        code: 'csv-open-quote',
        details: { row: line },
      });
    if (row.some((cell) => cell.trim() !== '')) {
      rows[count] = row;
      lines[count++] = line;
    }
    line++;
    if (hasQuotes) line += row.reduce((n, cell) => n + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0);
  }
  rows.length = count;
  return { rows, lines, isBroken: cut.brokenRow !== undefined };
}

/**
 * The first delimiter that splits every row into the same number of cells, at least 2; otherwise the one that splits most rows
 * alike.
 */
function guessDelimiter(text: string): string {
  let best = { delimiter: ',', share: 0 };
  for (const delimiter of DELIMITERS) {
    const { rows, isBroken } = splitRows(text, delimiter, PREVIEW_ROWS);
    if (isBroken) continue;
    const split = rows.filter(({ length, 0: first }) => length > 1 && !first!.startsWith('#'));
    const share = Math.max(0, ...countsOf(split.map(({ length }) => length)).values()) / rows.length;
    if (share > best.share) best = { delimiter, share };
  }
  const { rows } = splitRows(text, '\t', PREVIEW_ROWS);
  const [first, ...others] = rows.map((row) => row[0]!);
  // One column of decimal commas below a name: the comma splits every row but the first.
  if (best.delimiter === ',' && first && !first.includes(',') && others.length > 0)
    if (others.every((cell) => !Number.isNaN(readNumber(cell, ',')))) return '\t';
  return best.delimiter;
}
