import { basename } from 'node:path';
import { calendarOf, withCalendar } from '../data/calendar.ts';
import { type Frame, type FrameOptions, readFrame, readManySeries } from '../data/frame.ts';
import { isOfCalendar } from '../data/names.ts';
import type { SeriesOptions } from '../data/reading.ts';
import { ConfigError, DataError, type ErrorCode, type ErrorDetails, LstmError } from '../errors.ts';
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

/** A series that is not used, with the reason. */
interface LeftOut {
  id: string;
  reason: string;
}

/** The series of a file; at least one. */
export interface SeriesFile {
  /** Undefined where the file is one series, or several side by side. */
  idColumn: string | undefined;
  series: readonly NamedFrame[];
  leftOut: readonly LeftOut[];
}

/** What a model file has about the series of its training. */
type Trained = Pick<ParsedFile, 'shape' | 'ids' | 'scalers'>;

/** A series as a forecaster takes it. */
export const seriesOf = ({ id, values, past, future, holes }: NamedFrame): SeriesFrame => ({
  ...(id !== undefined && { id }),
  ...{ target: values, past, future, holes },
});

/** Whether series have names. */
export const isSeveral = ({ series }: Pick<SeriesFile, 'series'>): boolean => series[0]!.id !== undefined;

/** A file as a forecaster takes it. */
export const seriesInput = (file: Pick<SeriesFile, 'series'>): SeriesFrame | SeriesFrame[] =>
  isSeveral(file) ? file.series.map(seriesOf) : seriesOf(file.series[0]!);

/** How a file holds its series; a single one where neither is given. */
interface Naming {
  id?: string;
  columns?: readonly (string | number)[];
}

interface ReadingOptions extends FrameOptions, Naming {
  id?: string;
  calendar?: 'auto' | undefined;
  /** A country, or a part of it. */
  holidays?: string | undefined;
  /** Rows after the end that have columns of calendar and holidays. Default 0. */
  ahead?: number;
}

/**
 * Reads the series of a CSV file, oldest row first, with their other columns, and with those of calendar and holidays on request.
 * @throws DataError naming the file, row and column; for several series only if none can be read.
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

/** Of errors that concern one series only. */
const CODES: readonly ErrorCode[] = ['nothing-to-train-on', 'unknown-series'];

/** The series that can be used. @throws DataError if none can. */
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
 * The series of a file for a model: in the columns of its training, unless others are requested.
 * @param ahead rows after the end that need columns of calendar and holidays.
 * @throws DataError as {@link readSeriesFile}. @throws ConfigError for several series where the model has one, and for one where it
 *   has several.
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
  const asked = { ...options, ...naming, column, past, future: future.filter((name) => !isMadeOfDates(name)) };
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

/** Whether a column is made from the dates, so that no file has it. */
export const isMadeOfDates = (name: string): boolean => isOfCalendar(name) || isOfHolidays(name);

/** How a file holds the series of a model: as requested, otherwise as in its training. @throws ConfigError as {@link readSeriesFor}. */
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
    `--column: got ${shown(column)}, but the model was trained on several series: ${shown(ids)}. ${WHERE}`,
  );
}

/** How to give several series of a file. */
const WHERE = 'Give their columns with --columns, or the column that names them with --id.';

/** @throws ConfigError for a column that is not a series of the model: a name of digits is also an index. */
function checkColumns(ids: readonly string[], { series, leftOut }: SeriesFile): void {
  const other = [...series, ...leftOut].find(({ id }) => !ids.includes(id!));
  if (other)
    throw new ConfigError(`the model was trained on the series ${shown(ids)}, and no column has such a name. ${WHERE}`);
}

/** Adds to an error about a missing column where its name came from. */
function adviseColumn(error: unknown, { column, id, columns }: SeriesOptions & Naming): unknown {
  if (!(error instanceof LstmError && error.code === 'csv-no-column')) return error;
  const { option } = error.details;
  if (option === 'column' && column === undefined)
    return withAdvice(error, 'The model was trained on this column; use --column if it has another name here.');
  if (option === 'id' && id === undefined)
    return withAdvice(error, 'In training this column named the series; use --id if it has another name here.');
  if (option === 'columns' && columns === undefined)
    return withAdvice(error, `The model was trained on this series. ${WHERE}`);
  return error;
}

/**
 * Runs a check of a series. An error about a column that is not known far enough ahead explains how to add rows to the file.
 * @param shorter what to do instead, where some rows are known. @throws as the check does.
 */
export function advisingRows(
  { values, column }: NamedFrame,
  check: () => void,
  shorter?: (known: number) => string,
): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof DataError && error.code === 'future-too-short')) throw error;
    const details = error.details as ErrorDetails['future-too-short'];
    const known = Math.max(0, details.rows - values.length);
    const [name, target] = [JSON.stringify(details.column), JSON.stringify(column)];
    const missing = details.needed - values.length - known;
    throw new DataError(
      `the forecast needs ${name} for the next ${plural(details.needed - values.length)}, and ${known === 0 ? 'none has' : `only ${known} of them have`} it. ` +
        `Append ${plural(missing)} to the file with ${name} filled in and ${target} empty` +
        `${shorter && known > 0 ? `, or ${shorter(known)}` : ''}.`,
      { code: 'future-too-short', details, cause: error },
    );
  }
}

const plural = (rows: number): string => (rows === 1 ? 'one row' : `${rows} rows`);

/**
 * Series of a file, in the order of the ids of a training.
 * @throws DataError for one that is missing from the file or cannot be read.
 */
export function inOrderOf(ids: readonly string[], { series, leftOut }: SeriesFile, path: string): NamedFrame[] {
  return ids.map((id) => {
    const frame = series.find((one) => one.id === id);
    if (frame) return frame;
    const reason = leftOut.find((one) => one.id === id)?.reason ?? 'it is not in the file.';
    throw new DataError(`${displayName(path)}: series ${shown(id)}, which the model was trained on: ${reason}`);
  });
}

/** Leaves out those of several series that cannot be trained on, forecast or scored. @param check throws for them. */
export const leavingOut = (file: SeriesFile, check: (series: SeriesFrame, frame: NamedFrame) => void): SeriesFile =>
  isSeveral(file)
    ? kept(file, (frame) => {
        check(seriesOf(frame), frame);
        return frame;
      })
    : file;

/** The series after `use`, without those that it throws for. */
function kept(file: SeriesFile, use: (frame: NamedFrame) => NamedFrame): SeriesFile {
  const all = file.series.map((frame) => [frame.id!, frame] as const);
  const { series, leftOut } = sifted(all, (_, frame: NamedFrame) => use(frame));
  return { ...file, series, leftOut: [...file.leftOut, ...leftOut] };
}
