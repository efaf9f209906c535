import { momentsAlong } from '../data/calendar.ts';
import { DAY_MS } from '../data/dates.ts';
import type { Frame } from '../data/frame.ts';
import { inferFrequency } from '../data/frequency.ts';
import { ConfigError, DataError } from '../errors.ts';
import { messageOf } from '../shown.ts';

/** Prefix of the names of columns of holidays. */
const PREFIX = 'holiday:';

/** The name of the column of a country's holidays. @param place such as `BR`, or `US-CA` with a region. */
export const holidayName = (place: string): string => PREFIX + place.toUpperCase();

/** Whether a column is made of holidays. */
export const isOfHolidays = (name: string): boolean => name.startsWith(PREFIX);

/** A frame with columns of holidays, also for rows after its end. @throws DataError for rows longer than a day. */
export type WithHolidays = <F extends Frame>(frame: F, ahead?: number) => F;

/**
 * Adds columns to frames: 1 on the public holidays of a country, by the dates of the file, and 0 on other days.
 * @param names from {@link holidayName}. @throws ConfigError if the package is missing, or does not have a place.
 */
export async function holidaysOf(names: readonly string[]): Promise<WithHolidays> {
  if (names.length === 0) return (frame) => frame;
  const calendars = names.map((name) => [name, new Map<number, Set<number>>()] as const);
  const Holidays = await loadHolidays();
  for (const name of names) calendarOf(Holidays, name.slice(PREFIX.length));
  return (frame, ahead = 0) => {
    const along = daysAlong(frame, ahead);
    const columns = calendars.map(([name, years]) => {
      const isHoliday = (day: number) => {
        const year = new Date(day * DAY_MS).getUTCFullYear();
        const days = years.get(year) ?? daysOf(Holidays, name.slice(PREFIX.length), year);
        years.set(year, days);
        return days.has(day);
      };
      return [name, along.map((day) => Number(isHoliday(day)))] as const;
    });
    return { ...frame, future: { ...frame.future, ...Object.fromEntries(columns) } };
  };
}

/** The day of each row, in days since 1970. @throws DataError */
function daysAlong(frame: Frame, ahead: number): Float64Array {
  const { moments, dateColumn } = frame;
  const frequency = moments && inferFrequency(moments);
  const along = momentsAlong(frame, ahead);
  if (!frequency || !along)
    throw new DataError(
      moments
        ? `holidays: the dates in ${JSON.stringify(dateColumn)} have no usual step from row to row. Leave the holidays out.`
        : 'holidays: the file has no column of dates. Leave the holidays out, or add one.',
    );
  const { unit, count } = frequency;
  if (unit === 'month' || count > (unit === 'ms' ? DAY_MS : 1))
    throw new DataError(
      `holidays: by the dates in ${JSON.stringify(dateColumn)}, rows are more than a day apart, and cover holidays and other days. ` +
        'Leave the holidays out, or give a file with one row per day.',
    );
  return along.map((ms) => Math.floor(ms / DAY_MS));
}

type Holidays = typeof import('date-holidays').default;

async function loadHolidays(): Promise<Holidays> {
  try {
    return (await import('date-holidays')).default;
  } catch (error) {
    throw new ConfigError(`holidays: npm install date-holidays first (${messageOf(error)})`, { cause: error });
  }
}

/** @throws ConfigError for a place that the package does not have. */
function calendarOf(Holidays: Holidays, place: string): InstanceType<Holidays> {
  const [country = '', state, region, ...rest] = place.split('-');
  const known = new Holidays();
  const has = (places: Record<string, string> | undefined, code: string) => Object.hasOwn(places ?? {}, code);
  const isKnown =
    has(known.getCountries(), country) &&
    (state === undefined || has(known.getStates(country), state)) &&
    (region === undefined || has(known.getRegions(country, state!), region)) &&
    rest.length === 0;
  if (!isKnown)
    throw new ConfigError(
      `holidays: got ${JSON.stringify(place)}, which is not in date-holidays. Expected a country such as BR, or one with a state ` +
        'or region, such as US-CA.',
    );
  if (region) return new Holidays(country, state!, region);
  return state ? new Holidays(country, state) : new Holidays(country);
}

/** The public holidays of a year, as days since 1970. */
function daysOf(Holidays: Holidays, place: string, year: number): Set<number> {
  const calendar = calendarOf(Holidays, place);
  const days = new Set<number>();
  // a holiday that begins in December may end in January
  for (const { type, date, start, end } of [year - 1, year].flatMap((own) => calendar.getHolidays(own))) {
    if (type !== 'public') continue;
    const day = Date.parse(`${date.slice(0, 10)}T00:00Z`) / DAY_MS;
    const count = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
    for (let k = 0; k < count; k++) days.add(day + k);
  }
  return days;
}
