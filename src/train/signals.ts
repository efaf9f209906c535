/** What a promise gives, or `instead` once the signal aborts; then nobody hears of what becomes of it. */
export async function untilAborted<Result>(
  result: PromiseLike<Result>,
  signal: AbortSignal | undefined,
  instead: Result,
): Promise<Result> {
  if (!signal) return result;
  let stop = () => {};
  const aborted = new Promise<Result>((resolve) => {
    stop = () => resolve(instead);
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([aborted, result]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Aborts with a signal of one's own, and with the one that was given, if any. */
export const eitherSignal = (own: AbortSignal, given: AbortSignal | undefined): AbortSignal =>
  given ? AbortSignal.any([own, given]) : own;
