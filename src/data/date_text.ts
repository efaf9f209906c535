import { DAY_MS } from './dates.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Number of cells to compare, from the end. */
const EXAMPLES = 20;

const two = (n: number): string => String(n).padStart(2, '0');

/** Writes a moment, in ms since 1970, in UTC. */
export type DateWriter = (ms: number) => string;

/** Parts of a date, by their letters in a pattern. */
function parts(ms: number) {
  const date = new Date(ms);
  const month = date.getUTCMonth();
  return {
    YYYY: String(date.getUTCFullYear()),
    YY: two(date.getUTCFullYear() % 100),
    MMM: MONTHS[month]!,
    MM: two(month + 1),
    M: String(month + 1),
    DD: two(date.getUTCDate()),
    D: String(date.getUTCDate()),
    HH: two(date.getUTCHours()),
    H: String(date.getUTCHours()),
    mm: two(date.getUTCMinutes()),
    ss: two(date.getUTCSeconds()),
    SSS: String(date.getUTCMilliseconds()).padStart(3, '0'),
    Q: String(Math.floor(month / 3) + 1),
  };
}

const DAYS = [
  ...[
    'YYYY-MM-DD',
    'YYYY/MM/DD',
    'YYYY.MM.DD',
    'YYYYMMDD',
    'DD.MM.YYYY',
    'D.M.YYYY',
    'DD/MM/YYYY',
    'MM/DD/YYYY',
    'D/M/YYYY',
  ],
  ...[
    'M/D/YYYY',
    'DD-MM-YYYY',
    'MM-DD-YYYY',
    'DD/MM/YY',
    'MM/DD/YY',
    'M/D/YY',
    'DD.MM.YY',
    'MMM D YYYY',
    'MMM DD YYYY',
  ],
  ...['MMM D, YYYY', 'MMM DD, YYYY', 'DD MMM YYYY', 'D MMM YYYY', 'DD-MMM-YYYY', 'D-MMM-YYYY', 'DD-MMM-YY', 'D-MMM-YY'],
];
const CLOCKS = [
  ' HH:mm',
  ' HH:mm:ss',
  'THH:mm',
  'THH:mm:ss',
  'THH:mm:ssZ',
  'THH:mm:ss.SSSZ',
  ' HH:mm:ss.SSS',
  ' H:mm',
  ', HH:mm',
];
const PERIODS = [
  'YYYY-MM',
  'YYYY/MM',
  'MM/YYYY',
  'M/YYYY',
  'MMM YYYY',
  'MMM-YY',
  'YYYYQQ',
  'YYYY-QQ',
  'YYYY QQ',
  'QQ YYYY',
  'YYYY',
];

const writer =
  (pattern: string): DateWriter =>
  (ms) => {
    const of = parts(ms);
    return pattern.replace(/YYYY|YY|MMM|MM|M|DD|D|HH|H|mm|ss|SSS|QQ/g, (letters) =>
      letters === 'QQ' ? `Q${of.Q}` : of[letters as keyof typeof of],
    );
  };

/** The ISO 8601 week that begins on a Monday; its year is that of its Thursday. */
const week: DateWriter = (ms) => {
  const year = new Date(ms + 3 * DAY_MS).getUTCFullYear();
  return `${year}-W${two(Math.floor((ms + 3 * DAY_MS - Date.UTC(year, 0)) / (7 * DAY_MS)) + 1)}`;
};

const PATTERNS = [...DAYS, ...PERIODS, ...DAYS.flatMap((day) => CLOCKS.map((clock) => day + clock))];
const WRITERS: readonly (readonly [pattern: string | undefined, DateWriter])[] = [
  ...PATTERNS.map((pattern) => [pattern, writer(pattern)] as const),
  [undefined, week],
  [undefined, (ms) => String(ms / 1000)],
  [undefined, String],
];

/** As ISO 8601: the day, with a time if any moment has one. */
const iso = (moments: readonly number[]): DateWriter => {
  const isDay = moments.every((ms) => ms % DAY_MS === 0);
  return (ms) => (isDay ? new Date(ms).toISOString().slice(0, 10) : new Date(ms).toISOString().replace(/\.000Z$/, 'Z'));
};

/**
 * How to write dates in the format of a file. @param cells as in the file, [rows]. @param moments of the cells, in ms since
 * 1970.
 * @returns ISO 8601 if the format is not a usual one.
 */
export function dateWriter(cells: readonly string[], moments: ArrayLike<number>): DateWriter {
  const rows = examples(cells, moments);
  return writerOf(rows)?.[1] ?? iso(rows.map(([, ms]) => ms));
}

/** The pattern of the dates, such as DD/MM/YYYY; undefined if it is not a usual one. */
export const datePattern = (cells: readonly string[], moments: ArrayLike<number>): string | undefined =>
  writerOf(examples(cells, moments))?.[0];

type Example = readonly [cell: string, ms: number];

function examples(cells: readonly string[], moments: ArrayLike<number>): Example[] {
  const from = Math.max(0, cells.length - EXAMPLES);
  return cells.slice(from).map((cell, k) => [cell.trim(), moments[from + k]!]);
}

const writerOf = (rows: readonly Example[]) =>
  WRITERS.find(([, write]) => rows.every(([cell, ms]) => write(ms) === cell));
