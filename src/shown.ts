/** Characters of a value to show in a message. */
const MAX_SHOWN = 80;

/** Any value, for a message: as JSON, truncated if long. */
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

/** The message of another library's error, for use in ours; that error should also be attached as the cause. */
export function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown }; // also for a GPUError, which is not an Error
  return typeof message === 'string' ? message : String(error);
}

/** Words joined as alternatives: 'a, b or c'. @param or the conjunction, for other languages. */
export const alternatives = (words: readonly string[], or = 'or'): string =>
  [words.slice(0, -1).join(', '), words.at(-1)].join(` ${or} `);

/** A size for a message. */
export const shownBytes = (bytes: number): string =>
  bytes < 2 ** 20 ? `${bytes} bytes` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
