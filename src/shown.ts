/** Characters of a value that a message shows. */
const MAX_SHOWN = 80;

/** A value of any kind for a message: as JSON, cut off where it is long. */
export function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return cut(
      typeof value === 'string' ? JSON.stringify(value) : `${String(value)}${typeof value === 'bigint' ? 'n' : ''}`,
    );
  try {
    return cut(JSON.stringify(value));
  } catch {
    return Array.isArray(value) ? 'a deeply nested list' : 'a deeply nested object';
  }
}

const cut = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text);

/** What somebody else's error says, for a message of ours; the error itself goes along as its cause. */
export function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown }; // also a GPUError, which is no Error
  return typeof message === 'string' ? message : String(error);
}

/** Words as a choice between them: 'a, b or c'. @param or in another language. */
export const alternatives = (words: readonly string[], or = 'or'): string =>
  [words.slice(0, -1).join(', '), words.at(-1)].join(` ${or} `);

/** A size for a message. */
export const shownBytes = (bytes: number): string =>
  bytes < 2 ** 20 ? `${bytes} bytes` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
