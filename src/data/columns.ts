import type { ListedColumn } from '../error_codes.ts';
import { DataError } from '../errors.ts';
import { suggestion } from '../suggestion.ts';
import { plainName } from './names.ts';
import type { FoundBy } from './notes.ts';
import type { Column, Table } from './table.ts';

/** Maximum number of columns listed in an error message. */
const MAX_LISTED = 30;

/** Maximum number of other columns named in a note. */
const MAX_OTHERS = 3;

/** Usual names of a target, best first, as normalized by {@link plainName}. */
const USUAL = [
  ...[
    'close',
    'closelast',
    '4close',
    'adjclose',
    'adjustedclose',
    'closeprice',
    'closingprice',
    'price',
    'ultimo',
    'fechamento',
  ],
  ...[
    'last',
    'cierre',
    'schluss',
    'schlusskurs',
    'cloture',
    'chiusura',
    'slotkoers',
    'zuletzt',
    'dernier',
    'settle',
    'kurs',
  ],
  ...['y', 'target', 'value', 'obsvalue', 'valor', 'wert', 'valeur', 'valore', 'waarde'],
];
const USUAL_WORD = /(?:^|[^a-z])(?:close|price|value|target|preco|precio|prezzo|preis|prix)(?:$|[^a-z])/;

/** Names of numeric columns that are not the target if there are others. */
const NO_TARGET = [
  /(?:^|[^a-z])(?:id|idx|no|nr|row|code|unnamed|flags?|status|quality|qc)(?:$|[^a-z])/,
  /^(?:date|datum|data|fecha|time|timestamp|year|yr|ano|jahr|month|mes|monat|day|dia|tag|hour|hora|week|minute|day.?of.?week|weekday)$/,
  /(?:^|[^a-z])(?:(?:tick)?vol|volumen?|qty|quantity|turnover|trades|tradecount)(?:$|[^a-z])/,
];

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
  /** The first other numeric columns, if a name decided. */
  others?: readonly string[];
}

/** What is known of a file besides its columns. */
export interface About {
  /** Columns that have another role. */
  taken?: readonly Column[];
  /** Without its folder. */
  fileName?: string | undefined;
}

/**
 * Chooses the column to forecast.
 * @param column a name (an exact match first, then ignoring case) or an index from 0; digits that are not a name are an index.
 *   Default: the numeric column named like the file; otherwise the one with a name such as Close, Price, Fechamento, Value or
 *   y; otherwise one whose name is part of the file's; otherwise the only one that is not a count, id, volume or constant.
 * @throws DataError listing the columns if it does not exist, holds no numbers, or is ambiguous.
 */
export function selectColumn(table: Table, column?: string | number, about: About = {}): Choice {
  const numeric = withNumbers(table.columns);
  if (numeric.length === 0)
    throw new DataError(`CSV: no column holds numbers. Columns: ${listed(table.columns)}. Check the delimiter.`, {
      code: 'csv-no-numbers',
      details: { columns: plain(table.columns) },
    });
  if (column !== undefined) return numberColumn(table, column, 'column');
  if (numeric.length === 1) return { column: numeric[0]!, foundBy: 'only' };
  const free = numeric.filter((other) => !about.taken?.includes(other));
  const candidates = free.length > 0 ? free : numeric;
  const choice = usualColumn(candidates, plainName(about.fileName?.replace(/\.\w+$/, '') ?? ''));
  if (choice.foundBy === 'only') return choice;
  const others = candidates.filter((one) => one !== choice.column).slice(0, MAX_OTHERS);
  return { ...choice, others: others.map(({ name }) => name) };
}

/** @throws DataError if several columns are equally likely. */
function usualColumn(numeric: readonly Column[], file: string): Choice {
  const same = numeric.find(({ name }) => plainName(name) === file);
  if (same && file !== '') return { column: same, foundBy: 'file-name' };
  for (const name of USUAL) {
    const column = numeric.find((one) => plainName(one.name) === name);
    if (column) return { column, foundBy: 'usual-name' };
  }
  const left = NO_TARGET.reduce(
    (some, words) => someOf(some, ({ name }) => !words.test(name.toLowerCase())),
    someOf(someOf(numeric, varies), (one) => !isCount(one)),
  );
  const only = (isOne: (column: Column) => boolean) => {
    const found = left.filter(isOne);
    return found.length === 1 ? found[0] : undefined;
  };
  const usual = only(({ name }) => USUAL_WORD.test(name.toLowerCase()));
  if (usual) return { column: usual, foundBy: 'usual-name' };
  const named = only(({ name }) => file.includes(plainName(name)) && plainName(name).length > 2);
  if (named) return { column: named, foundBy: 'file-name' };
  if (left.length === 1) return { column: left[0]!, foundBy: 'only' };
  throw new DataError(
    `column: ${listed(left)} could each be the column to forecast. Choose one by name or index (--column, or ` +
      `column: ${JSON.stringify(left[0]!.name)}).`,
    { code: 'csv-which-column', details: { columns: plain(left) } },
  );
}

/** The matching columns, or all if none match. */
function someOf(columns: readonly Column[], isOne: (column: Column) => boolean): readonly Column[] {
  const found = columns.filter(isOne);
  return found.length > 0 ? found : columns;
}

/** Whether a column has different values. */
export const varies = ({ values }: Column): boolean =>
  values.some((value) => value !== values[0] && !Number.isNaN(value));

/** Whether a column numbers the rows. */
const isCount = ({ values }: Column): boolean =>
  values.length > 1 && (values[0] === 0 || values[0] === 1) && values.every((value, k) => value === values[0]! + k);

/** A column of numbers. @param option that names it, for messages. @throws DataError as {@link selectColumn}. */
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

/** A column of any kind. @param option that names it, for messages. @throws DataError if it does not exist. */
export function anyColumn({ columns }: Table, column: string | number, option: string): Choice {
  const { found, foundBy } = findColumn(columns, column);
  if (found) return { column: found, foundBy };
  const names = columns.map(({ name }) => name);
  const typed = /^\d*$/.test(String(column)) ? '' : String(column); // an index is near no name
  const advice = suggestion(typed, names, (name) => JSON.stringify(name)) || ' Use one of these names or indices.';
  throw new DataError(`${option}: got ${JSON.stringify(column)}, but the file has ${listed(columns)}.${advice}`, {
    code: 'csv-no-column',
    details: { option, got: column, columns: plain(columns) },
  });
}

function findColumn(
  columns: readonly Column[],
  column: string | number,
): { found: Column | undefined; foundBy: FoundBy } {
  if (typeof column === 'number') return { found: columns[column], foundBy: 'index' };
  const wanted = column.trim().replace(/\s+/g, ' '); // normalized like the names in the table
  const byName =
    columns.find(({ name }) => name === wanted) ??
    columns.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (byName || !/^\d+$/.test(wanted)) return { found: byName, foundBy: 'name' };
  return { found: columns[Number(wanted)], foundBy: 'index' };
}
