import { ConfigError } from '../errors.ts';
import { checkOptions, notAChoice, notWhole, type OptionNames } from '../options.ts';
import { numbersOf } from './cells.ts';
import { readDates } from './date_columns.ts';
import { readDate } from './dates.ts';
import { jsonRows } from './json.ts';
import { findTable, type Layout, timesFrom } from './layout.ts';
import {
  type DecimalMark,
  isMissing,
  type MarkEvidence,
  markEvidence,
  markOf,
  readNumber,
  withoutUnit,
} from './numbers.ts';
import { splitCsv } from './rows.ts';
import { type TableInput, textOf } from './text.ts';

/** A column of a table: its cells as in the file, and their parsed values. */
export interface Column {
  /** From the header, made unique (`Close`, `Close (2)`); `column 1`, `column 2`, ... if there is none. */
  name: string;
  /** Position in the file, from 0. */
  index: number;
  /** The kind of at least half of the cells, not counting missing ones. */
  kind: 'number' | 'date' | 'text';
  /** [rows] */
  cells: readonly string[];
  /** [rows], NaN where a cell is missing or of another kind. Dates in ms since 1970 (UTC). Empty for text. */
  values: Float64Array;
  /** The decimal mark; undefined unless the kind is 'number'. */
  decimal: DecimalMark | undefined;
  /** A cell such as `1.234` or `01/02/2020` with two possible readings, if nothing in the file decided between them. */
  undecided: string | undefined;
  /** For dates: a row whose order of day and month differs from that of others. */
  mixed: number | undefined;
  /** For dates: they are digits without separators, which could be numbers. */
  isBare: boolean;
}

/** A parsed CSV file. */
export interface Table {
  /** In file order. */
  columns: readonly Column[];
  numRows: number;
  /** [rows], the line in the file, from 1, counting header and blank lines. */
  lines: Uint32Array;
  delimiter: string;
  hasHeader: boolean;
  /** Lines of the file that are not part of the table: titles, comments, units, totals. */
  leftOut: readonly number[];
}

/** From 0, in file order. */
export const allRows = ({ numRows }: Table): number[] => Array.from({ length: numRows }, (_, row) => row);

/** The format of a CSV file. */
export interface CsvOptions {
  /** Default: detected among `;`, tab, `|` and `,`. */
  delimiter?: string;
  /** Whether the first row contains names. Default: if it differs from the rows below it. */
  header?: boolean;
  /** Lines at the top of the file to ignore. Default: those above the header. */
  skip?: number;
  /** Numbers that mark a missing value, such as -999. Default: none. */
  missingValues?: readonly number[];
  /** Default: decided from the cells, see `parseCsv`. */
  decimal?: DecimalMark;
}

/** The compiler requires every option. */
export const CSV_OPTIONS: OptionNames<CsvOptions> = {
  delimiter: true,
  header: true,
  decimal: true,
  skip: true,
  missingValues: true,
};

/**
 * Reads a CSV, or a table in JSON, into columns of numbers, dates and text.
 *
 * Decimal mark: the cells of a column decide together, never one alone. Cells that are a number in one reading only (`0.5`,
 * `1,234.5`; `0,5`, `1.234,5`) vote, the majority wins, and cells that do not match are not numbers. A column without such
 * cells follows the votes of the whole file; without any votes, a `;` delimiter means decimal comma (spreadsheets use it when
 * the comma is taken), and any other one decimal point. This rule also decides for `1.234`.
 * @param input text, or the bytes of a file.
 * @throws DataError if the text is empty, is not a table, has a row of another length, or an open quote.
 * @throws ConfigError for an invalid option.
 */
export function parseCsv(input: TableInput, options: CsvOptions = {}): Table {
  checkOptions('parseCsv', options, CSV_OPTIONS);
  return readTable(input, options);
}

/** Like `parseCsv`, but allows further options. */
export function readTable(input: TableInput, options: CsvOptions): Table {
  const { skip = 0, missingValues = [] } = options;
  let { decimal } = options;
  if (decimal !== undefined && decimal !== '.' && decimal !== ',') throw notAChoice('decimal', decimal, ['.', ',']);
  if (!Number.isInteger(skip) || skip < 0) throw notWhole('skip', skip, 0);
  if (!Array.isArray(missingValues) || !missingValues.every(Number.isFinite))
    throw new ConfigError('missingValues: expected a list of numbers, such as [-999].');
  const { names, cells, lines, isJson, ...layout } = cellsOfTable(textOf(input), options);
  if (isJson) decimal = '.';
  const columns = readColumns(names, cells, decimal, layout.delimiter);
  for (const { kind, values } of columns)
    if (kind === 'number' && missingValues.length > 0)
      for (const [k, value] of values.entries()) if (missingValues.includes(value)) values[k] = Number.NaN;
  return { columns, numRows: lines.length, lines: Uint32Array.from(lines), ...layout };
}

/** The cells of a table by column; the rows are released, since they take as much memory as their cells. */
function cellsOfTable(text: string, { delimiter, skip, header: hasHeader }: CsvOptions) {
  const json = jsonRows(text);
  const split = json
    ? { rows: json, lines: json.map((_, k) => k + 1), delimiter: ',' }
    : splitCsv(text, delimiter, skip);
  const { header, rows, lines, leftOut } = upright(findTable(split, hasHeader));
  const names = columnNames(header ?? rows[0]!.map(() => ''));
  return {
    ...{
      names,
      lines,
      leftOut,
      delimiter: split.delimiter,
      hasHeader: header !== undefined,
      isJson: json !== undefined,
    },
    cells: names.map((_, k) => rows.map((row) => row[k]!)),
  };
}

/** Transposes a table with its dates in the header, so that the dates and each of its rows become columns. */
function upright(layout: Layout): Layout {
  const { header, rows, lines } = layout;
  const months = header?.slice(1, 13) ?? [];
  const isMonth = (cell: string) => !Number.isNaN(readDate(`1 ${cell} 2000`, 'dmy'));
  if (header && months.length === 12 && months.every(isMonth)) {
    // One row per year, one column per month.
    const cells = rows.flatMap((row, k) =>
      months.map((month, m) => [`${month} ${row[0]}`, row[m + 1]!, lines[k]!] as const),
    );
    const used = cells.slice(0, cells.findLastIndex(([, cell]) => !isMissing(cell)) + 1);
    return {
      ...layout,
      header: ['Date', 'Value'],
      rows: used.map(([date, cell]) => [date, cell]),
      lines: used.map((one) => one[2]),
    };
  }
  const start = header && rows.every((row) => timesFrom(row) !== timesFrom(header)) ? timesFrom(header) : -1;
  if (!header || start < 1) return layout;
  const labels = Array.from({ length: start }, (_, k) => rows.map((row) => row[k]!.trim()));
  const unique = labels.find((own) => new Set(own).size === rows.length && !own.includes(''));
  const names = unique ?? rows.map((_, k) => labels.map((own) => own[k]).join(' '));
  const times = header.slice(start).map((cell) => cell.replace(/ \[.*/, ''));
  const turned = times.map((time, k) => [time, ...rows.map((row) => row[start + k]!)]);
  const used = turned.filter((row) => row.some((cell, k) => k > 0 && !isMissing(cell)) && row[0] !== '');
  return { ...layout, header: ['Date', ...names], rows: used, lines: used.map(() => lines[0]!) };
}

function columnNames(header: readonly string[]): string[] {
  const taken = new Set<string>();
  const next = new Map<string, number>(); // by base name, so that 20,000 equal names do not take quadratic time
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
  byColumn: readonly string[][],
  forced: DecimalMark | undefined,
  delimiter: string,
): Column[] {
  const drafts = names.map((name, index) => {
    const cells = byColumn[index]!;
    const dates = readDates(name, cells, index === 0 && names.length > 1);
    let evidence = dates ? undefined : evidenceOf(cells);
    const bare = evidence || dates ? undefined : withoutUnit(cells);
    if (bare) evidence = evidenceOf(bare);
    return { name, index, cells, dates, evidence, bare };
  });
  const sum = (side: 'point' | 'comma') => drafts.reduce((n, { evidence }) => n + (evidence?.[side] ?? 0), 0);
  const ofFile = markOf({ point: sum('point'), comma: sum('comma') });
  return drafts.map(({ name, index, cells, dates, evidence, bare = cells }) => {
    const column = { name, index, cells, decimal: undefined, undecided: undefined, mixed: undefined, isBare: false };
    if (dates) return { ...column, kind: 'date', ...dates };
    if (!evidence) return { ...column, kind: 'text', values: new Float64Array(0) };
    return {
      ...column,
      kind: 'number',
      ...readNumbers(bare, evidence, forced ?? markOf(evidence) ?? ofFile, delimiter),
    };
  });
}

/** Evidence about the decimal mark of a column; undefined if less than half of its cells are numbers. */
function evidenceOf(cells: readonly string[]): MarkEvidence | undefined {
  const evidence = markEvidence(cells);
  return evidence.numbers > 0 && 2 * evidence.numbers >= evidence.present ? evidence : undefined;
}

function readNumbers(
  cells: readonly string[],
  { ambiguous }: MarkEvidence,
  known: DecimalMark | undefined,
  delimiter: string,
): Pick<Column, 'values' | 'decimal' | 'undecided'> {
  const decimal = known ?? (delimiter === ';' ? ',' : '.');
  const values = numbersOf(cells, (cell) => readNumber(cell, decimal));
  return { values, decimal, undecided: known ? undefined : ambiguous };
}
