import { basename } from 'node:path';
import { calendarOf, withCalendar } from '../data/calendar.ts';
import { type Frame, type FrameOptions, readFrame, readManySeries } from '../data/frame.ts';
import { isOfCalendar } from '../data/names.ts';
import type { SeriesOptions } from '../data/reading.ts';
import { ConfigError, DataError, type ErrorCode, LstmError } from '../errors.ts';
import type { SeriesFrame } from '../forecast/frame.ts';
import type { ParsedFile } from '../forecast/model_file.ts';
import { withAdvice, within } from '../placing.ts';
import { shown } from '../shown.ts';
import { holidayName, holidaysOf, isOfHolidays } from './holidays.ts';
import { displayName, readTableFile } from './input.ts';

/** A series of a file, with its name where the file has several. */
export interface NamedFrame extends Frame {
  id?: string;
}

/** A series that is not used, and why. */
interface LeftOut {
  id: string;
  reason: string;
}

/** The series of a file; at least one. */
export interface SeriesFile {
  /** Undefined: the file is one series, or several side by side. */
  idColumn: string | undefined;
  series: readonly NamedFrame[];
  leftOut: readonly LeftOut[];
}

/** What a model file says of the series that it was trained on. */
type Trained = Pick<ParsedFile, 'shape' | 'ids' | 'scalers'>;

/** What a forecaster takes of a series. */
export const seriesOf = ({ id, values, past, future, holes }: NamedFrame): SeriesFrame => ({
  ...(id !== undefined && { id }),
  ...{ target: values, past, future, holes },
});

/** Whether series have names. */
export const isSeveral = ({ series }: Pick<SeriesFile, 'series'>): boolean => series[0]!.id !== undefined;

/** What a forecaster takes of a file. */
export const seriesInput = (file: Pick<SeriesFile, 'series'>): SeriesFrame | SeriesFrame[] =>
  isSeveral(file) ? file.series.map(seriesOf) : seriesOf(file.series[0]!);

/** How a file holds its series; one where neither is told. */
interface Naming {
  id?: string;
  columns?: readonly (string | number)[];
}

interface ReadingOptions extends FrameOptions, Naming {
  id?: string;
  calendar?: 'auto' | undefined;
  /** A country, or a part of it. */
  holidays?: string | undefined;
  /** Rows behind the end that calendar and holidays are known for. Default 0. */
  ahead?: number;
}

/**
 * Reads the series of a CSV file, oldest row first, with the columns beside them, and those of calendar and holidays where they are asked for.
 * @throws DataError naming the file, and row and column; for several series only where none can be read.
 */
export async function readSeriesFile(
  path: string,
  { calendar, holidays, id, columns, ahead = 0, ...options }: ReadingOptions,
): Promise<SeriesFile> {
  const { table, known } = await readTableFile(path);
  const addHolidays = await holidaysOf(holidays === undefined ? [] : [holidayName(holidays)]);
  return within(displayName(path), () => {
    const reading = { fileName: basename(path), ...options, ...known };
    let names: string[] | undefined; // all series have the same columns
    const whole = <F extends Frame>(frame: F): F => {
      if (calendar) names ??= calendarOf(frame);
      return addHolidays(withCalendar(frame, names ?? [], ahead), ahead);
    };
    if (id === undefined && columns === undefined)
      return { idColumn: undefined, series: [whole(readFrame(table, reading))], leftOut: [] };
    const many = [...readManySeries(table, { ...reading, id, columns })];
    return { idColumn: id, ...sifted(many, (name, frame) => ({ ...whole(frame), id: name })) };
  });
}

/** Of errors about one series that is not as the others. */
const CODES: readonly ErrorCode[] = ['nothing-to-train-on', 'unknown-series'];

/** Those that can be used. @throws DataError where none can. */
function sifted<One, Used>(
  all: readonly (readonly [id: string, one: One | DataError])[],
  use: (id: string, one: One) => Used,
): { series: Used[]; leftOut: LeftOut[] } {
  const series: Used[] = [];
  const leftOut: LeftOut[] = [];
  for (const [id, one] of all)
    try {
      if (one instanceof DataError) throw one;
      series.push(use(id, one));
    } catch (error) {
      if (!(error instanceof DataError || (error instanceof ConfigError && CODES.includes(error.code)))) throw error;
      leftOut.push({ id, reason: error.message });
    }
  const [first] = leftOut;
  if (series.length === 0)
    throw new DataError(
      `none of the ${all.length} series can be used. The first, ${shown(first!.id)}: ${first!.reason}`,
    );
  return { series, leftOut };
}

/**
 * The series of a file that a model reads; of its columns the ones that it was trained on, unless others are asked for.
 * @param ahead rows behind the end that calendar and holidays are to be known for.
 * @throws DataError as {@link readSeriesFile}. @throws ConfigError for several series of a model of one, and for one of several.
 */
export async function readSeriesFor(
  model: Trained,
  path: string,
  options: SeriesOptions & Naming,
  ahead = 0,
): Promise<SeriesFile> {
  const { target, past, future } = model.shape;
  const naming = namingFor(model, options);
  const { column = naming.columns ? undefined : target } = options;
  const isMade = (name: string) => isOfCalendar(name) || isOfHolidays(name);
  const asked = { ...options, ...naming, column, past, future: future.filter((name) => !isMade(name)) };
  const addHolidays = await holidaysOf(future.filter(isOfHolidays));
  const file = await readSeriesFile(path, asked).catch((error: unknown) => {
    throw adviseColumn(error, options);
  });
  if (naming.columns === model.ids) within(displayName(path), () => checkColumns(model.ids, file));
  const whole = (frame: NamedFrame): NamedFrame => {
    const full = addHolidays(withCalendar(frame, future.filter(isOfCalendar), ahead), ahead);
    const isOther = target !== undefined && !naming.columns && full.column.toLowerCase() !== target.toLowerCase();
    if (!isOther) return full;
    return { ...full, notes: [...full.notes, { code: 'other-column', trained: target, column: full.column }] };
  };
  return within(displayName(path), () =>
    isSeveral(file) ? kept(file, whole) : { ...file, series: file.series.map(whole) },
  );
}

/** How a file holds the series of a model: as is asked for, else as in its training. @throws ConfigError as {@link readSeriesFor}. */
function namingFor({ shape, ids, scalers }: Trained, { id, columns, column }: SeriesOptions & Naming): Naming {
  if (columns !== undefined || id !== undefined) {
    const flag = columns ? '--columns' : '--id';
    if (scalers.length > 0 && ids.length === 0)
      throw new ConfigError(`${flag}: the model was trained on one series. Train it with ${flag}, or leave it out.`);
    return { id, columns };
  }
  const areColumns = ids.length > 0 && shape.idColumn === undefined && shape.target === undefined;
  if (!areColumns) return { id: shape.idColumn };
  if (column === undefined) return { columns: ids };
  if (ids.length === 1) return {};
  throw new ConfigError(
    `--column: got ${shown(column)}, but the model was trained on several series, ${shown(ids)}. ${WHERE}`,
  );
}

/** Where several series are in a file. */
const WHERE = '--columns says which columns they are, or --id which column names them.';

/** @throws ConfigError for a column that is no series of the model, found by the place that a name of digits is, too. */
function checkColumns(ids: readonly string[], { series, leftOut }: SeriesFile): void {
  const other = [...series, ...leftOut].find(({ id }) => !ids.includes(id!));
  if (other)
    throw new ConfigError(`no column is called as the series that the model was trained on, ${shown(ids)}. ${WHERE}`);
}

/** Adds to an error about a column that is not there which one it is of. */
function adviseColumn(error: unknown, { column, id, columns }: SeriesOptions & Naming): unknown {
  if (!(error instanceof LstmError && error.code === 'csv-no-column')) return error;
  const { option } = error.details;
  if (option === 'column' && column === undefined)
    return withAdvice(error, 'It is the one that the model was trained on; --column says which one it is here.');
  if (option === 'id' && id === undefined)
    return withAdvice(error, 'It named the series that the model was trained on; --id says which column does here.');
  if (option === 'columns' && columns === undefined)
    return withAdvice(error, `It is a series that the model was trained on; ${WHERE}`);
  return error;
}

/** Adds to an error about too few rows of what is known ahead how a file has more. @param column that is forecast. */
export const adviseRowsToCome = (error: unknown, column: string): unknown =>
  error instanceof LstmError && error.code === 'future-too-short'
    ? withAdvice(error, `In the file these are rows at its end, with an empty ${JSON.stringify(column)}.`)
    : error;

/**
 * Some series of a file, in the order of the ids that a training had.
 * @throws DataError for one that is not in the file, or cannot be read.
 */
export function inOrderOf(ids: readonly string[], { series, leftOut }: SeriesFile, path: string): NamedFrame[] {
  return ids.map((id) => {
    const frame = series.find((one) => one.id === id);
    if (frame) return frame;
    const reason = leftOut.find((one) => one.id === id)?.reason ?? 'it is not in the file.';
    throw new DataError(`${displayName(path)}: series ${shown(id)}, which was trained on: ${reason}`);
  });
}

/** Leaves out of several series those that cannot be trained on, forecast or scored. @param check throws for them. */
export const leavingOut = (file: SeriesFile, check: (series: SeriesFrame, frame: NamedFrame) => void): SeriesFile =>
  isSeveral(file)
    ? kept(file, (frame) => {
        check(seriesOf(frame), frame);
        return frame;
      })
    : file;

/** What `use` makes of the series, without those for which it cannot. */
function kept(file: SeriesFile, use: (frame: NamedFrame) => NamedFrame): SeriesFile {
  const all = file.series.map((frame) => [frame.id!, frame] as const);
  const { series, leftOut } = sifted(all, (_, frame: NamedFrame) => use(frame));
  return { ...file, series, leftOut: [...file.leftOut, ...leftOut] };
}
