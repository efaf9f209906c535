import { momentsAhead } from '../src/data/ahead.ts';
import { DAY_MS } from '../src/data/dates.ts';
import { type Frequency, inferFrequency } from '../src/data/frequency.ts';
import type { Note } from '../src/data/notes.ts';
import { format } from './format.ts';
import { language } from './language.ts';
import type { PageSeries } from './series_file.ts';
import { t } from './texts/index.ts';

const MINUTE_MS = 6e4;
/** Portuguese writes a day in figures: with the month's name it has two prepositions. */
const DAY = (
  language === 'pt-BR'
    ? { day: '2-digit', month: '2-digit', year: 'numeric' }
    : { day: 'numeric', month: 'short', year: 'numeric' }
) satisfies Intl.DateTimeFormatOptions;
const MINUTE = { ...DAY, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

/** The rows of a series and those after its end, by their dates in the page's language; without dates, by their numbers. */
export class Calendar {
  /** The step from row to row; undefined without dates, or for irregular ones. */
  readonly step: Frequency | undefined;
  readonly #series: Pick<PageSeries, 'dates' | 'moments'>;
  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #isQuarterly: boolean;

  constructor(series: Pick<PageSeries, 'dates' | 'moments'>) {
    const { moments } = series;
    this.step = moments && inferFrequency(moments);
    this.#series = series;
    this.#isQuarterly = isQuarterly(this.step, moments);
    this.#format = moments && new Intl.DateTimeFormat(language, { timeZone: 'UTC', ...partsOf(this.step, moments) });
  }

  /** The date of a row, or its number. */
  row(row: number): string {
    const { dates, moments } = this.#series;
    return moments ? this.#date(moments[row]!) : (dates?.[row] ?? format.count(row + 1));
  }

  /** A note about the file, with its dates in the page's language. */
  dated(note: Note): Note {
    const { dates, moments } = this.#series;
    const inWords = (cell: string) => {
      const row = dates?.indexOf(cell) ?? -1;
      return moments && row >= 0 ? this.row(row) : cell;
    };
    if ('after' in note) return { ...note, after: inWords(note.after) };
    return 'date' in note ? { ...note, date: inWords(note.date) } : note;
  }

  /** The dates of the rows after the end; undefined where they are unknown. */
  ahead(count: number): string[] | undefined {
    const ahead = momentsAhead(this.#series, count);
    return ahead && Array.from(ahead, (ms) => this.#date(ms));
  }

  /** From the first row to the last, after a comma; '' without dates. */
  span(): string {
    const { dates, moments } = this.#series;
    if (!moments) return dates?.length ? t.span(t.range(dates[0]!, dates.at(-1)!)) : '';
    return this.#span(moments[0]!, moments.at(-1)!);
  }

  /** The same of the rows after the end. */
  spanAhead(count: number): string {
    const ahead = momentsAhead(this.#series, count);
    return ahead ? this.#span(ahead[0]!, ahead.at(-1)!) : '';
  }

  #span(first: number, last: number): string {
    const [from, to] = [this.#date(first), this.#date(last)];
    if (from === to) return `, ${from}`;
    if (this.#isQuarterly) return t.span(t.range(from, to));
    // what both dates share is written once: Jan to Dec 2025
    const parts = this.#format!.formatRangeToParts(first, last);
    const at = parts.findIndex(({ source, value }) => source === 'shared' && /^\s*[–—-]\s*$/.test(value));
    const textOf = (some: typeof parts) => some.map(({ value }) => value).join('');
    return t.span(at < 0 ? t.range(from, to) : t.range(textOf(parts.slice(0, at)), textOf(parts.slice(at + 1))));
  }

  #date(ms: number): string {
    if (!this.#isQuarterly) return this.#format!.format(ms);
    const date = new Date(ms);
    return t.quarter(Math.floor(date.getUTCMonth() / 3) + 1, date.getUTCFullYear());
  }
}

/** The parts of a date that the rows of a series differ in, and what these belong to. */
function partsOf(frequency: Frequency | undefined, moments: Float64Array): Intl.DateTimeFormatOptions {
  const { unit, count = 1 } = frequency ?? {};
  if (unit === 'month') return count % 12 === 0 ? { year: 'numeric' } : { month: 'short', year: 'numeric' };
  if (unit === 'day' || unit === 'weekday' || moments.every((ms) => ms % DAY_MS === 0)) return DAY;
  return moments.every((ms) => ms % MINUTE_MS === 0) ? MINUTE : { ...MINUTE, second: '2-digit' };
}

/** Whether each row is a quarter of the calendar year, dated by its first or its last month. */
const isQuarterly = (frequency: Frequency | undefined, moments: Float64Array | undefined): boolean =>
  frequency?.unit === 'month' && frequency.count === 3 && new Date(moments![0]!).getUTCMonth() % 3 !== 1;
