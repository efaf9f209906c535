import { FINITE, float64s, type NumericArray } from '../arrays.ts';
import { DataError, ShapeError } from '../errors.ts';
import { isFrame, type SeriesFrame } from '../forecast/frame.ts';
import { checkOptions } from '../options.ts';
import type { KnownColumns } from './direct.ts';

/** Fewest rows that show how much a series changes. */
const LEAST_ROWS = 3;

/** A series to forecast, with or without the moments of its rows. */
export type DatedSeries = NumericArray | (SeriesFrame & { moments?: NumericArray | undefined });

/** A series as given, checked and copied. */
interface GivenSeries extends KnownColumns {
  id: string | undefined;
  /** Ms since 1970 [rows]. */
  moments: Float64Array | undefined;
}

/**
 * @throws DataError for a series of fewer than 3 rows, with a hole, or with a value that is not finite. @throws ShapeError for moments or
 *   columns of another length. @throws ConfigError for an invalid series.
 */
export function givenSeries(input: DatedSeries): GivenSeries {
  const frame = (isFrame(input) ? input : { target: input }) as SeriesFrame & { moments?: NumericArray };
  checkOptions('series', frame, { id: true, target: true, past: true, future: true, holes: true, moments: true });
  const target = float64s('series', frame.target, { ...FINITE, copy: true });
  if (target.length < LEAST_ROWS)
    throw new DataError(
      `forecast: got ${target.length} ${target.length === 1 ? 'row' : 'rows'}. A forecast needs at least ${LEAST_ROWS} rows.`,
    );
  const hole = frame.holes ? float64s('holes', frame.holes).indexOf(1) : -1;
  if (hole >= 0)
    throw new DataError(
      `forecast: row ${hole + 1} is a hole, a row without a value. Fill such rows: missing and gaps 'interpolate' or 'previous' ` +
        '(--missing, --gaps).',
    );
  const named = (kind: 'past' | 'future') =>
    Object.fromEntries(
      Object.entries(frame[kind] ?? {}).map(([name, column]) => [
        name,
        float64s(`${kind}.${name}`, column, { ...FINITE, copy: true }),
      ]),
    );
  const [past, future] = [named('past'), named('future')];
  const moments = frame.moments && float64s('moments', frame.moments, FINITE);
  for (const [name, { length }] of Object.entries({ ...past, ...(moments && { moments }) }))
    if (length !== target.length)
      throw new ShapeError(`${name}: got ${length} rows, expected ${target.length}, as the target has.`);
  return { id: frame.id, target, past, future, moments };
}

/** @throws DataError for a future column that is not known far enough ahead. */
export function checkAhead({ target, future }: KnownColumns, horizon: number): void {
  const rows = target.length;
  for (const [name, column] of Object.entries(future)) {
    const ahead = column.length - rows;
    if (ahead >= horizon) continue;
    const fewer = ahead > 0 ? `, or use a horizon of ${ahead}` : '';
    throw new DataError(
      `future.${name}: got ${column.length} rows, ${Math.max(0, ahead)} of them after the end of the series, but the horizon is ` +
        `${horizon}. Pass ${rows + horizon} rows${fewer}.`,
      { code: 'future-too-short', details: { column: name, rows: column.length, needed: rows + horizon } },
    );
  }
}

/** @param log whether logarithms are learned. @throws DataError for a value without a logarithm. */
export function checkLogarithms(target: Float64Array, log: boolean): void {
  const row = log ? target.findIndex((value) => value <= 0) : -1;
  if (row >= 0)
    throw new DataError(
      `forecast: row ${row + 1} is ${target[row]}, but logarithms need numbers above 0. Leave log out, or set it to 'off'.`,
    );
}
