import type { ListedColumn } from '../error_codes.ts';
import { DataError } from '../errors.ts';
import { type FoundBy, USUAL_NAMES } from './notes.ts';
import type { Column, Table } from './table.ts';

/** Columns that an error message lists. */
const MAX_LISTED = 30;

const plainName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[\u0300-\u036f\s._*-]/g, '')
    .toLowerCase();

/** How each of the usual names may be written; case, accents, spaces, dots and underscores do not count. */
const DEFAULT_COLUMNS = USUAL_NAMES.map((name) =>
  (name === 'Adj Close' ? [name, 'Adjusted Close'] : [name]).map(plainName),
);

const listed = (columns: readonly Column[]): string =>
  columns
    .slice(0, MAX_LISTED)
    .map(({ name, index }) => `${index} ${JSON.stringify(name)}`)
    .join(', ') + (columns.length > MAX_LISTED ? `, and ${columns.length - MAX_LISTED} more` : '');

const plain = (columns: readonly Column[]): ListedColumn[] => columns.map(({ name, index }) => ({ name, index }));

const withNumbers = (columns: readonly Column[]): Column[] => columns.filter(({ kind }) => kind === 'number');

/** A column, and how it was found. */
export interface Choice {
  column: Column;
  foundBy: FoundBy;
}

/**
 * Chooses the column to forecast.
 * @param column a name (the exact one first, then without regard to case) or an index from 0; digits that are no name
 *   are an index. Default: the numeric column named Close, Adj Close, Price, Último or Fechamento, in this order, else
 *   the last numeric one.
 * @throws DataError naming the columns there are when it is not there, or holds no numbers.
 */
export function selectColumn(table: Table, column?: string | number): Choice {
  const numeric = withNumbers(table.columns);
  if (numeric.length === 0)
    throw new DataError(`CSV: no column holds numbers. Columns: ${listed(table.columns)}. Is the delimiter right?`, {
      code: 'csv-no-numbers',
      details: { columns: plain(table.columns) },
    });
  return column === undefined ? usualColumn(numeric, 'last') : numberColumn(table, column, 'column');
}

/** @param last how the last one is found, where none has one of the usual names. */
function usualColumn(numeric: readonly Column[], last: FoundBy): Choice {
  for (const names of DEFAULT_COLUMNS) {
    const found = numeric.find(({ name }) => names.includes(plainName(name)));
    if (found) return { column: found, foundBy: 'usual-name' };
  }
  return { column: numeric.at(-1)!, foundBy: last };
}

/** As {@link selectColumn}; where none is asked for, one of those that nothing else asks for, if there is one. */
export function selectTarget(table: Table, column: string | number | undefined, taken: readonly Column[]): Choice {
  const free = withNumbers(table.columns.filter((other) => !taken.includes(other)));
  if (column !== undefined || taken.length === 0 || free.length === 0) return selectColumn(table, column);
  return usualColumn(free, 'last-of-others');
}

/** A column of numbers. @param option who asks, for messages. @throws DataError as {@link selectColumn}. */
export function numberColumn(table: Table, column: string | number, option: string): Choice {
  const choice = anyColumn(table, column, option);
  const { name, kind } = choice.column;
  if (kind === 'number') return choice;
  throw new DataError(
    `${option}: ${JSON.stringify(name)} holds ${kind === 'date' ? 'dates' : 'text'}, expected numbers. ` +
      `Columns with numbers: ${listed(withNumbers(table.columns))}.`,
    { code: 'csv-not-numbers', details: { option, column: name, kind, columns: plain(withNumbers(table.columns)) } },
  );
}

/** A column of any kind. @param option who asks, for messages. @throws DataError when it is not there. */
export function anyColumn({ columns }: Table, column: string | number, option: string): Choice {
  const { found, foundBy } = findColumn(columns, column);
  if (found) return { column: found, foundBy };
  throw new DataError(
    `${option}: got ${JSON.stringify(column)}, but the file has ${listed(columns)}. Give a name or an index of these.`,
    { code: 'csv-no-column', details: { option, got: column, columns: plain(columns) } },
  );
}

function findColumn(
  columns: readonly Column[],
  column: string | number,
): { found: Column | undefined; foundBy: FoundBy } {
  if (typeof column === 'number') return { found: columns[column], foundBy: 'index' };
  const wanted = column.trim().replace(/\s+/g, ' '); // as the table writes its names
  const byName =
    columns.find(({ name }) => name === wanted) ??
    columns.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (byName || !/^\d+$/.test(wanted)) return { found: byName, foundBy: 'name' };
  return { found: columns[Number(wanted)], foundBy: 'index' };
}
