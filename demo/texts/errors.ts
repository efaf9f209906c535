import { type ErrorCode, LstmError } from '../../src/errors.ts';
import { messageOf } from '../../src/shown.ts';
import type { ErrorWords } from './error_words.ts';
import { ENGLISH } from './errors_en.ts';
import { PORTUGUESE } from './errors_pt.ts';

const inWords =
  (words: ErrorWords) =>
  (error: unknown): string => {
    if (!(error instanceof LstmError)) return messageOf(error);
    const { code, details } = error;
    return (
      (words as Readonly<Partial<Record<ErrorCode, (details: object) => string>>>)[code]?.(details) ?? error.message
    );
  };

/** What went wrong, in each language; where there are no words for it, in the library's. */
export const errorTexts = { en: inWords(ENGLISH), pt: inWords(PORTUGUESE) };
