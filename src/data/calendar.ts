import { DAY_MS, type Frequency } from './frequency.ts';

/** Columns made from dates stand under these names, behind the prefix. */
export const CALENDAR_PREFIX = 'calendar:';

const YEAR_DAYS = 365.2425;

/** Where a moment stands in a cycle, from 0 to 1. */
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

/** The cycles that a step is short enough for. */
export function cyclesOf({ unit, count }: Frequency): Cycle[] {
  if (unit === 'month') return count < 12 ? ['month'] : [];
  const days = unit === 'ms' ? count / DAY_MS : count;
  return [...(days < 1 ? (['hour'] as const) : []), ...(days < 7 ? (['weekday'] as const) : []), 'month'];
}

/** The names of the columns of some cycles: each has a sine and a cosine, so that its end lies beside its beginning. */
export const calendarNames = (cycles: readonly Cycle[]): string[] =>
  cycles.flatMap((cycle) => ['sin', 'cos'].map((wave) => `${CALENDAR_PREFIX}${cycle} ${wave}`));

/**
 * Columns of dates, for moments in ms since 1970: known for all rows to come.
 * @param names of {@link calendarNames}. @returns [moments] each, from -1 to 1.
 * @see Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, 7.4
 */
export function calendarColumns(names: readonly string[], moments: Float64Array): Record<string, Float64Array> {
  return Object.fromEntries(
    names.map((name) => {
      const [cycle, wave] = name.slice(CALENDAR_PREFIX.length).split(' ') as [Cycle, 'sin' | 'cos'];
      return [name, moments.map((ms) => Math[wave](2 * Math.PI * CYCLES[cycle](ms)))];
    }),
  );
}
