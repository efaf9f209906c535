import { DataError } from '../errors.ts';
import { momentsAhead } from './ahead.ts';
import { DAY_MS } from './dates.ts';
import type { Frame } from './frame.ts';
import { type Frequency, inferFrequency } from './frequency.ts';
import { CALENDAR } from './names.ts';
import type { Series } from './reading.ts';

const YEAR_DAYS = 365.2425;

/** The position of a moment in a cycle, from 0 to 1. */
const CYCLES = {
  hour: (ms: number) => (ms / DAY_MS) % 1,
  weekday: (ms: number) => ((ms / DAY_MS + 3) % 7) / 7, // 1 January 1970 was a Thursday: 0 is Monday
  month: (ms: number) => {
    const date = new Date(ms);
    const start = Date.UTC(date.getUTCFullYear(), 0, 1);
    return (ms - start) / DAY_MS / YEAR_DAYS;
  },
} as const;

type Cycle = keyof typeof CYCLES;

/** The cycles for which a step is short enough. */
export function cyclesOf({ unit, count }: Frequency): Cycle[] {
  if (unit === 'month') return count < 12 ? ['month'] : [];
  const days = unit === 'ms' ? count / DAY_MS : count;
  return [...(days < 1 ? (['hour'] as const) : []), ...(days < 7 ? (['weekday'] as const) : []), 'month'];
}

/** The names of the columns of some cycles: a sine and a cosine each, so that the end of a cycle is close to its start. */
export const calendarNames = (cycles: readonly Cycle[]): string[] =>
  cycles.flatMap((cycle) => ['sin', 'cos'].map((wave) => `${CALENDAR}${cycle} ${wave}`));

/**
 * Calendar columns for moments in ms since 1970; known for all future rows.
 * @param names of {@link calendarNames}. @returns [moments] each, from -1 to 1.
 * @see Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, 7.4
 */
export function calendarColumns(names: readonly string[], moments: Float64Array): Record<string, Float64Array> {
  return Object.fromEntries(
    names.map((name) => {
      const [cycle, wave] = name.slice(CALENDAR.length).split(' ') as [Cycle, 'sin' | 'cos'];
      return [name, moments.map((ms) => Math[wave](2 * Math.PI * CYCLES[cycle](ms)))];
    }),
  );
}

/** The calendar columns of a series. @throws DataError if it has no dates, or they are irregular. */
export function calendarOf({ moments, dateColumn }: Pick<Series, 'moments' | 'dateColumn'>): string[] {
  const frequency = moments && inferFrequency(moments);
  if (frequency) return calendarNames(cyclesOf(frequency));
  throw new DataError(
    moments
      ? `calendar: the dates in ${JSON.stringify(dateColumn)} are irregular. Leave the calendar out.`
      : 'calendar: the file has no column of dates. Leave the calendar out, or add one.',
  );
}

/**
 * The moments of a frame's rows and of the rows ahead; undefined if there are no dates, or they are irregular.
 * @param ahead number of rows after the end; at least as many as the frame's columns known ahead have.
 */
export function momentsAlong(frame: Frame, ahead: number): Float64Array | undefined {
  const toCome = Math.max(ahead, ...Object.values(frame.future).map(({ length }) => length - frame.values.length));
  const behind = toCome > 0 ? momentsAhead(frame, toCome) : new Float64Array();
  return frame.moments && behind && Float64Array.from([...frame.moments, ...behind]);
}

/**
 * A frame with its calendar columns, which are known ahead.
 * @param ahead rows after the end that they cover, as in {@link momentsAlong}.
 */
export function withCalendar<F extends Frame>(frame: F, names: readonly string[], ahead = 0): F {
  if (names.length === 0) return frame;
  const along = momentsAlong(frame, ahead);
  if (!along) calendarOf(frame); // throws an error naming what is missing
  return { ...frame, future: { ...frame.future, ...calendarColumns(names, along!) } };
}
