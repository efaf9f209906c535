import { formatSeconds as secondsText } from '../src/seconds.ts';
import { language } from './texts/index.ts';

const significant = (digits: number) => new Intl.NumberFormat(language, { maximumSignificantDigits: digits });
const [short, long] = [significant(4), significant(6)];
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const cents = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** A score or a loss: 4 significant digits, as in 0.02062; powers of ten where that has too many zeros. */
export function formatScore(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-6) return value.toExponential(2);
  return short.format(value);
}

/** A value of the series, for the legend. */
export function formatValue(value: number): string {
  return Math.abs(value) >= 100 && Math.abs(value) < 1e7 ? cents.format(value) : long.format(value);
}

export const formatCount = (value: number): string => whole.format(value);

/** Steps a second: whole from 10 on. */
export const formatPace = (value: number): string => (value < 10 ? cents.format(value) : whole.format(value));

/** In the page's language. */
export const formatSeconds = (seconds: number): string => secondsText(seconds, language);

/** A share as percent, with a decimal where it is small. */
export const formatPercent = (share: number): string => `${(share < 0.1 ? tenths : whole).format(100 * share)} %`;
