import { numbersOf } from './cells.ts';
import { DAY_MS, type DateOrder, readDate } from './dates.ts';
import { withoutAccents } from './names.ts';
import { isMissing } from './numbers.ts';

/** A column of dates. */
export interface DateColumn {
  /** Ms since 1970, NaN where a cell is not a date [rows]. */
  values: Float64Array;
  /** Digits without separators, which could be numbers. */
  isBare: boolean;
  /** A cell that is another date with day and month swapped, if nothing in the column decides which. */
  undecided: string | undefined;
  /** A row whose order of day and month differs from that of others. */
  mixed: number | undefined;
}

/** Number of cells by which a column is first classified. */
const SAMPLE = 200;

/** Tolerance for months, which vary in length but are as likely as days: above the {@link irregularity} of three months, 0.05. */
const MONTHS = 0.06;

/** Starts with two numbers of at most two digits, either of which could be the day. */
const ORDERED = /^\D*\d{1,2}[-/. ]+\d{1,2}\D/;

/** Words in the heading of dates; bare digits are dates only below one of these, or in the first column. */
const HEADING =
  /(?:^|[^a-z])(?:date|datum|data|fecha|ds|year|ano|annee|anno|jahr|jaar|time|timestamp|datetime|unix|epoch|created|updated|period|month)(?:$|[^a-z])/;
/** Headings that consist only of such words. */
const ONLY_HEADING =
  /^(?:the |open |close |unix )?(?:date|datum|data|fecha|ds|year|ano|annee|anno|jahr|jaar|time|timestamp|datetime|unix|epoch|period)$/;

/** 1 for never falling, -1 for never rising (both with at least one change), 0 for neither. Ignores NaN. */
export function direction(moments: ArrayLike<number>): 1 | -1 | 0 {
  let rises = false;
  let falls = false;
  let last = NaN;
  for (let k = 0; k < moments.length; k++) {
    const moment = moments[k]!;
    if (Number.isNaN(moment)) continue;
    if (moment > last) rises = true;
    if (moment < last) falls = true;
    last = moment;
  }
  if (rises === falls) return 0;
  return rises ? 1 : -1;
}

/** The number of moments that are not NaN. */
export const numDates = (moments: Float64Array): number => moments.reduce((n, ms) => n + (Number.isNaN(ms) ? 0 : 1), 0);

/** At most `most` items, evenly spaced. */
export const sample = <T>(list: readonly T[], most = SAMPLE): T[] =>
  list.length <= most ? [...list] : Array.from({ length: most }, (_, k) => list[Math.floor((k * list.length) / most)]!);

/** A {@link sample} of the cells, without missing ones. */
export const presentSample = (cells: readonly string[]): string[] => sample(cells).filter((cell) => !isMissing(cell));

/** The steps between moments in time order. */
function stepsOf(moments: Float64Array): Float64Array {
  const sorted = moments.filter((ms) => !Number.isNaN(ms)).sort();
  return sorted.subarray(1).map((ms, k) => ms - sorted[k]!);
}

/** How irregular the steps are; 0 means all the same. */
function irregularity(moments: Float64Array): number {
  const steps = stepsOf(moments);
  const median = steps.slice().sort()[steps.length >> 1] ?? 0;
  return (
    steps.reduce((sum, step) => sum + Math.abs(step - median), 0) / (steps.reduce((sum, step) => sum + step, 0) || 1)
  );
}

/**
 * The moments in a column, or undefined if fewer than half of its cells are dates. The order of day, month and year is decided
 * for the whole column: by which makes more cells dates, then by which puts them in time order, then by which makes their steps
 * more even, then month first for slashes and day first for dots and dashes.
 * @param isFirst of several columns: bare digits are then dates under any heading if they are days, or evenly spaced.
 */
export function readDates(heading: string, cells: readonly string[], isFirst = false): DateColumn | undefined {
  const present = presentSample(cells);
  const areDates = (...orders: DateOrder[]) =>
    present.filter((cell) => orders.some((order) => !Number.isNaN(readDate(cell, order)))).length / present.length;
  if (!(areDates('dmy', 'mdy') >= 0.5 || areDates('ydm') === 1)) return readBare(heading, cells, isFirst);
  const ordered = present.filter((cell) => ORDERED.test(cell));
  const slashes = ordered.some((cell) => cell.includes('/'));
  const orders: DateOrder[] = slashes ? ['mdy', 'dmy', 'ymd'] : ['dmy', 'mdy', 'ymd'];
  const read = (order: DateOrder) => numbersOf(cells, (cell) => readDate(cell, order));
  const all = (ordered.length > 0 ? orders : (['ymd'] as const)).map(read);
  if (numDates(all[0]!) < cells.length && /^\s*\d{4}/.test(present[0]!)) all.push(read('ydm'));
  const most = Math.max(...all.map(numDates));
  const full = all.filter((moments) => numDates(moments) === most);
  const inOrder = full.filter((moments) => direction(moments) !== 0);
  const [first, ...others] = inOrder.length > 0 ? inOrder : full;
  const differ = (one: Float64Array) => (ms: number, k: number) => !Number.isNaN(ms) && ms !== one[k];
  const rivals = [first!];
  for (const moments of others) if (rivals.every((rival) => moments.some(differ(rival)))) rivals.push(moments);
  const column = { values: first!, isBare: false, undecided: undefined, mixed: undefined };
  if (rivals.length === 1) return { ...column, mixed: mixedRow(first!, ordered.length > 0 ? all.slice(0, 2) : []) };
  const scores = rivals.map(irregularity);
  const best = scores.indexOf(Math.min(...scores));
  if (scores.every((score, k) => k === best || score > 2 * scores[best]! + MONTHS))
    return { ...column, values: rivals[best]! };
  return { ...column, undecided: cells[rivals[1]!.findIndex(differ(first!))]!.trim() };
}

/** A row that fits better with another order than most cells: some programs swap day and month wherever both are valid. */
function mixedRow(values: Float64Array, orders: readonly Float64Array[]): number | undefined {
  const other = orders.find((moments) => moments !== values);
  if (!other || direction(values) !== 0) return undefined;
  const mixed = values.map((ms, k) => (Number.isNaN(other[k]!) ? ms : other[k]!));
  const place = mixed.findIndex((ms, k) => ms !== values[k]);
  const isBetter = irregularity(mixed) < irregularity(values) / (direction(mixed) === 0 ? 5 : 1);
  return place >= 0 && isBetter ? place : undefined;
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, by their magnitude; from 1973 on, to exclude small numbers. */
function readEpoch(text: string): number {
  const size = /^\d+(?:\.\d+)?(?:e\+?\d+)?$/i.test(text) ? Number(text) : NaN;
  for (const [least, perMs] of [
    [1e17, 1e6],
    [1e14, 1e3],
    [1e11, 1],
    [1e8, 1e-3],
  ] as const)
    if (size >= least && size < 100 * least) return Math.round((size / perMs) * 1e3) / 1e3;
  return NaN;
}

const year = (text: string): number => (/^(?:1[5-9]|20|21)\d\d$/.test(text) ? Date.UTC(Number(text), 0) : NaN);
const calendar = (text: string): number =>
  /^(?:1[5-9]|20|21)(?:\d{4}|\d{6}|\d{8}|\d{10}|\d{12})$/.test(text) ? readDate(text, 'ymd', true) : NaN;
const ordinal = (text: string): number => (/^(?:19|20)\d{5}$/.test(text) ? readDate(text, 'ymd', true) : NaN);
/** Years with a month as the fraction: 1871.01 to 1871.12, also 1871.1 for October. */
const yearMonth = (text: string): number => {
  const [, y, m] = /^(1[5-9]\d\d|20\d\d)\.(0[1-9]|1[0-2]?)$/.exec(text) ?? [];
  return y ? Date.UTC(Number(y), (m === '1' ? 10 : Number(m)) - 1) : NaN;
};
/** Years with a fraction: 1958.208. */
const yearFraction = (text: string): number => {
  const [, y, part] = /^(1[5-9]\d\d|20\d\d)(\.\d+)?$/.exec(text) ?? [];
  return y ? Date.UTC(Number(y), 0) + Math.round(Number(part ?? 0) * 365.25) * DAY_MS : NaN;
};
/** Spreadsheet serial days, from 1954 to 2119. */
const serial = (text: string): number => {
  const days = /^\d{5}(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
  return days > 20_000 && days < 80_000 ? Math.round((days - 25_569) * 86_400) * 1000 : NaN;
};

/** Dates as numbers, all in the same format. */
function readBare(heading: string, cells: readonly string[], isFirst: boolean): DateColumn | undefined {
  const words = withoutAccents(heading.replace(/([a-z])([A-Z])/g, '$1 $2'))
    .toLowerCase()
    .replaceAll('_', ' ')
    .trim();
  const isNamed = ONLY_HEADING.test(words);
  if (!isFirst && !HEADING.test(words)) return undefined;
  const ways = [year, calendar, readEpoch];
  if (isNamed) ways.push(ordinal);
  if (isNamed && !/time|unix|epoch/.test(words)) ways.push(yearMonth, yearFraction);
  if (/dat|fecha/.test(words)) ways.push(serial);
  for (const way of ways) {
    const read = (cell: string) => way(cell.trim().replace(/\.0+$/, ''));
    if (!sample(cells).every((cell) => isMissing(cell) || !Number.isNaN(read(cell)))) continue;
    const values = numbersOf(cells, read);
    if (2 * numDates(values) < cells.length) continue;
    const isSure = isNamed || (way !== year && HEADING.test(words));
    if (!isSure && !followOneAnother(values, way === calendar)) continue;
    return { values, isBare: true, undecided: undefined, mixed: undefined };
  }
  return undefined;
}

/** Whether these are dates, not numbers that look like some: all different, and days or nearly evenly spaced. */
function followOneAnother(moments: Float64Array, areDays: boolean): boolean {
  const steps = stepsOf(moments);
  if (steps.length < 2 || steps.length + 1 < moments.length || steps.some((step) => step === 0)) return false;
  return areDays || irregularity(moments) < 0.02;
}
