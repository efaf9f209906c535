import { alternatives } from '../shown.ts';

/** How the target column was found. */
export type FoundBy = 'name' | 'index' | 'usual-name' | 'file-name' | 'only';

/**
 * Something that the reader of a CSV decided or did, and that a user may not expect; as a code with data, for wording in any
 * language. {@link noteText} has the English text.
 */
export type Note =
  /** The target column. `index` from 0; `others`: up to three other numeric columns, if it was chosen by its name. */
  | { code: 'column'; column: string; index: number; foundBy: FoundBy; others?: readonly string[] }
  /** A cell such as `1.234` with two possible readings, and the decimal mark that was chosen: nothing in the file decides. */
  | { code: 'ambiguous-decimal'; column: string; cell: string; decimal: '.' | ',' }
  /** The file has its newest row first. */
  | { code: 'turned-around' }
  /** The dates are not in order in the file: its rows were sorted by them. */
  | { code: 'rows-sorted'; column: string }
  /** According to the usual step of the dates; `after` is the date before the first missing one. */
  | { code: 'rows-missing'; rows: number; after: string }
  /** Rows with the date of another row; `date` is the first repeated one. */
  | { code: 'dates-repeated'; rows: number; date: string }
  /** A date such as `01/02/2020` that is another date with day and month swapped: nothing in the file decides. */
  | { code: 'ambiguous-date'; column: string; cell: string }
  /** The first column is in order, but its cells are not recognized as dates. */
  | { code: 'no-dates'; column: string }
  /** Lines of the file, from 1, that are not rows: titles, comments, units, totals. */
  | { code: 'lines-left-out'; lines: readonly number[] }
  /** A value that may mark missing ones, and the number of its rows. */
  | { code: 'sentinel'; column: string; value: number; rows: number }
  | { code: 'rows-dropped'; rows: number }
  /** By interpolation. */
  | { code: 'holes-filled'; holes: number }
  /** With the previous value. */
  | { code: 'holes-repeated'; holes: number }
  /** Rows without a number, which are excluded from all windows. */
  | { code: 'rows-skipped'; rows: number }
  /** Rows missing according to the dates; `after` is the date before the first of them. */
  | { code: 'rows-inserted'; rows: number; after: string; policy: 'interpolate' | 'previous' | 'skip' }
  | { code: 'fewer-rows'; asked: number; rows: number }
  /** Rows at the end that have only columns known ahead. */
  | { code: 'rows-to-come'; rows: number }
  /** A text value that a model was not trained on, so all its indicators are 0, and the number of its rows. */
  | { code: 'unseen-value'; column: string; value: string; rows: number }
  /** A model that was trained on another column, whose scale is used for this one. */
  | { code: 'other-column'; trained: string; column: string };

const INSERTED: Readonly<Record<Extract<Note, { code: 'rows-inserted' }>['policy'], string>> = {
  interpolate: 'filled by interpolation',
  previous: 'filled with the previous value',
  skip: 'excluded from all windows',
};

type NoteCode = Note['code'];

/** The text of each kind of note, as part of a sentence. */
export type NoteWords = { readonly [Code in NoteCode]: (note: Extract<Note, { code: Code }>) => string };

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const FOUND_BY: Readonly<Record<FoundBy, string>> = {
  name: 'chosen by name',
  index: 'chosen by index',
  'usual-name': 'chosen by its usual name',
  'file-name': 'chosen because it is named like the file',
  only: 'the only numeric column to forecast',
};

/** Line numbers, with consecutive ones as a range: 1-3, 7. */
export const spans = (lines: readonly number[]): string =>
  lines
    .filter((line, k) => line - 1 !== lines[k - 1] || line + 1 !== lines[k + 1])
    .reduce((text, line, k, ends) => {
      if (k === 0) return String(line);
      return `${text}${lines.includes(line - 1) && lines.includes(ends[k - 1]! + 1) ? '-' : ', '}${line}`;
    }, '');

/** Names an option, with a value that is recommended. */
type OptionText = (option: string, value?: string) => string;

const inCall: OptionText = (option, value) => (value === undefined ? `the option ${option}` : `${option}: '${value}'`);

/** English words. @param named how options are named. */
export const noteEnglish = (named: OptionText): NoteWords => ({
  column({ column, index, foundBy, others }) {
    const change = others ? ` (use ${named('column')} to change it${toOthers(others)})` : '';
    return `column ${JSON.stringify(column)} (index ${index}), ${FOUND_BY[foundBy]}${change}`;
  },
  'ambiguous-decimal': ({ cell, decimal }) =>
    `${JSON.stringify(cell)} read with a decimal ${decimal === '.' ? 'point' : 'comma'}, but could be read either way (see ${named('decimal')})`,
  'turned-around': () => 'the file has its newest row first and was reversed',
  'rows-sorted': ({ column }) =>
    `the dates in ${JSON.stringify(column)} are not in order, so the rows were sorted by them`,
  'rows-missing': ({ rows, after }) =>
    `${rows === 1 ? '1 row is' : `${rows} rows are`} missing according to the dates, ${rows === 1 ? '' : 'the first '}after ${after}. ` +
    `Rows are read as consecutive, which shifts any season. Use ${named('gaps', 'interpolate')} to fill ${rows === 1 ? 'it' : 'them'}`,
  'dates-repeated': ({ rows, date }) => `${plural(rows, 'duplicate date')}, ${rows === 1 ? '' : 'the first '}${date}`,
  'ambiguous-date': ({ cell }) =>
    `${JSON.stringify(cell)} is ambiguous: no date in its column shows whether the day or the month is first`,
  'no-dates': ({ column }) =>
    `${JSON.stringify(column)} is in order but not recognized as dates, so rows stay in file order`,
  'lines-left-out': ({ lines }) => `left out ${lines.length === 1 ? 'line' : 'lines'} ${spans(lines)}`,
  sentinel: ({ column, value, rows }) =>
    `${value} in ${plural(rows, 'row')} of ${JSON.stringify(column)} may mark a missing value (see ${named('missingValues')})`,
  'rows-dropped': ({ rows }) => `${plural(rows, 'row')} without a number dropped`,
  'holes-filled': ({ holes }) => `${plural(holes, 'hole')} filled by interpolation`,
  'holes-repeated': ({ holes }) => `${plural(holes, 'hole')} filled with the previous value`,
  'rows-skipped': ({ rows }) => `${plural(rows, 'row')} without a number, excluded from all windows`,
  'rows-inserted': ({ rows, after, policy }) =>
    `inserted ${plural(rows, 'row')} missing according to the dates, the first after ${after}: ${INSERTED[policy]}`,
  'fewer-rows': ({ asked, rows }) => `the last ${plural(asked, 'row')} were requested, but there are only ${rows}`,
  'rows-to-come': ({ rows }) => `${plural(rows, 'future row')} without a target value`,
  'unseen-value': ({ column, value, rows }) =>
    `${JSON.stringify(value)} in ${plural(rows, 'row')} of ${JSON.stringify(column)} is not a value that the model was trained on`,
  'other-column': ({ trained, column }) =>
    `the model was trained on the column ${JSON.stringify(trained)}, whose scale is used for ${JSON.stringify(column)}`,
});

const toOthers = (others: readonly string[]): string =>
  others.length === 0 ? '' : `, for example to ${namesOf(others)}`;

const namesOf = (names: readonly string[]): string => {
  const quoted = names.map((name) => JSON.stringify(name));
  return quoted.length === 1 ? quoted[0]! : alternatives(quoted);
};

/** Notes that are sentences of their own, after the others. */
const SEPARATE: readonly NoteCode[] = ['rows-missing', 'other-column'];

/**
 * Notes as text; notes on missing rows and on a model are separate sentences.
 * @param words parts of sentences. Default: English.
 */
export function noteText(notes: readonly Note[], words: NoteWords = noteEnglish(inCall)): string {
  return noteSentences(notes, words);
}

/** As {@link noteText}, for bundles without the English words. */
export function noteSentences(notes: readonly Note[], words: NoteWords): string {
  const sentence = (some: readonly Note[]) => {
    const text = some.map((note) => (words[note.code] as (note: Note) => string)(note)).join('; ');
    return text && `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  };
  const joined = notes.filter(({ code }) => !SEPARATE.includes(code));
  const separate = SEPARATE.map((own) => notes.filter(({ code }) => code === own));
  const sentences = [joined, ...separate].map(sentence);
  return sentences.filter((text) => text !== '').join(' ');
}
