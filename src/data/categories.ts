import { DataError } from '../errors.ts';
import { anyColumn, numberColumn } from './columns.ts';
import { countsOf } from './counts.ts';
import type { Note } from './notes.ts';
import { isMissing } from './numbers.ts';
import type { Column, Table } from './table.ts';

/** Values of a column of text, at most: each is a column of its own. */
const MOST_VALUES = 50;
/** Notes about values that are new. */
const MOST_NOTED = 10;

/** A column of 0 and 1 in the place of one of text: 1 where that has the value. */
export interface Indicator extends Column {
  of: Column;
  value: string;
  /** It was asked for by itself, as a model does, which may not know other values of the file. */
  isAlone: boolean;
}

export const isIndicator = (column: Column): column is Indicator => 'of' in column;

/**
 * The columns beside a series, in the order that is asked for: a column of numbers is one; a column of text has an indicator
 * `name=value` for each of its values, sorted, of two values for the later one alone; `name=value` is that indicator.
 * @param option who asks, for messages. @throws DataError for what is not there, of dates, or of too many values.
 */
export function sideColumns(table: Table, asked: readonly (string | number)[] = [], option: string): Column[] {
  return asked.flatMap((one): Column[] => {
    const indicator = askedIndicator(table, one);
    if (indicator) return [indicator];
    const { column } = anyColumn(table, one, option);
    const indicators = column.kind === 'text' ? indicatorsOf(column, option) : [];
    return indicators.length > 0 ? indicators : [numberColumn(table, one, option).column];
  });
}

function indicatorsOf(column: Column, option: string): Indicator[] {
  const values = [...new Set(column.cells.filter((cell) => !isMissing(cell)).map((cell) => cell.trim()))].sort();
  if (values.length > MOST_VALUES)
    throw new DataError(
      `${option}: ${JSON.stringify(column.name)} holds ${values.length} different texts, expected at most ${MOST_VALUES}, as ` +
        'each is a column of its own. Give it fewer, such as groups of them, or leave it out.',
    );
  const shown = values.length === 2 ? values.slice(1) : values;
  return shown.map((value) => indicator(column, `${column.name}=${value}`, value, false));
}

/** A value of a column, where no column has that very name. */
function askedIndicator({ columns }: Table, asked: string | number): Indicator | undefined {
  if (typeof asked === 'number' || columns.some(({ name }) => name === asked)) return undefined;
  const [column] = columns
    .filter(({ name }) => asked.toLowerCase().startsWith(`${name.toLowerCase()}=`))
    .sort((a, b) => b.name.length - a.name.length);
  return column && indicator(column, asked, asked.slice(column.name.length + 1), true);
}

const indicator = (of: Column, name: string, value: string, isAlone: boolean): Indicator => ({
  ...{ ...of, of, name, value, isAlone, kind: 'number', decimal: undefined },
  values: Float64Array.from(of.cells, (cell) => (isMissing(cell) ? Number.NaN : Number(cell.trim() === value))),
});

/**
 * Values that a model has no indicator for. One that has a single indicator was trained on two values: the other one is
 * taken to be the most frequent of those sorted before it.
 * @param rows of the table that are used.
 */
export function unseenNotes(columns: readonly Column[], rows: readonly number[]): Note[] {
  const asked = columns.filter(isIndicator).filter(({ isAlone }) => isAlone);
  return [...new Set(asked.map(({ of }) => of))].flatMap((of) => {
    const known = asked.filter((one) => one.of === of).map(({ value }) => value);
    const values = rows.map((row) => of.cells[row]?.trim() ?? '');
    const counts = countsOf(values.filter((value) => !isMissing(value) && !known.includes(value)));
    if (known.length === 1) {
      const [other] = [...counts].filter(([value]) => value < known[0]!).sort((a, b) => b[1] - a[1]);
      if (other) counts.delete(other[0]);
    }
    const unseen = Array.from(
      counts,
      ([value, n]): Note => ({ code: 'unseen-value', column: of.name, value, rows: n }),
    );
    return unseen.slice(0, MOST_NOTED);
  });
}
