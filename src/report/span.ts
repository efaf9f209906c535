import { DAY_MS } from '../data/dates.ts';
import type { Frequency } from '../data/frequency.ts';

/** Units of time that Intl writes; the others have words of their own. */
type TimeUnit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** A number of rows by the calendar. */
export interface Span {
  count: number;
  /** 'step': there are no dates, or their step is of no such unit. 'weekday': Monday to Friday. */
  unit: TimeUnit | 'quarter' | 'weekday' | 'step';
}

const MONTHS_OF_YEAR = 12;
const MONTHS_OF_QUARTER = 3;
const DAYS_OF_WEEK = 7;
const UNIT_MS = { second: 1e3, minute: 6e4, hour: 36e5, day: DAY_MS, week: DAYS_OF_WEEK * DAY_MS } as const;
const CLOCK_UNITS = ['second', 'minute', 'hour', 'day'] as const;

/** How long some rows are. */
export function spanOf(rows: number, frequency: Frequency | undefined): Span {
  const { unit, count, weekdays } = frequency ?? {};
  if (unit === 'month') {
    if (count! % MONTHS_OF_YEAR === 0) return { count: (rows * count!) / MONTHS_OF_YEAR, unit: 'year' };
    return count === MONTHS_OF_QUARTER ? { count: rows, unit: 'quarter' } : { count: rows * count!, unit: 'month' };
  }
  if (unit === 'day')
    return count! % DAYS_OF_WEEK === 0
      ? { count: (rows * count!) / DAYS_OF_WEEK, unit: 'week' }
      : { count: rows * count!, unit: 'day' };
  if (unit === 'weekday' && String(weekdays) === '1,2,3,4,5') return { count: rows, unit: 'weekday' };
  if (unit === 'ms') {
    const fits = CLOCK_UNITS.filter((name) => (rows * count!) % UNIT_MS[name] === 0);
    const found = fits.find((name) => UNIT_MS[name] >= count!) ?? fits.at(-1);
    if (found) return { count: (rows * count!) / UNIT_MS[found], unit: found };
  }
  return { count: rows, unit: 'step' };
}

/** The unit that some rows are exactly one of: 7 days are a week, 12 months a year. */
export function wholeUnitOf(rows: number, frequency: Frequency | undefined): TimeUnit | 'quarter' | undefined {
  const { unit, count = 1, weekdays } = frequency ?? {};
  const size = rows * count;
  if (unit === 'weekday') return size === weekdays!.length ? 'week' : undefined;
  if (unit === 'month') return ({ [MONTHS_OF_QUARTER]: 'quarter', [MONTHS_OF_YEAR]: 'year' } as const)[size];
  const days = unit === 'ms' ? size / DAY_MS : size;
  if (unit && days >= 364 && days <= 366) return 'year'; // also 52 weeks
  return (Object.keys(UNIT_MS) as (keyof typeof UNIT_MS)[]).find((name) => unit && UNIT_MS[name] === days * DAY_MS);
}
