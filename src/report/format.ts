/** How numbers are written for people, in one language. */
export interface NumberFormats {
  /** A score or a loss: 4 significant digits, all digits before the point; powers of ten instead of many zeros. */
  score(value: number): string;
  /** The same with its unit, in a table: a dash if it is unknown. */
  cell(value: number | null, unit?: string): string;
  /** With a power of ten. @param digits of the fraction; default: those that the number has. */
  scientific(value: number, digits?: number): string;
  /** A value of a series. */
  value(value: number): string;
  /** The value at a tick of an axis. */
  tick(value: number): string;
  count(value: number): string;
  /** A rate, or another measured number: 3 significant digits, no decimals from 100 on. */
  rate(value: number): string;
  /** A share, with one decimal below 10%. */
  percent(share: number): string;
  /** A level such as 0.975, with all its digits. */
  level(share: number): string;
  /** A ratio: 2 significant digits. */
  times(ratio: number): string;
  /** A number of units of time, such as `7 days`. @param unit as of Intl. */
  units(count: number, unit: string): string;
  /** Numbers with a number of decimals. */
  fixed(decimals: number): (value: number) => string;
  /** A duration: `4.2 s`, `42 s`, `3 min 05 s`, `1 h 02 min`. */
  seconds(seconds: number): string;
}

/** In place of an unknown number. */
export const UNKNOWN = '–';

/** @param language as of Intl, such as `pt-BR`. @param useGrouping thousands separators; without them programs can read the numbers. */
export function numberFormats(language: string, useGrouping = true): NumberFormats {
  const significant = (most: number, least = 1) =>
    new Intl.NumberFormat(language, { useGrouping, minimumSignificantDigits: least, maximumSignificantDigits: most });
  const fixed = (digits: number) =>
    new Intl.NumberFormat(language, {
      ...{ useGrouping, minimumFractionDigits: digits, maximumFractionDigits: digits },
      signDisplay: 'negative', // no sign for a zero
    });
  const [two, three, six, exactlyFour] = [significant(2), significant(3), significant(6), significant(4, 4)];
  const [whole, tenths, cents] = [fixed(0), fixed(1), fixed(2)];
  const mark = tenths.format(0.5).charAt(1);

  const scientific = (value: number, digits?: number) => value.toExponential(digits).replace('.', mark);

  function score(value: number): string {
    const size = Math.abs(value);
    if (size === 0) return '0';
    if (size < 1e-6 || size >= 1e15) return scientific(value, 2);
    return (size < 1000 ? exactlyFour : whole).format(value);
  }

  function seconds(given: number): string {
    if (!Number.isFinite(given)) return UNKNOWN;
    const rounded = Math.round(10 * given) / 10;
    if (rounded < 10) return `${tenths.format(rounded)} s`;
    const all = Math.round(given);
    const two = (value: number) => String(value).padStart(2, '0');
    if (all < 60) return `${all} s`;
    if (all < 3600) return `${Math.floor(all / 60)} min ${two(all % 60)} s`;
    return `${Math.floor(all / 3600)} h ${two(Math.floor((all % 3600) / 60))} min`;
  }

  return {
    score,
    scientific,
    cell: (value, unit = '') => (value === null ? UNKNOWN : `${score(value)}${unit}`),
    value: (value) => (Math.abs(value) >= 100 && Math.abs(value) < 1e7 ? cents : six).format(value),
    tick: (value) => (value !== 0 && Math.abs(value) < 1e-3 ? scientific(value) : six.format(value)),
    count: (value) => whole.format(value),
    rate: (value) => (value < 100 ? three : whole).format(value),
    percent: (share) => `${(share < 0.1 ? tenths : whole).format(100 * share)}%`,
    level: (share) => `${six.format(100 * share)}%`,
    times: (ratio) => two.format(ratio),
    units: (count, unit) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long', useGrouping }).format(count),
    fixed: (decimals) => {
      const numbers = fixed(decimals);
      return (value) => numbers.format(value);
    },
    seconds,
  };
}

/** The formats of the command. */
export const english = /* @__PURE__ */ numberFormats('en');

/** The steps ahead that errors are means over, as text. @param least of several, if they differ. */
export function stepsAhead(most: number, least = most): string {
  if (most === 1) return 'one step ahead';
  return `over ${least < most ? `${english.count(least)} to ` : ''}${english.count(most)} steps ahead`;
}
