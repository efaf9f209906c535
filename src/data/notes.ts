import { alternatives } from '../shown.ts';

/** How the column that is forecast was found. `no other`: of those that nothing else asks for. */
export type FoundBy = 'name' | 'index' | 'usual-name' | 'last' | 'last-of-others';

/** Names of columns that are taken where none is asked for, in this order. */
export const USUAL_NAMES = ['Close', 'Adj Close', 'Price', 'Último', 'Fechamento'] as const;

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
  | { code: 'rows-dropped'; rows: number }
  | { code: 'holes-filled'; holes: number }
  | { code: 'fewer-rows'; asked: number; rows: number }
  /** Rows at the end that only the columns known ahead have. */
  | { code: 'rows-to-come'; rows: number }
  /** A model that was trained on another column, whose scale this one gets. */
  | { code: 'other-column'; trained: string; column: string };

type NoteCode = Note['code'];

/** Words for each kind of note, as a part of a sentence. */
export type NoteWords = { readonly [Code in NoteCode]: (note: Extract<Note, { code: Code }>) => string };

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
const usual = alternatives(USUAL_NAMES);

const FOUND_BY: Readonly<Record<FoundBy, string>> = {
  name: 'by its name',
  index: 'by its index',
  'usual-name': 'taken by its name, as no column was asked for',
  last: `the last one with numbers, as none is named ${usual}`,
  'last-of-others': `the last one with numbers, as no other is named ${usual}`,
};

const ENGLISH: NoteWords = {
  column: ({ column, index, foundBy }) => `column ${JSON.stringify(column)} (index ${index}), ${FOUND_BY[foundBy]}`,
  'ambiguous-decimal': ({ cell, decimal }) =>
    `${JSON.stringify(cell)} read with a decimal ${decimal === '.' ? 'point' : 'comma'}, as no cell decides (option decimal)`,
  'turned-around': () => 'newest row first in the file, turned around',
  'rows-sorted': ({ column }) =>
    `the dates in ${JSON.stringify(column)} go up and down in the file, so its rows were sorted by them`,
  'rows-missing': ({ rows, after }) => `${plural(rows, 'row')} missing by the dates, the first after ${after}`,
  'dates-repeated': ({ rows, date }) => `${plural(rows, 'row')} with the date of another, the first of them ${date}`,
  'rows-dropped': ({ rows }) => `${plural(rows, 'row')} without a number dropped`,
  'holes-filled': ({ holes }) => `${plural(holes, 'hole')} filled by interpolation`,
  'fewer-rows': ({ asked, rows }) => `the last ${plural(asked, 'row')} asked for, but there are only ${rows}`,
  'rows-to-come': ({ rows }) => `${plural(rows, 'row')} to come at the end, without the target`,
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
