import { dateWriter } from './date_text.ts';
import { inferFrequency, momentsAfter } from './frequency.ts';
import type { Series } from './reading.ts';

/** The dates of a series. */
type Dated = Pick<Series, 'dates' | 'moments'>;

/** The moments of the next rows, in ms since 1970; undefined if there are no dates, or they are irregular. */
export function momentsAhead({ moments }: Pick<Dated, 'moments'>, count: number): Float64Array | undefined {
  const frequency = moments && inferFrequency(moments);
  return frequency && momentsAfter(moments.at(-1)!, frequency, count);
}

/** The dates of the next rows, formatted like those of the file; undefined if {@link momentsAhead} are. */
export function datesAhead(series: Dated, count: number): string[] | undefined {
  const ahead = momentsAhead(series, count);
  return ahead && Array.from(ahead, dateWriter(series.dates!, series.moments!));
}

/** The dates of a series, followed by those of the next rows if known. */
export const datesAndAhead = (series: Dated, count: number): string[] | undefined =>
  series.dates && [...series.dates, ...(datesAhead(series, count) ?? [])];
