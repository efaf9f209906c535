import { datePattern } from '../../src/data/date_text.ts';
import { type Frequency, inferFrequency, momentsAfter } from '../../src/data/frequency.ts';
import type { Series } from '../../src/data.ts';

/** How pandas reads the dates of a series, and what it calls their step. */
export interface PandasDates {
  column: string;
  /** For `to_datetime`. */
  format: string;
  /** For `asfreq`. */
  step: string;
}

const DIRECTIVES: Readonly<Record<string, string>> = {
  ...{ YYYY: '%Y', YY: '%y', MMM: '%b', MM: '%m', M: '%m', DD: '%d', D: '%d' },
};
const LETTERS = /YYYY|YY|M{1,3}|DD?/g;
/** A day or a month in one cell: a time may have a column of its own, and quarters pandas does not read. */
const WHOLE_DAYS = /^[YMD/., -]+$/;

/** Undefined where pandas does not know their form or their step. */
export function pandasDates({ dates, moments, dateColumn }: Series): PandasDates | undefined {
  if (!dates || !moments || dateColumn === undefined) return undefined;
  const pattern = datePattern(dates, moments);
  const frequency = inferFrequency(moments);
  const step = frequency && stepOf(frequency);
  if (!pattern || !WHOLE_DAYS.test(pattern) || step === undefined) return undefined;
  const grid = momentsAfter(moments[0]!, frequency!, moments.length - 1);
  if (!grid.every((ms, k) => ms === moments[k + 1])) return undefined;
  return { column: dateColumn, format: pattern.replace(LETTERS, (letters) => DIRECTIVES[letters]!), step };
}

function stepOf({ unit, count, weekdays, day }: Frequency): string | undefined {
  if (unit === 'day') return `${count}D`;
  if (unit === 'weekday') return weekdays!.join() === '1,2,3,4,5' ? 'B' : undefined;
  return unit === 'month' && day === 1 ? `${count}MS` : undefined;
}
