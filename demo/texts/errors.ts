import { type ErrorCode, LstmError } from '../../src/errors.ts';
import { messageOf } from '../../src/shown.ts';
import type { ErrorWords } from './error_words.ts';

/** What went wrong; where there are no words for it, in the library's. */
export function errorIn(words: ErrorWords, error: unknown): string {
  if (!(error instanceof LstmError)) return messageOf(error);
  const { code, details } = error;
  const text = (words as Readonly<Partial<Record<ErrorCode, (details: object) => string>>>)[code];
  return text?.(details) ?? error.message;
}
