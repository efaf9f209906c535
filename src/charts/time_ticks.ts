const [SECOND, MINUTE, HOUR, DAY] = [1e3, 6e4, 36e5, 864e5];

/** The format of a tick: the time of day, the day, the month or the year. */
type Written = keyof typeof LETTERS;

/** Of the longest label of each, with space around it. */
const LETTERS = { time: 14, day: 15, month: 11, year: 7 } as const;

/** Letters between two labels, at least. */
const BETWEEN = 3;

/** A calendar unit: the number of the period of a moment, and the format of its first row. */
interface Unit {
  written: Written;
  periodOf: (ms: number) => number;
}

const every = (written: Written, stepMs: number, offsetMs = 0): Unit => ({
  written,
  periodOf: (ms) => Math.floor((ms + offsetMs) / stepMs),
});
const monthOf = (ms: number): number => {
  const date = new Date(ms);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
};
const months = (count: number): Unit => ({
  written: count < 12 ? 'month' : 'year',
  periodOf: (ms) => Math.floor(monthOf(ms) / count),
});

/** Finest first. Weeks begin on Monday; 1970 began on a Thursday. */
const UNITS: readonly Unit[] = [
  ...[1, 5, 15, 30].map((count) => every('time', count * SECOND)),
  ...[1, 5, 15, 30].map((count) => every('time', count * MINUTE)),
  ...[1, 3, 6, 12].map((count) => every('time', count * HOUR)),
  ...[every('day', DAY), every('day', 7 * DAY, 3 * DAY), every('day', 14 * DAY, 3 * DAY)],
  ...[1, 3, 6].map(months),
  ...[1, 2, 5, 10, 20, 50, 100].map((years) => months(12 * years)),
];

/** A tick at a row, and its label. */
export interface Tick {
  row: number;
  text: string;
}

/**
 * Ticks of an axis of dated rows: where a calendar period begins, of the finest unit that leaves room for the labels.
 * @param moments ms since 1970 [rows], never falling. @param first, last visible rows. @param perLetter rows per character.
 * @param language as of Intl.
 */
export function timeTicks(
  moments: ArrayLike<number>,
  first: number,
  last: number,
  perLetter: number,
  language: string,
): Tick[] {
  const from = Math.max(0, Math.ceil(first));
  const to = Math.min(moments.length - 1, Math.floor(last));
  const unit = UNITS.find(({ periodOf, written }) => {
    const periods = periodOf(moments[to]!) - periodOf(moments[from]!);
    return periods * perLetter * LETTERS[written] <= to - from;
  });
  if (!unit) return [];
  const labelOf = labels(moments, unit.written, language);
  const ticks: Tick[] = [];
  for (const row of begins(moments, unit, from, to)) {
    const before = ticks.at(-1);
    const tick = { row, text: labelOf(row, before?.row) };
    const room = before && (row - before.row) / perLetter - (before.text.length + tick.text.length) / 2;
    if (room === undefined || room >= BETWEEN) ticks.push(tick);
  }
  return ticks;
}

/** Rows in which a period begins; the first row only if the row before it would be in another one. */
function begins(moments: ArrayLike<number>, { periodOf }: Unit, from: number, to: number): number[] {
  const before = (row: number) => (row > 0 ? moments[row - 1]! : 2 * moments[0]! - (moments[1] ?? moments[0]!));
  const rows: number[] = [];
  for (let row = from; row <= to; row++) if (periodOf(moments[row]!) !== periodOf(before(row))) rows.push(row);
  return rows;
}

/** Labels as short as possible: the year only where it changes, and the day only at its first time. */
function labels(moments: ArrayLike<number>, written: Written, language: string) {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const { format } = new Intl.DateTimeFormat(language, { timeZone: 'UTC', ...options });
    return (ms: number) => format(ms);
  };
  const day = { month: 'short', day: 'numeric' } as const;
  const [time, ofDay, ofDayAndYear, month, ofMonthAndYear, year] = [
    format({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
    format(day),
    format({ ...day, year: 'numeric' }),
    format({ month: 'short' }),
    format({ month: 'short', year: 'numeric' }),
    format({ year: 'numeric' }),
  ];
  const yearOf = (ms: number) => Math.floor(monthOf(ms) / 12);
  return (row: number, rowBefore: number | undefined): string => {
    const ms = moments[row]!;
    const before = rowBefore === undefined ? undefined : moments[rowBefore]!;
    const isNewYear = before === undefined || yearOf(ms) !== yearOf(before);
    if (written === 'year') return year(ms);
    if (written === 'month') return (isNewYear ? ofMonthAndYear : month)(ms);
    const isNewDay = before === undefined || Math.floor(ms / DAY) !== Math.floor(before / DAY);
    if (written === 'day' || isNewDay) return (isNewYear ? ofDayAndYear : ofDay)(ms);
    return time(ms).replace(/:00$/, '');
  };
}
