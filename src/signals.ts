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

/**
 * What some work gives, or the signal's reason once it aborts: work that looks at the signal ends then, and of other work
 * nobody hears any more.
 */
export async function stoppable<Result>(signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
  signal?.throwIfAborted();
  const result = work();
  result.catch(() => undefined);
  const ended = result.then(() => undefined);
  await untilAborted(ended, signal, undefined);
  signal?.throwIfAborted();
  return result;
}

/** Aborts with a signal of one's own, and with the one that was given, if any. */
export const eitherSignal = (own: AbortSignal, given: AbortSignal | undefined): AbortSignal =>
  given ? AbortSignal.any([own, given]) : own;

/** After so long without a pause a computation gives way to events. */
const BREATH_MS = 20;

/** Pauses of a long computation, in which an abort is heard. */
export class Breath {
  readonly #signal: AbortSignal | undefined;
  #lastMs = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Lets events through where it has been long. @throws the signal's reason. */
  async take(): Promise<void> {
    if (performance.now() - this.#lastMs < BREATH_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#lastMs = performance.now();
    this.#signal?.throwIfAborted();
  }
}
