import { DataError } from '../errors.ts';
import { checkOptions, notAChoice, type OptionNames } from '../options.ts';
import { readDates } from './dates.ts';
import { type DecimalMark, isMissing, type MarkEvidence, markEvidence, markOf, readNumber } from './numbers.ts';
import { splitCsv } from './rows.ts';

/** A column of a table: the cells as they stand in the file, and what they were read as. */
export interface Column {
  /** From the header, made unique (`Close`, `Close (2)`); `column 1`, `column 2`, ... where there is none. */
  name: string;
  /** Place in the file, from 0. */
  index: number;
  /** What at least half of the cells are, leaving out the missing ones. */
  kind: 'number' | 'date' | 'text';
  /** [rows] */
  cells: readonly string[];
  /** [rows], NaN where a cell is missing or of another kind. Dates in ms since 1970 (UTC). Empty for text. */
  values: Float64Array;
  /** The mark in front of the fraction; undefined unless the kind is 'number'. */
  decimal: DecimalMark | undefined;
  /** A cell such as `1.234` that two readings fit, where nothing in the file decided between them. */
  undecided: string | undefined;
}

/** A CSV file as read. */
export interface Table {
  /** In the order of the file. */
  columns: readonly Column[];
  numRows: number;
  /** [rows], the line of the file, from 1, header and blank lines counted. */
  lines: Uint32Array;
  delimiter: string;
  hasHeader: boolean;
}

/** How a CSV file is written. */
export interface CsvOptions {
  /** Default: found by trying `;`, tab, `|` and `,`. */
  delimiter?: string;
  /** Whether the first row holds names. Default: when it holds text, and hardly a number or a date. */
  header?: boolean;
  /** Default: decided from the cells, see {@link parseCsv}. */
  decimal?: DecimalMark;
}

/** The compiler asks for every option. */
export const CSV_OPTIONS: OptionNames<CsvOptions> = { delimiter: true, header: true, decimal: true };

/**
 * Reads CSV text into columns of numbers, dates and text.
 *
 * Decimal mark: the cells of a column decide together, never one alone. Cells that are a number in one reading only
 * (`0.5`, `1,234.5`; `0,5`, `1.234,5`) vote, the majority wins, and cells that do not fit it are no numbers. A column
 * without such a cell follows the votes of the whole file; without any vote, `;` as delimiter means decimal comma
 * (spreadsheets use it where the comma is taken), and any other decimal point. `1.234` alone is read by this rule.
 * @throws DataError when the text is empty, no CSV, has a row of another length, or an open quote.
 * @throws ConfigError for an option that it cannot have.
 */
export function parseCsv(text: string, options: CsvOptions = {}): Table {
  checkOptions('parseCsv', options, CSV_OPTIONS);
  return readTable(text, options);
}

/** As {@link parseCsv}, of options that have more in them. */
export function readTable(text: string, options: CsvOptions): Table {
  const { decimal } = options;
  if (decimal !== undefined && decimal !== '.' && decimal !== ',') throw notAChoice('decimal', decimal, ['.', ',']);
  const { rows, lines, delimiter } = splitCsv(text, options.delimiter);
  const hasHeader = options.header ?? isHeader(rows);
  const names = columnNames(hasHeader ? rows[0]! : rows[0]!.map(() => ''));
  const first = hasHeader ? 1 : 0;
  if (rows.length === first)
    throw new DataError('CSV: the file has a header but no rows below it.', { code: 'csv-no-rows' });
  const data = rows.slice(first);
  const cellsOf = (k: number) => data.map((row) => row[k]!);
  const columns = readColumns(names, cellsOf, decimal, delimiter);
  return { columns, numRows: data.length, lines: Uint32Array.from(lines.slice(first)), delimiter, hasHeader };
}

/** Text only, or text above numbers and dates in more columns than there are numbers and dates in the row itself. */
function isHeader([first, second]: readonly (readonly string[])[]): boolean {
  const isValue = (cell: string) => markEvidence([cell]).numbers === 1 || !Number.isNaN(readDates('', [cell])[0]!);
  const isText = (cell: string) => !isMissing(cell) && !isValue(cell);
  const numValues = first!.filter(isValue).length;
  if (numValues === 0) return first!.some(isText);
  return first!.filter((cell, k) => isText(cell) && second && isValue(second[k]!)).length > numValues;
}

function columnNames(header: readonly string[]): string[] {
  const taken = new Set<string>();
  const next = new Map<string, number>(); // of each base, so that 20,000 equal names are not counted through each time
  return header.map((cell, k) => {
    const base = cell.trim().replace(/\s+/g, ' ') || `column ${k + 1}`;
    let name = base;
    let n = next.get(base) ?? 2;
    for (; taken.has(name); n++) name = `${base} (${n})`;
    next.set(base, n);
    taken.add(name);
    return name;
  });
}

function readColumns(
  names: readonly string[],
  cellsOf: (column: number) => string[],
  forced: DecimalMark | undefined,
  delimiter: string,
): Column[] {
  const drafts = names.map((name, index) => {
    const cells = cellsOf(index);
    const present = cells.filter((cell) => !isMissing(cell));
    const enough = (n: number) => n > 0 && 2 * n >= present.length;
    const dates = readDates(name, cells, index === 0 && names.length > 1);
    const isDate = enough(dates.reduce((n, ms) => n + (Number.isNaN(ms) ? 0 : 1), 0));
    const evidence = isDate ? undefined : markEvidence(present);
    return { name, index, cells, dates, isDate, evidence: evidence && enough(evidence.numbers) ? evidence : undefined };
  });
  const sum = (side: 'point' | 'comma') => drafts.reduce((n, { evidence }) => n + (evidence?.[side] ?? 0), 0);
  const ofFile = markOf({ point: sum('point'), comma: sum('comma') });
  return drafts.map(({ name, index, cells, dates, isDate, evidence }) => {
    const column = { name, index, cells, decimal: undefined, undecided: undefined };
    if (isDate) return { ...column, kind: 'date', values: dates };
    if (!evidence) return { ...column, kind: 'text', values: new Float64Array(0) };
    return {
      ...column,
      kind: 'number',
      ...readNumbers(cells, evidence, forced ?? markOf(evidence) ?? ofFile, delimiter),
    };
  });
}

function readNumbers(
  cells: readonly string[],
  { ambiguous }: MarkEvidence,
  known: DecimalMark | undefined,
  delimiter: string,
): Pick<Column, 'values' | 'decimal' | 'undecided'> {
  const decimal = known ?? (delimiter === ';' ? ',' : '.');
  const values = Float64Array.from(cells, (cell) => readNumber(cell, decimal));
  return { values, decimal, undecided: known ? undefined : ambiguous };
}
