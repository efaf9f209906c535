import { DAY_MS } from '../data/dates.ts';
import { type Frequency, inferFrequency } from '../data/frequency.ts';
import { guessSeason } from '../data/season.ts';
import { mstl, seasonalStrength } from '../stats/mstl.ts';

const HOUR_MS = 3_600_000;

/** Minimum seasonal strength of a season (Hyndman & Athanasopoulos 2021, section 4.3). */
const SEASONAL = 0.3;

/** Seasons that a series may have. */
interface PossibleSeasons {
  /** Rows of each, shortest first; empty without a season. */
  seasons: number[];
  /** How many of the shortest one the series must contain. */
  least: number;
}

/**
 * The seasons of the dates of a series (a day, a week, a year) that it contains more than twice; if there are none, or no dates, the
 * result of {@link guessSeason} on its values.
 * @param values [rows] @param moments ms since 1970 [rows], rising; undefined without dates.
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

/** 1 for each 29 February of daily moments [moments]; undefined if there is none, or they are not daily. */
export function leapDaysOf(moments: Float64Array): Uint8Array | undefined {
  const frequency = inferFrequency(moments);
  if (frequency?.unit !== 'day' || frequency.count !== 1) return undefined;
  const leap = Uint8Array.from(moments, (ms) => {
    const date = new Date(ms);
    return Number(date.getUTCMonth() === 1 && date.getUTCDate() === 29);
  });
  return leap.includes(1) ? leap : undefined;
}

/** The same for the rows of a series and the steps ahead [rows + horizon]. Both undefined without dates. */
export const leapDaysAhead = (
  moments: Float64Array | undefined,
  ahead: Float64Array | undefined,
): Uint8Array | undefined => moments && leapDaysOf(Float64Array.from([...moments, ...(ahead ?? [])]));

/** The seasons that a series contains more than twice, and that stand out from the remainder after trend and other seasons. */
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
