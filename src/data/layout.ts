import { DataError } from '../errors.ts';
import { mostCommon } from './counts.ts';
import { sample } from './date_columns.ts';
import { readDate } from './dates.ts';
import { isMissing, markEvidence } from './numbers.ts';
import type { CsvRows } from './rows.ts';

/** The location of the table in a file. */
export interface Layout {
  /** Undefined without a header. */
  header: string[] | undefined;
  /** All of the same length. */
  rows: string[][];
  /** Line of each row in the file, from 1. */
  lines: number[];
  /** Lines that are neither the header nor a row: titles, comments, units, totals. */
  leftOut: number[];
}

type Kind = 'number' | 'date' | 'text' | 'missing';

/** Matches a first cell that marks a row as a summary of others. */
const TOTAL =
  /^\W*(?:(?:grand |sub ?-?)?(?:total|totals|totale|totais|totales|sum|summe|soma|suma|somme|gesamt|insgesamt)|average|mean|média|media|mittelwert|moyenne)\W*$/i;

/** Number of rows searched for footers. */
const MOST_FOOTERS = 30;

function kindOf(cell: string): Kind {
  if (isMissing(cell)) return 'missing';
  if (markEvidence([cell]).numbers === 1) return 'number';
  return ['dmy', 'mdy', 'ydm'].some((order) => !Number.isNaN(readDate(cell, order as 'dmy'))) ? 'date' : 'text';
}

/** The kind of most cells in a column. */
function columnKind(cells: readonly string[]): Kind {
  const kinds = cells.map(kindOf).filter((kind) => kind !== 'missing');
  const isMost = (one: Kind) => 2 * kinds.filter((kind) => kind === one).length >= kinds.length;
  if (kinds.length === 0) return 'missing';
  return (['date', 'number', 'text'] as const).find(isMost) ?? 'text';
}

const trimmed = (row: readonly string[], width: number): string[] => {
  let length = row.length;
  while (length > width && row[length - 1]!.trim() === '') length--;
  return row.slice(0, length);
};

const filled = (row: readonly string[]): number => row.filter((cell) => cell.trim() !== '').length;

/**
 * Finds the table in the rows of a file: the kinds of columns are taken from its second half, and the table begins with the
 * first row that matches them. Above it is the header, if there is one, and below its last row the summary rows.
 * @param hasHeader whether the first row is one. Default: decided from the cells.
 * @throws DataError for a row with a different number of cells, or a header without rows.
 */
export function findTable({ rows: all, lines, delimiter }: CsvRows, hasHeader: boolean | undefined): Layout {
  const [width] = mostCommon(all.map(({ length }) => length));
  const isWide = (row: readonly string[]) => row.length === width || trimmed(row, width).length === width;
  const usual = all.filter((row) => row.length === width);
  const judged = sample(usual.slice(usual.length > 10 ? usual.length >> 1 : 1));
  const kinds = Array.from({ length: width }, (_, k) => columnKind(judged.map((row) => row[k]!)));
  const times = kinds.indexOf('date');
  const firstValue = kinds.findIndex((kind) => kind === 'date' || kind === 'number');

  /** The number of cells that match their column, minus those that do not. */
  const likeness = (row: readonly string[]) => {
    let sum = 0;
    for (const [k, kind] of kinds.entries()) {
      if (kind !== 'date' && kind !== 'number') continue;
      const own = kindOf(row[k]!);
      if (own !== 'missing') sum += own === kind ? 1 : -1;
    }
    return sum;
  };
  const isOfKind = (row: readonly string[], k: number) => k < 0 || ['missing', kinds[k]].includes(kindOf(row[k] ?? ''));
  const isRow = (row: readonly string[]) => {
    if (row[0]!.startsWith('#')) return false;
    if (!isOfKind(row, times)) {
      const date = row[times] ?? ''; // an unreadable date gets its own error later
      return isWide(row) && /\d/.test(date) && !TOTAL.test(date) && likeness(row) >= 0;
    }
    if (!isWide(row)) return row.length > 1 && kindOf(row[times] ?? '') === 'date'; // gets its own error later
    const sum = likeness(row);
    return sum > 0 || (sum === 0 && isOfKind(row, firstValue) && !isMissing(row[firstValue] ?? ''));
  };

  let first = hasHeader === undefined ? all.findIndex(isRow) : Math.max(0, all.findIndex(isWide));
  let headerAt = -1;
  if (hasHeader === true) headerAt = first++;
  else if (hasHeader === undefined) {
    if (first === 0 && (isIndexName(all, kinds) || isWideHeader(all, first))) first = 1;
    else if (first > 0 && isWideHeader(all, first)) first++;
    if (first < 0) first = all[0]!.some((cell) => kindOf(cell) === 'text') ? 1 : 0;
    headerAt = findHeader(all.slice(0, first), lines, width);
  }
  let last = all.length - 1;
  const isFooter = (row: readonly string[]) => {
    if (row[0]!.startsWith('#') || TOTAL.test(row.find((cell) => cell.trim() !== '')!)) return true;
    if (isRow(row) || (width === 1 && !/\s/.test(row[0]!.trim()))) return false;
    if (!isWide(row) && filled(row) === 1 && kindOf(row[0]!) === 'text') return true;
    return times >= 0 ? !isOfKind(row, times) : isWide(row) && width > 1 && likeness(row) < 0;
  };
  const lowest = Math.max(first, last - MOST_FOOTERS);
  while (last > lowest && isFooter(all[last]!)) last--;

  const header = headerAt < 0 ? undefined : trimmed(all[headerAt]!, width);
  const layout: Layout = { header, rows: [], lines: [], leftOut: [] };
  const title = header?.join(delimiter);
  for (const [k, row] of all.entries()) {
    if (k === headerAt) continue;
    const isStray =
      k < first ||
      k > last ||
      (row[0]!.startsWith('#') && !isWide(row)) ||
      (times >= 0 && TOTAL.test(row[times] ?? '')) ||
      (title !== undefined && row[0] === header![0] && row.join(delimiter) === title);
    if (isStray) layout.leftOut.push(lines[k]!);
    else {
      layout.rows.push(row.length === width ? row : trimmed(row, width));
      layout.lines.push(lines[k]!);
    }
  }
  if (layout.rows.length === 0)
    throw new DataError(
      `CSV: the file has a header but no rows below it.${isFileName(all) ? " This looks like a file name; pass the file's text." : ''}`,
      { code: 'csv-no-rows' },
    );
  checkLengths(layout, headerAt < 0 ? undefined : lines[headerAt], delimiter);
  return layout;
}

/** Whether a path was passed instead of the text of its file. */
const isFileName = (rows: readonly (readonly string[])[]): boolean =>
  rows.length === 1 && /\.(csv|tsv|txt|jsonl?|parquet|xlsx?)$/i.test(rows[0]!.at(-1)!.trim());

/** Whether this is a data frame, whose index has no name in the header: `,0` above `0,100.5`. */
function isIndexName([first, ...rows]: readonly string[][], kinds: readonly Kind[]): boolean {
  if (first![0]!.trim() !== '' || kinds[0] !== 'number' || rows.length < 2) return false;
  return rows.every((row) => row[0]!.trim() !== '');
}

/** Years or other dates in a row, above rows of numbers: a transposed table. */
function isWideHeader(rows: readonly string[][], at: number): boolean {
  const [row, below] = [rows[at], rows[at + 1]];
  if (!row || !below) return false;
  const start = timesFrom(row);
  return start > 0 && timesFrom(below) !== start;
}

/** The cell from which on a row consists of at least 3 dates in order; -1 if there is none. */
export function timesFrom(row: readonly string[]): number {
  const cells = trimmed(row, 0).map((cell) => cell.replace(/\[YR.*/, '').trim());
  const isTime = (cell: string) => /^(?:1[5-9]|20|21)\d\d$/.test(cell) || kindOf(cell) === 'date';
  const start = cells.findLastIndex((cell) => !isTime(cell)) + 1;
  const moments = cells
    .slice(start)
    .map((cell) => (/^\d{4}$/.test(cell) ? Date.UTC(Number(cell), 0) : readDate(cell, 'mdy')));
  const steps = moments.slice(1).map((ms, k) => Math.sign(ms - moments[k]!));
  const areInOrder = steps.every((step) => step === steps[0] && step !== 0);
  return moments.length > 2 && areInOrder ? start : -1;
}

/** Of the rows above the table, after the last blank line, the first one with the most non-blank cells. */
function findHeader(above: readonly string[][], lines: ArrayLike<number>, width: number): number {
  let start = above.length - 1;
  while (start > 0 && lines[start]! === lines[start - 1]! + 1) start--;
  const most = (isComment: boolean) => {
    let best = -1;
    for (let k = Math.max(0, start); k < above.length; k++) {
      const row = above[k]!;
      if (row[0]!.startsWith('#') !== isComment || (isComment && row.length !== width)) continue;
      if (best < 0 || filled(row) > filled(above[best]!) || width === 1) best = k;
    }
    return best;
  };
  const found = most(false) >= 0 ? most(false) : most(true);
  return found >= 0 && 2 * filled(above[found]!) >= width - 1 && filled(above[found]!) > 0 ? found : -1;
}

/** @throws DataError for a row that has more or fewer cells than the header or, without one, the first row. */
function checkLengths(layout: Layout, headerLine: number | undefined, delimiter: string): void {
  const { header, rows, lines } = layout;
  const width = rows[0]!.length;
  let expected = header?.length ?? width;
  if (header && expected !== width) {
    const isCounted = rows.length > 1 && rows.every((row, k) => Number(row[0]) === Number(rows[0]![0]) + k);
    if (expected === width - 1 && isCounted) header.unshift('');
    else if (rows.every((row) => row.length === width && filled(row.slice(expected)) === 0))
      for (const row of rows) row.length = Math.min(row.length, expected);
  }
  expected = header?.length ?? width;
  for (const [k, row] of rows.entries()) {
    if (row.length === expected) continue;
    const hint =
      delimiter === ',' && row.length > expected
        ? 'If its numbers have decimal commas or grouped thousands, they need quotes, or ; between the cells.'
        : 'Check that row for a missing or an extra delimiter.';
    throw new DataError(
      `CSV row ${lines[k]}: got ${row.length} cells, expected ${expected} as in row ${headerLine ?? lines[0]}, ` +
        `split at ${JSON.stringify(delimiter)}. ${hint}`,
      { code: 'csv-row-length', details: { row: lines[k]!, got: row.length, expected, delimiter } },
    );
  }
}
