import type { ErrorCode, ErrorDetails } from '../../src/errors.ts';

/**
 * Codes that nothing on the page leads to, or that stand for many causes, which only their messages distinguish. The compiler asks
 * for words for every other one.
 */
type WithoutWords =
  | (
      | 'option'
      | 'unknown-option'
      | 'unknown-series'
      | 'state'
      | 'already-training'
      | 'not-trained'
      | 'nothing-to-resume'
      | 'shape'
      | 'data'
    )
  | ('file-unreadable' | 'beyond-limit' | 'worker');

/** Codes of errors that a visitor of the page can meet. */
type VisitorCode = Exclude<ErrorCode, WithoutWords>;

/** The page's words for each, in one language. */
export type ErrorWords = { readonly [Code in VisitorCode]: (details: ErrorDetails[Code]) => string };

/** Names of columns, in quotation marks. */
export const listed = (columns: readonly { name: string }[]): string =>
  columns.map(({ name }) => `“${name}”`).join(', ');

/** Bytes in MiB, with the decimal mark of a language. */
export const mebibytes = (bytes: number, mark = '.'): string =>
  `${(bytes / 2 ** 20).toFixed(1).replace('.', mark)} MiB`;
