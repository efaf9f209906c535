/** The result of a promise, or `instead` once the signal aborts; the promise's own outcome is then ignored. */
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
 * The result of some work, or the signal's reason once it aborts. Work that watches the signal ends then; the outcome of other
 * work is ignored.
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

/** Aborts with our own signal, and with the caller's, if any. */
export const eitherSignal = (own: AbortSignal, given: AbortSignal | undefined): AbortSignal =>
  given ? AbortSignal.any([own, given]) : own;

/** After this long without a pause, a computation yields to events. */
const BREATH_MS = 20;

/** Pauses in a long computation, so that it can be aborted. */
export class Breath {
  readonly #signal: AbortSignal | undefined;
  #lastMs = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Yields to events if the last pause was long ago. @throws the signal's reason. */
  async take(): Promise<void> {
    if (performance.now() - this.#lastMs < BREATH_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#lastMs = performance.now();
    this.#signal?.throwIfAborted();
  }
}
