import { momentsAhead } from '../data/ahead.ts';
import { DAY_MS } from '../data/dates.ts';
import { type Frequency, inferFrequency } from '../data/frequency.ts';
import { guessSeason } from '../data/season.ts';
import { mstl, seasonalStrength } from '../stats/mstl.ts';

const HOUR_MS = 3_600_000;

/** Seasonal strength from which on a season is one (Hyndman & Athanasopoulos 2021, section 4.3). */
const SEASONAL = 0.3;

/** Seasons that a series may have. */
interface PossibleSeasons {
  /** Rows of each, shortest first; none where there is no season. */
  seasons: number[];
  /** Of the shortest one, so many have to be there. */
  least: number;
}

/**
 * The seasons that the dates of a series have (a day, a week, a year) and that are there more than twice; where none is, or there
 * are no dates, what {@link guessSeason} finds in its values.
 * @param values [rows] @param moments ms since 1970 [rows], rising; undefined where rows have none.
 */
export function possibleSeasons(values: Float64Array, moments: Float64Array | undefined): PossibleSeasons {
  const frequency = moments && inferFrequency(moments);
  const dated = frequency && seasonsOfDates(frequency);
  const held = dated?.filter((season) => values.length > 2 * season);
  if (held && (held.length > 0 || dated!.length === 0)) return { seasons: held, least: 2 };
  const guessed = guessSeason(values);
  return { seasons: guessed === undefined ? [] : [guessed], least: 3 };
}

function seasonsOfDates({ unit, count, weekdays }: Frequency): number[] {
  const rows = (all: number) => (all % count === 0 && all / count > 1 ? [all / count] : []);
  if (unit === 'month') return rows(12);
  if (unit === 'weekday') return count === 1 ? [weekdays!.length] : [];
  if (unit === 'day') return count === 1 ? [7, 365] : count === 7 ? [52] : rows(7);
  return count < HOUR_MS ? rows(DAY_MS) : [...rows(DAY_MS), ...rows(7 * DAY_MS)];
}

/** 1 for each 29 February of moments of days [moments]; undefined where there is none, or they are not of days. */
export function leapDaysOf(moments: Float64Array): Uint8Array | undefined {
  const frequency = inferFrequency(moments);
  if (frequency?.unit !== 'day' || frequency.count !== 1) return undefined;
  const leap = Uint8Array.from(moments, (ms) => {
    const date = new Date(ms);
    return Number(date.getUTCMonth() === 1 && date.getUTCDate() === 29);
  });
  return leap.includes(1) ? leap : undefined;
}

/** The same of the rows of a series and those ahead [rows + horizon]. @param moments [rows]; undefined: they have none. */
export function leapDaysAhead(moments: Float64Array | undefined, horizon: number): Uint8Array | undefined {
  const ahead = moments && momentsAhead({ dates: undefined, moments }, horizon);
  return moments && leapDaysOf(Float64Array.from([...moments, ...(ahead ?? [])]));
}

/** Those of some seasons that are there more than twice, and stand out from what the trend and the others leave. */
export function strongSeasons(
  values: Float64Array,
  seasons: readonly number[],
  leapDays?: Uint8Array | undefined,
): number[] {
  const whole = seasons.filter((season) => values.length > 2 * season);
  if (whole.length === 0) return [];
  const leap = leapDays?.subarray(0, values.length);
  const { seasonals, remainder } = mstl(values, whole, { ...(leap && { leapDays: leap }) });
  return seasonals.filter((part) => seasonalStrength(remainder, part.values) > SEASONAL).map(({ season }) => season);
}
