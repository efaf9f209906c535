import { DataError } from '../errors.ts';
import { anyColumn, numberColumn } from './columns.ts';
import { countsOf } from './counts.ts';
import type { Note } from './notes.ts';
import { isMissing } from './numbers.ts';
import type { Column, Table } from './table.ts';

/** Maximum number of different values in a text column, because each becomes a column. */
const MOST_VALUES = 50;
/** Maximum number of notes about new values. */
const MOST_NOTED = 10;

/** A column of 0 and 1 made from a text column: 1 where it has the value. */
export interface Indicator extends Column {
  of: Column;
  value: string;
  /** It was requested by name, as for a model, which may not have been trained on other values in the file. */
  isAlone: boolean;
}

export const isIndicator = (column: Column): column is Indicator => 'of' in column;

/**
 * The columns besides the target, in the requested order: a column of numbers stays one; a column of text becomes an indicator
 * `name=value` for each of its values, sorted, or of two values only for the second; `name=value` is that indicator.
 * @param option that requested them, for messages. @throws DataError for a column that does not exist, holds dates, or has too
 *   many values.
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
      `${option}: ${JSON.stringify(column.name)} has ${values.length} different values, expected at most ${MOST_VALUES}, because ` +
        'each becomes a column. Merge values into groups, or leave the column out.',
      {
        code: 'csv-many-values',
        details: { option, column: column.name, values: values.length, most: MOST_VALUES },
      },
    );
  const shown = values.length === 2 ? values.slice(1) : values;
  return shown.map((value) => indicator(column, `${column.name}=${value}`, value, false));
}

/** The indicator `name=value`, unless there is a column with exactly this name. */
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
 * Values for which a model has no indicator. A model with a single indicator was trained on two values; the other one is
 * assumed to be the most frequent of those sorted before it.
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
