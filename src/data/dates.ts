/** Which number comes first where a date starts with a day or a month, as in 03/04/2000. */
type DayOrder = 'dmy' | 'mdy';

/** Longer cells are text. */
const MAX_CELL = 48;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?';
const CLOCK =
  '(?:(?:[T,]\\s?|\\s)(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?\\s?([ap]m)?\\s?(z|utc|gmt|[+-]\\d{2}:?\\d{2})?)?$';

const YEAR_FIRST = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})${CLOCK}`, 'i');
const YEAR_LAST = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4}|\\d{2})${CLOCK}`, 'i');
const NAME_FIRST = new RegExp(`^${MONTH}[ -](\\d{1,2}),?[ -](\\d{4})${CLOCK}`, 'i');
const NAME_SECOND = new RegExp(`^(\\d{1,2})[ -]${MONTH}[ -](\\d{4}|\\d{2})${CLOCK}`, 'i');
const YEAR_MONTH = /^(\d{4})[-/](\d{1,2})$/;
const MONTH_YEAR = /^(\d{1,2})[-/](\d{4})$/;
const NAME_YEAR = new RegExp(`^${MONTH}[ -](\\d{4})$`, 'i');
const YEAR_QUARTER = /^(\d{4})[ -/]?[qt]([1-4])$/i;
const QUARTER_YEAR = /^[qt]([1-4])[ -/]?(\d{4})$/i;
const WEEKDAY = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i;

/** Not worth a try: most cells of a table are such numbers. */
const PLAIN_NUMBER = /^[+-]?\d*\.?\d*$/;

/** A date that reads differently by its order. */
const ORDERED = /^\s*(?:[a-z]+,? )?\d{1,2}[-/.]\d/i;

/** Bare digits are dates only under these headings: anywhere else they are numbers. */
const DATE_HEADING =
  /^(?:date|datum|data|fecha|ds|year|ano|time|timestamp|datetime|unix|(?:open|close|unix)[ _]?time)$/i;

/** Milliseconds since 1970 (UTC where no zone is given), or NaN where a part is out of its range. */
function utc(year: number, month: number, day: number, clock: readonly (string | undefined)[] = []): number {
  const [hour = '0', minute = '0', second = '0', fraction = '0', half, zone] = clock;
  const hours = half ? (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0) : Number(hour);
  if (hours > 24 || Number(minute) > 59 || Number(second) > 60) return NaN;
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return NaN; // 31 February
  const offset = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '');
  const offsetMinutes = offset ? Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3])) : 0;
  return ms + ((hours * 60 + Number(minute) - offsetMinutes) * 60 + Number(second) + Number(`0.${fraction}`)) * 1000;
}

/** As in POSIX: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return year + (year >= 69 ? 1900 : 2000);
}

const monthNumber = (name: string): number => MONTHS.indexOf(name.toLowerCase()) + 1;

/**
 * The moment in a cell in ms since 1970, or NaN. Reads ISO, 3.4.2000, 03/04/2000, `Jan 02, 2000`, `2-Jan-00`, each with or without
 * a time; months and quarters begin with their first day.
 */
function readDate(cell: string, order: DayOrder): number {
  if (cell.length > MAX_CELL || PLAIN_NUMBER.test(cell) || !/\d/.test(cell)) return NaN;
  const text = cell.trim().replace(WEEKDAY, '');
  let m = YEAR_FIRST.exec(text);
  if (m) return utc(Number(m[1]), Number(m[3]), Number(m[4]), m.slice(5));
  m = YEAR_LAST.exec(text);
  if (m) {
    const [day, month] = order === 'dmy' ? [m[1], m[3]] : [m[3], m[1]];
    return utc(fullYear(m[4]!), Number(month), Number(day), m.slice(5));
  }
  m = NAME_FIRST.exec(text);
  if (m) return utc(Number(m[3]), monthNumber(m[1]!), Number(m[2]), m.slice(4));
  m = NAME_SECOND.exec(text);
  if (m) return utc(fullYear(m[3]!), monthNumber(m[2]!), Number(m[1]), m.slice(4));
  m = YEAR_MONTH.exec(text);
  if (m) return utc(Number(m[1]), Number(m[2]), 1);
  m = MONTH_YEAR.exec(text);
  if (m) return utc(Number(m[2]), Number(m[1]), 1);
  m = NAME_YEAR.exec(text);
  if (m) return utc(Number(m[2]), monthNumber(m[1]!), 1);
  m = YEAR_QUARTER.exec(text);
  if (m) return utc(Number(m[1]), 3 * Number(m[2]) - 2, 1);
  m = QUARTER_YEAR.exec(text);
  if (m) return utc(Number(m[2]), 3 * Number(m[1]) - 2, 1);
  return NaN;
}

/** Dates without separators: 20000103, a year, Unix seconds or milliseconds. */
function readDigits(cell: string): number {
  const text = cell.trim();
  if (/^\d{8}$/.test(text)) return utc(Number(text.slice(0, 4)), Number(text.slice(4, 6)), Number(text.slice(6)));
  if (/^[12]\d{3}$/.test(text)) return utc(Number(text), 1, 1);
  if (/^\d{10}$/.test(text)) return Number(text) * 1000;
  return /^\d{13}$/.test(text) ? Number(text) : NaN;
}

/** Bare digits that are nothing but a calendar: days without separators, or years one after the other, up or down. */
function isCalendar(cells: readonly string[]): boolean {
  const texts = cells.map((cell) => cell.trim());
  const moments = Float64Array.from(texts, readDigits);
  if (texts.length < 3 || direction(moments) === 0 || moments.some(Number.isNaN)) return false;
  if (texts.every((text) => /^(?:18|19|20|21)\d{6}$/.test(text))) return true;
  const step = Number(texts[1]) - Number(texts[0]);
  const isNext = (text: string, k: number) => k === 0 || Number(text) - Number(texts[k - 1]) === step;
  return Math.abs(step) === 1 && texts.every((text, k) => /^(?:18|19|20|21)\d\d$/.test(text) && isNext(text, k));
}

/** 1 for never falling, -1 for never rising (both with at least one change), 0 for neither. NaN is passed over. */
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

const count = (moments: Float64Array): number => moments.reduce((n, ms) => n + (Number.isNaN(ms) ? 0 : 1), 0);

/**
 * The moments in a column, ms since 1970, NaN where a cell is no date. Day first or month first is decided for the
 * whole column: by which reading makes more cells dates, then by which puts them in order, then month first for
 * slashes and day first for dots and dashes.
 * @param isFirst of several columns: there a calendar in bare digits is one, whatever its heading.
 */
export function readDates(heading: string, cells: readonly string[], isFirst = false): Float64Array {
  const dayFirst = Float64Array.from(cells, (cell) => readDate(cell, 'dmy'));
  const ordered = cells.some((cell) => ORDERED.test(cell) && !PLAIN_NUMBER.test(cell));
  const monthFirst = ordered ? Float64Array.from(cells, (cell) => readDate(cell, 'mdy')) : dayFirst;
  const difference = count(dayFirst) - count(monthFirst);
  if (difference !== 0) return difference > 0 ? dayFirst : monthFirst;
  if (count(dayFirst) === 0 && (DATE_HEADING.test(heading) || (isFirst && isCalendar(cells))))
    return Float64Array.from(cells, readDigits);
  if (direction(dayFirst) !== 0 && direction(monthFirst) === 0) return dayFirst;
  if (direction(monthFirst) !== 0 && direction(dayFirst) === 0) return monthFirst;
  return cells.some((cell) => /^\s*\d{1,2}\//.test(cell)) ? monthFirst : dayFirst;
}
