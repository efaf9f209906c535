import { mostCommon } from './counts.ts';
import { DAY_MS } from './dates.ts';

/** The step of a series from row to row. */
export interface Frequency {
  /** 'weekday' includes only the days in `weekdays`. */
  unit: 'ms' | 'day' | 'weekday' | 'month';
  /** Units per step. */
  count: number;
  /** For 'weekday': the days that have rows, 0 is Sunday. */
  weekdays?: readonly number[];
  /** For 'month': the day of the month, or its last day, or its last day from Monday to Friday. */
  day?: number | 'last' | 'last-weekday';
}

/** Missing rows, and rows with the same moment as the previous one. */
export interface Irregularities {
  /** Number of missing rows, and the row before the first of them. */
  missing: { rows: number; after: number } | undefined;
  /** Number of rows with a repeated moment, and the first of them. */
  repeated: { rows: number; first: number } | undefined;
}

/** Lower bound for the time from the last day, or last weekday, of a month to that of the next. */
const SHORTEST_MONTH_MS = 27 * DAY_MS;

/** Minimum share of steps that must be the usual one. */
const REGULAR_SHARE = 0.6;
/** Rows needed before a weekday without rows counts as a day off. */
const ENOUGH_FOR_WEEKDAYS = 10;
/** Relative deviation of loggers from their step. */
const JITTER = 0.2;
/** Usual steps of loggers, in ms. */
const USUAL_STEPS = [1, 10, 100, 1e3, 5e3, 1e4, 15e3, 3e4, 6e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5];

/**
 * The step of ascending moments, in ms since 1970, ignoring gaps and repeated ones. Undefined for fewer than three moments, for
 * moments that are not finite, and for irregular ones.
 */
export function inferFrequency(moments: Float64Array): Frequency | undefined {
  const distinct = moments.filter((ms, k) => k === 0 || ms !== moments[k - 1]);
  if (distinct.length < 3 || !distinct.every(Number.isFinite)) return undefined;
  return monthly(distinct) ?? daily(distinct) ?? timed(distinct);
}

function monthly(moments: Float64Array): Frequency | undefined {
  // first, because creating a Date for every row takes long
  if (moments.at(-1)! - moments[0]! < (moments.length - 1) * SHORTEST_MONTH_MS) return undefined;
  const dates = Array.from(moments, (ms) => new Date(ms));
  const steps = differences(dates.map(monthOf));
  const { value: count, share } = usualOf(steps);
  if (count < 1 || share < REGULAR_SHARE || steps.includes(0)) return undefined;
  if (!haveOneClock(moments)) return undefined;
  const days = dates.map((date) => date.getUTCDate());
  if (new Set(days).size === 1) return { unit: 'month', count, day: days[0]! };
  if (dates.every((date) => date.getUTCDate() === lastDay(date))) return { unit: 'month', count, day: 'last' };
  const isLastWeekday = (date: Date) =>
    date.getTime() === lastWeekday(date.getUTCFullYear(), date.getUTCMonth(), clockOf(date.getTime()));
  return dates.every(isLastWeekday) ? { unit: 'month', count, day: 'last-weekday' } : undefined;
}

function daily(moments: Float64Array): Frequency | undefined {
  if (!haveOneClock(moments)) return undefined;
  const { value: count, share } = usualOf(differences(Array.from(moments, (ms) => Math.floor(ms / DAY_MS))));
  const weekdays = [...new Set(Array.from(moments, weekdayOf))].sort();
  if (count === 1 && weekdays.length < 7 && weekdays.length > 1 && moments.length >= ENOUGH_FOR_WEEKDAYS)
    return { unit: 'weekday', count, weekdays };
  return share >= REGULAR_SHARE ? { unit: 'day', count } : undefined;
}

function timed(moments: Float64Array): Frequency | undefined {
  const steps = differences(moments);
  const { value: count, share } = usualOf(steps);
  if (share >= REGULAR_SHARE) return { unit: 'ms', count };
  const median = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)]!;
  const isNear = (step: number) => Math.abs(step / median - 1) <= JITTER;
  if (steps.filter(isNear).length < REGULAR_SHARE * steps.length) return undefined;
  return { unit: 'ms', count: USUAL_STEPS.find(isNear) ?? median };
}

/** Moments that are missing according to a frequency, or repeated. @param moments ascending, [rows]. */
export function irregularities(moments: Float64Array, frequency: Frequency | undefined): Irregularities {
  const found: Irregularities = { missing: undefined, repeated: undefined };
  for (let row = 1; row < moments.length; row++) {
    const steps =
      moments[row] === moments[row - 1] ? 0 : frequency && stepsBetween(moments[row - 1]!, moments[row]!, frequency);
    if (steps === 0) found.repeated = { rows: (found.repeated?.rows ?? 0) + 1, first: found.repeated?.first ?? row };
    else if (steps !== undefined && steps > 1)
      found.missing = {
        rows: (found.missing?.rows ?? 0) + steps - 1,
        after: found.missing?.after ?? row - 1,
      };
  }
  return found;
}

/** Steps from one moment to a later one, rounded. */
function stepsBetween(from: number, to: number, { unit, count, weekdays }: Frequency): number {
  if (unit === 'ms') return Math.round((to - from) / count);
  if (unit === 'month') return Math.round((monthOf(new Date(to)) - monthOf(new Date(from))) / count);
  const days = Math.round((to - from) / DAY_MS);
  if (unit === 'day') return Math.round(days / count);
  const weeks = Math.floor(days / 7);
  let steps = weeks * weekdays!.length;
  for (let day = weeks * 7 + 1; day <= days; day++) if (weekdays!.includes(weekdayOf(from + day * DAY_MS))) steps++;
  return steps;
}

/** How many rows are missing between two moments, and their moments. */
export function momentsBetween(
  from: number,
  to: number,
  frequency: Frequency,
): { length: number; moments(): Float64Array } {
  const length = Math.max(0, stepsBetween(from, to, frequency) - 1);
  return { length, moments: () => momentsAfter(from, frequency, length) };
}

/** The moments of the next `count` rows after the last one. */
export function momentsAfter(last: number, frequency: Frequency, count: number): Float64Array {
  let ms = last;
  return Float64Array.from({ length: count }, (_, k) => {
    ms = frequency.unit === 'month' ? monthsAfter(last, frequency, k + 1) : next(ms, frequency);
    return ms;
  });
}

function next(from: number, { unit, count, weekdays }: Frequency): number {
  if (unit === 'ms') return from + count;
  let ms = from + count * DAY_MS;
  if (unit === 'weekday') while (!weekdays!.includes(weekdayOf(ms))) ms += DAY_MS;
  return ms;
}

function monthsAfter(last: number, { count, day = 1 }: Frequency, steps: number): number {
  const date = new Date(last);
  const [year, month, clock] = [date.getUTCFullYear(), date.getUTCMonth() + steps * count, clockOf(last)];
  if (day === 'last-weekday') return lastWeekday(year, month, clock);
  const end = Date.UTC(year, month + 1, 0);
  return (day === 'last' ? end : Math.min(end, Date.UTC(year, month, day))) + clock;
}

function lastWeekday(year: number, month: number, clock: number): number {
  let ms = Date.UTC(year, month + 1, 0);
  while (weekdayOf(ms) % 6 === 0) ms -= DAY_MS;
  return ms + clock;
}

/** Ms since midnight, also before 1970. */
const clockOf = (ms: number): number => ms - DAY_MS * Math.floor(ms / DAY_MS);
const monthOf = (date: Date): number => 12 * date.getUTCFullYear() + date.getUTCMonth();
const lastDay = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
const weekdayOf = (ms: number): number => new Date(ms).getUTCDay();
const haveOneClock = (moments: Float64Array): boolean => moments.every((ms) => clockOf(ms) === clockOf(moments[0]!));
const differences = (values: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: values.length - 1 }, (_, k) => values[k + 1]! - values[k]!);

function usualOf(values: Float64Array): { value: number; share: number } {
  const [value, count] = mostCommon(values);
  return { value, share: count / values.length };
}
