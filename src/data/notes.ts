/** How the column that is forecast was found. */
export type FoundBy = 'name' | 'index' | 'usual-name' | 'file-name' | 'only';

/**
 * Something that the reader of a CSV decided or did, and that a user may not expect: by code, for whoever words it. English
 * words are in {@link noteText}.
 */
export type Note =
  /** Which column is forecast. `index` from 0. */
  | { code: 'column'; column: string; index: number; foundBy: FoundBy }
  /** A cell such as `1.234` that two readings fit, and the mark that was taken: nothing in the file decides. */
  | { code: 'ambiguous-decimal'; column: string; cell: string; decimal: '.' | ',' }
  /** The file has its newest row first. */
  | { code: 'turned-around' }
  /** The dates rise and fall in the file: its rows were sorted by them. */
  | { code: 'rows-sorted'; column: string }
  /** By the usual step of the dates; `after` the date before the first of them. */
  | { code: 'rows-missing'; rows: number; after: string }
  /** Rows with the date of another; `date` the first that comes again. */
  | { code: 'dates-repeated'; rows: number; date: string }
  /** A date such as `01/02/2020` that is another one with day and month exchanged: nothing in the file decides. */
  | { code: 'ambiguous-date'; column: string; cell: string }
  /** The first column is in order, but holds nothing that is read as dates. */
  | { code: 'no-dates'; column: string }
  /** Lines of the file, from 1, that are no rows: titles, comments, units, totals. */
  | { code: 'lines-left-out'; lines: readonly number[] }
  /** A value, in so many rows, that may stand for a missing one. */
  | { code: 'sentinel'; column: string; value: number; rows: number }
  | { code: 'rows-dropped'; rows: number }
  /** By a line between their neighbors. */
  | { code: 'holes-filled'; holes: number }
  /** By the value before. */
  | { code: 'holes-repeated'; holes: number }
  /** Rows without a number that no window is to touch. */
  | { code: 'rows-skipped'; rows: number }
  /** Rows that are missing by the dates; `after` the date before the first of them. */
  | { code: 'rows-inserted'; rows: number; after: string; policy: 'interpolate' | 'previous' | 'skip' }
  | { code: 'fewer-rows'; asked: number; rows: number }
  /** Rows at the end that only the columns known ahead have. */
  | { code: 'rows-to-come'; rows: number }
  /** A text, in so many rows, that a model was not trained on: each of its columns for that one is 0. */
  | { code: 'unseen-value'; column: string; value: string; rows: number }
  /** A model that was trained on another column, whose scale this one gets. */
  | { code: 'other-column'; trained: string; column: string };

const INSERTED: Readonly<Record<Extract<Note, { code: 'rows-inserted' }>['policy'], string>> = {
  interpolate: 'filled by interpolation',
  previous: 'filled with the value before',
  skip: 'no window touches them',
};

type NoteCode = Note['code'];

/** Words for each kind of note, as a part of a sentence. */
export type NoteWords = { readonly [Code in NoteCode]: (note: Extract<Note, { code: Code }>) => string };

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const FOUND_BY: Readonly<Record<FoundBy, string>> = {
  name: 'by its name',
  index: 'by its index',
  'usual-name': 'taken by its name, as no column was asked for',
  'file-name': 'taken as it is named like the file',
  only: 'the only one with numbers to forecast',
};

/** Numbers of lines, those that follow one another as a span: 1-3, 7. */
export const spans = (lines: readonly number[]): string =>
  lines
    .filter((line, k) => line - 1 !== lines[k - 1] || line + 1 !== lines[k + 1])
    .reduce((text, line, k, ends) => {
      if (k === 0) return String(line);
      return `${text}${lines.includes(line - 1) && lines.includes(ends[k - 1]! + 1) ? '-' : ', '}${line}`;
    }, '');

const ENGLISH: NoteWords = {
  column: ({ column, index, foundBy }) => `column ${JSON.stringify(column)} (index ${index}), ${FOUND_BY[foundBy]}`,
  'ambiguous-decimal': ({ cell, decimal }) =>
    `${JSON.stringify(cell)} read with a decimal ${decimal === '.' ? 'point' : 'comma'}, as no cell decides (option decimal)`,
  'turned-around': () => 'newest row first in the file, turned around',
  'rows-sorted': ({ column }) =>
    `the dates in ${JSON.stringify(column)} go up and down in the file, so its rows were sorted by them`,
  'rows-missing': ({ rows, after }) =>
    `${plural(rows, 'row')} missing by the dates, the first after ${after} (option gaps)`,
  'dates-repeated': ({ rows, date }) => `${plural(rows, 'row')} with the date of another, the first of them ${date}`,
  'ambiguous-date': ({ cell }) =>
    `${JSON.stringify(cell)} may be another day with day and month exchanged: no date in its column decides`,
  'no-dates': ({ column }) =>
    `${JSON.stringify(column)} is in order but no dates that can be read, so rows stay in the order of the file`,
  'lines-left-out': ({ lines }) => `left out what is no row: ${lines.length === 1 ? 'line' : 'lines'} ${spans(lines)}`,
  sentinel: ({ column, value, rows }) =>
    `${value} in ${plural(rows, 'row')} of ${JSON.stringify(column)} may stand for a missing value (option missingValues)`,
  'rows-dropped': ({ rows }) => `${plural(rows, 'row')} without a number dropped`,
  'holes-filled': ({ holes }) => `${plural(holes, 'hole')} filled by interpolation`,
  'holes-repeated': ({ holes }) => `${plural(holes, 'hole')} filled with the value before`,
  'rows-skipped': ({ rows }) => `${plural(rows, 'row')} without a number, which no window touches`,
  'rows-inserted': ({ rows, after, policy }) =>
    `${plural(rows, 'row')} missing by the dates inserted, the first after ${after}: ${INSERTED[policy]}`,
  'fewer-rows': ({ asked, rows }) => `the last ${plural(asked, 'row')} asked for, but there are only ${rows}`,
  'rows-to-come': ({ rows }) => `${plural(rows, 'row')} to come at the end, without the target`,
  'unseen-value': ({ column, value, rows }) =>
    `${JSON.stringify(value)} in ${plural(rows, 'row')} of ${JSON.stringify(column)} is none of the values that the model was trained on`,
  'other-column': ({ trained, column }) =>
    `the model was trained on the column ${JSON.stringify(trained)}, whose scale ${JSON.stringify(column)} gets`,
};

/**
 * Notes as a sentence for people; what is about a model as one of its own.
 * @param words parts of a sentence. Default: English ones.
 */
export function noteText(notes: readonly Note[], words: NoteWords = ENGLISH): string {
  const sentence = (some: readonly Note[]) => {
    const text = some.map((note) => (words[note.code] as (note: Note) => string)(note)).join('; ');
    return text && `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  };
  const isOfModel = ({ code }: Note) => code === 'other-column';
  const sentences = [notes.filter((note) => !isOfModel(note)), notes.filter(isOfModel)].map(sentence);
  return sentences.filter((text) => text !== '').join(' ');
}
