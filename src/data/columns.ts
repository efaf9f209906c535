import type { ListedColumn } from '../error_codes.ts';
import { DataError } from '../errors.ts';
import { plainName } from './names.ts';
import type { FoundBy } from './notes.ts';
import type { Column, Table } from './table.ts';

/** Columns that an error message lists. */
const MAX_LISTED = 30;

/** Names of what is forecast, the better ones first, as {@link plainName} writes them. */
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

/** Of numbers that are not what is forecast, as long as there are others. */
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
}

/** What is known of a file beside its columns. */
export interface About {
  /** Columns that have another part to play. */
  taken?: readonly Column[];
  /** Without folder. */
  fileName?: string | undefined;
}

/**
 * Chooses the column to forecast.
 * @param column a name (the exact one first, then without regard to case) or an index from 0; digits that are no name
 *   are an index. Default: the numeric column with a name such as Close, Price, Fechamento, Value or y, else the one named like
 *   the file, else the only one with numbers that are no count, id, volume or constant.
 * @throws DataError naming the columns there are when it is not there, holds no numbers, or could be several.
 */
export function selectColumn(table: Table, column?: string | number, about: About = {}): Choice {
  const numeric = withNumbers(table.columns);
  if (numeric.length === 0)
    throw new DataError(`CSV: no column holds numbers. Columns: ${listed(table.columns)}. Is the delimiter right?`, {
      code: 'csv-no-numbers',
      details: { columns: plain(table.columns) },
    });
  if (column !== undefined) return numberColumn(table, column, 'column');
  const free = numeric.filter((other) => !about.taken?.includes(other));
  return usualColumn(free.length > 0 ? free : numeric, plainName(about.fileName?.replace(/\.\w+$/, '') ?? ''));
}

/** @throws DataError where several columns are as good. */
function usualColumn(numeric: readonly Column[], file: string): Choice {
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
  const named =
    left.find(({ name }) => plainName(name) === file) ??
    only(({ name }) => file.includes(plainName(name)) && plainName(name).length > 2);
  if (named) return { column: named, foundBy: 'file-name' };
  if (left.length === 1) return { column: left[0]!, foundBy: 'only' };
  throw new DataError(
    `column: ${listed(left)} could each be the one to forecast. Choose one by its name or index (--column, or column: ${JSON.stringify(left[0]!.name)}).`,
    { code: 'csv-which-column', details: { columns: plain(left) } },
  );
}

/** Those of which it holds, or all where it holds of none. */
function someOf(columns: readonly Column[], isOne: (column: Column) => boolean): readonly Column[] {
  const found = columns.filter(isOne);
  return found.length > 0 ? found : columns;
}

/** Whether a column has several values. */
export const varies = ({ values }: Column): boolean =>
  values.some((value) => value !== values[0] && !Number.isNaN(value));

/** Numbers that count the rows. */
const isCount = ({ values }: Column): boolean =>
  values.length > 1 && (values[0] === 0 || values[0] === 1) && values.every((value, k) => value === values[0]! + k);

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
