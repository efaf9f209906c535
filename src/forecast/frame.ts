import { ConfigError, DataError, ShapeError } from '../errors.ts';
import { checkOptions } from '../options.ts';
import type { ForecastShape } from './shape.ts';

/** A series with other columns beside it, by name. */
export interface SeriesFrame {
  /** The column that is forecast, [rows], oldest first. */
  target: ArrayLike<number>;
  /** Columns known up to the last row, each [rows]. */
  past?: Readonly<Record<string, ArrayLike<number>>>;
  /** Columns known ahead, such as a weekday, each [rows] or longer: forecasts beyond the last row read on. */
  future?: Readonly<Record<string, ArrayLike<number>>>;
}

/** A series: one value a row, or with other columns. */
export type OneSeries = ArrayLike<number> | SeriesFrame;

/** One series, or several: an array of numbers is one. */
export type SeriesInput = OneSeries | readonly OneSeries[];

/** A series that was checked, its columns in the forecaster's order. */
export interface Frame {
  target: Float64Array;
  past: Float64Array[];
  future: Float64Array[];
}

export const isFrame = (input: SeriesInput): input is SeriesFrame => 'target' in input;

/** The series of an input; of several, each. */
export function seriesList(input: SeriesInput): { several: boolean; list: readonly OneSeries[] } {
  const several = !isFrame(input) && typeof input[0] === 'object';
  return { several, list: (several ? input : [input]) as readonly OneSeries[] };
}

/**
 * Checks a series against the columns that a forecaster reads.
 * @throws ConfigError for a column that is missing or unknown. @throws ShapeError for one of another length.
 * @throws DataError naming the first row (from 1) of a column that is not a finite number.
 */
export function frameOf(input: OneSeries, { past, future }: ForecastShape): Frame {
  const frame: SeriesFrame = isFrame(input) ? input : { target: input };
  checkOptions('series', frame, { target: true, past: true, future: true });
  const target = Float64Array.from(frame.target);
  const columnsOf = (kind: 'past' | 'future', names: readonly string[]) => {
    const given = frame[kind] ?? {};
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw new ConfigError(
        `${kind}: got a column ${JSON.stringify(unknown)}, but the model reads [${names.join(', ')}]. Create it with the name in ` +
          `${kind}, or leave the column out.`,
      );
    return names.map((name) => {
      const column = given[name];
      if (!column)
        throw new ConfigError(
          `${kind}: the column ${JSON.stringify(name)} is missing; pass { target, ${kind}: { ... } }.`,
        );
      const long = kind === 'future' && column.length > target.length;
      if (column.length !== target.length && !long)
        throw new ShapeError(
          `${kind}.${name}: got ${column.length} rows, expected ${kind === 'future' ? 'at least ' : ''}${target.length}, as the target has.`,
        );
      const values = Float64Array.from(column);
      const bad = values.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) throw new DataError(`${kind}.${name}: row ${bad + 1} is ${values[bad]}, expected a finite number.`);
      return values;
    });
  };
  return { target, past: columnsOf('past', past), future: columnsOf('future', future) };
}
