import { type Note, noteSentences } from '../../src/data/notes.ts';
import { loadedTexts } from '../language.ts';
import type { Texts } from './en.ts';
import { errorIn } from './errors.ts';

export type { Texts } from './en.ts';

/** All texts of the page, in its language. */
export const texts = await loadedTexts;

/** The texts that belong to no panel. */
export const t: Texts = texts.t;

/** What went wrong. */
export const errorText = (error: unknown): string => errorIn(texts.errors, error);

/** What the reader of a CSV did. */
export const noteText = (notes: readonly Note[]): string => noteSentences(notes, texts.notes);

/** Writes the texts that index.html names. */
export function fillTexts(): void {
  document.title = `lstm-webgpu: ${t.title}`;
  for (const element of document.querySelectorAll<HTMLElement>('[data-text]'))
    element.textContent = textOf(element.dataset.text!);
  for (const element of document.querySelectorAll<HTMLElement>('[data-label]'))
    element.setAttribute('aria-label', textOf(element.dataset.label!));
}

/** @throws Error when page and texts no longer fit each other. */
function textOf(name: string): string {
  const text = t[name as keyof Texts];
  if (typeof text !== 'string') throw new Error(`index.html: no text is called ${name}`);
  return text;
}
