import { en, type Texts } from './en.ts';
import { errorTexts } from './errors.ts';
import { noteTexts } from './notes.ts';
import { pt } from './pt.ts';

export type { Texts } from './en.ts';

/** 'en' or 'pt-BR'; decided by language.ts. */
export const language = document.documentElement.lang === 'pt-BR' ? 'pt-BR' : 'en';

/** Of two, the one in the page's language. */
export const inLanguage = <T>(english: T, portuguese: T): T => (language === 'pt-BR' ? portuguese : english);

/** The page's texts. */
export const t: Texts = inLanguage(en, pt);

/** What went wrong. */
export const errorText = inLanguage(errorTexts.en, errorTexts.pt);

/** What the reader of a CSV did. */
export const noteText = inLanguage(noteTexts.en, noteTexts.pt);

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
