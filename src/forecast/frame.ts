import { type ArrayRules, FINITE, float64s, listOf, type NumericArray } from '../arrays.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { checkOptions } from '../options.ts';
import { shown } from '../shown.ts';
import { hashOfBytes } from '../train/checkpoint.ts';
import type { ForecastShape } from './shape.ts';

/** A series with other columns, by name. */
export interface SeriesFrame {
  /** Its name among several: used by `of` and in forecasts, and kept in model files. */
  id?: string;
  /** The column to forecast, [rows], oldest first. */
  target: NumericArray;
  /** Columns known up to the last row, each [rows]. */
  past?: Readonly<Record<string, NumericArray>>;
  /** Columns known ahead, such as a weekday, each [rows] or longer, to cover the rows to forecast. */
  future?: Readonly<Record<string, NumericArray>>;
  /**
   * 1 for a row that has no real value, else 0 [rows], as `readSeries` returns it. No window or target in training and scores
   * includes such a row, and no scale is fitted on it; the split is the same as without them. Simple methods start from a real
   * value, but those that look further back may use values that were filled in.
   */
  holes?: NumericArray | undefined;
}

/** A series: one finite value per row, or with other columns. */
export type OneSeries = NumericArray | SeriesFrame;

/** One series, or several: an array of numbers is one. */
export type SeriesInput = OneSeries | readonly OneSeries[];

/** A validated series, its columns in the forecaster's order. */
export interface SeriesColumns {
  id?: string | undefined;
  target: Float64Array;
  past: Float64Array[];
  future: Float64Array[];
  /** [rows], 1 for a hole; undefined if there are none. */
  holes: Uint8Array | undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

export const isFrame = (input: SeriesInput): input is SeriesFrame => isObject(input) && 'target' in input;

/** Columns are kept after the call, and the caller may change its arrays. */
const COLUMN: ArrayRules = {
  ...FINITE,
  copy: true,
  place: (index, got, expected) => `row ${index + 1} is ${got}, expected ${expected}.`,
};

/** The series in an input, with their places for messages; the place of a single series is undefined. */
export function seriesList<One = OneSeries>(
  input: One | readonly One[],
): { several: boolean; list: readonly One[]; places: readonly (string | undefined)[] } {
  const several = Array.isArray(input) && isObject(input[0]);
  const list = (several ? input : [input]) as readonly One[];
  return { several, list, places: list.map((_, k) => (several ? `series ${k + 1} of ${list.length}` : undefined)) };
}

/**
 * Validates a series with the columns the forecaster needs.
 * @throws ConfigError for a column that is missing, unknown or not an array. @throws ShapeError for a column of another length.
 * @throws DataError naming the first row (from 1) of a column that is not a finite number.
 */
export function frameOf(input: OneSeries, { past, future }: ForecastShape): SeriesColumns {
  const frame: SeriesFrame = isFrame(input) ? input : { target: input };
  checkOptions('series', frame, { id: true, target: true, past: true, future: true, holes: true });
  const { id } = frame;
  if (id !== undefined && typeof id !== 'string') throw new ConfigError(`id: got ${shown(id)}, expected a string.`);
  const target = float64s(isFrame(input) ? 'target' : 'series', frame.target, COLUMN);
  const columnsOf = (kind: 'past' | 'future', names: readonly string[]) => {
    const given = frame[kind] ?? {};
    if (!isObject(given) || Symbol.iterator in given)
      throw new ConfigError(`${kind}: got ${shown(given)}, expected an object with columns by name.`);
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw new ConfigError(
        `${kind}: got a column ${JSON.stringify(unknown)}, but the model reads [${names.join(', ')}]. Create the model with the ` +
          `name in ${kind}, or leave the column out.`,
      );
    return names.map((name) => {
      const column = given[name];
      if (column === undefined)
        throw new ConfigError(
          `${kind}: the column ${JSON.stringify(name)} is missing; pass { target, ${kind}: { ... } }.`,
        );
      const { length } = listOf(`${kind}.${name}`, column);
      const long = kind === 'future' && length > target.length;
      if (length !== target.length && !long)
        throw new ShapeError(
          `${kind}.${name}: got ${length} rows, expected ${kind === 'future' ? 'at least ' : ''}${target.length}, like the target.`,
        );
      return float64s(`${kind}.${name}`, column, COLUMN);
    });
  };
  const [known, ahead] = [columnsOf('past', past), columnsOf('future', future)];
  return { id, target, past: known, future: ahead, holes: holesOf(frame, target.length) };
}

const HOLES: ArrayRules = { ...COLUMN, accepts: (value) => value === 0 || value === 1, expected: '0 or 1' };

function holesOf({ holes }: SeriesFrame, rows: number): Uint8Array | undefined {
  if (holes === undefined) return undefined;
  const own = float64s('holes', holes, HOLES);
  if (own.length !== rows) throw new ShapeError(`holes: got ${own.length} rows, expected ${rows}, like the target.`);
  return own.includes(1) ? Uint8Array.from(own) : undefined;
}

/** A validated series as an input again. */
export function inputOf(frame: SeriesColumns, { past, future }: ForecastShape): SeriesFrame {
  const named = (names: readonly string[], columns: readonly Float64Array[]) =>
    Object.fromEntries(names.map((name, k) => [name, columns[k]!]));
  const { id, target, holes } = frame;
  return {
    ...(id !== undefined && { id }),
    ...{ target, past: named(past, frame.past), future: named(future, frame.future), holes },
  };
}

/** Everything in a series; the holes follow a marker that no column contains. */
const columnsOf = ({ target, past, future, holes }: SeriesColumns): Float64Array[] => [
  ...[target, ...past, ...future],
  ...(holes ? [Float64Array.from([-Infinity, ...holes])] : []),
];

/** Whether two series are the same, value by value. */
export function isSameFrame(one: SeriesColumns, other: SeriesColumns): boolean {
  const [columns, others] = [columnsOf(one), columnsOf(other)];
  return columns.length === others.length && columns.every((column, k) => isSameColumn(column, others[k]!));
}

const isSameColumn = (one: Float64Array, other: Float64Array): boolean =>
  one.length === other.length && one.every((value, row) => value === other[row]);

/** SHA-256 of a series with all its columns, in hex. */
export async function hashOf(series: SeriesColumns): Promise<string> {
  const columns = columnsOf(series);
  const values = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    values.set(column, at);
    at += column.length;
  }
  return hashOfBytes(values);
}
