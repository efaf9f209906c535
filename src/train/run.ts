import type { EpochReport, FitReport } from './report.ts';

/** A fit, epoch by epoch. */
export type Epochs = AsyncGenerator<EpochReport, FitReport, undefined>;

/**
 * A fit under way: iterate it for its epochs, or await it for its report. Nothing runs before one of the two; leaving
 * the loop early stops training, and the weights stay as they are then.
 */
export class FitRun implements AsyncIterable<EpochReport>, PromiseLike<FitReport> {
  readonly #training: Epochs;
  readonly #finish: () => Promise<FitReport>;
  #report: Promise<FitReport> | undefined;

  /** @param finish how to train to the end at once, where there is a shorter way than epoch by epoch. */
  constructor(training: Epochs, finish: () => Promise<FitReport> = () => lastOf(training)) {
    this.#training = training;
    this.#finish = finish;
  }

  /** The epochs, as they end. */
  [Symbol.asyncIterator](): AsyncIterator<EpochReport, undefined, undefined> {
    const training = this.#training;
    return {
      next: async () => {
        const next = await training.next();
        if (!next.done) return next;
        this.#report ??= Promise.resolve(next.value);
        return { done: true, value: undefined };
      },
      return: async () => {
        await training.return(undefined as never);
        return { done: true, value: undefined };
      },
    };
  }

  // biome-ignore lint/suspicious/noThenProperty: being awaitable is the point of this class
  then<A = FitReport, B = never>(
    onfulfilled?: ((report: FitReport) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#report ??= this.#finish();
    return this.#report.then(onfulfilled, onrejected);
  }
}

async function lastOf(training: Epochs): Promise<FitReport> {
  for (;;) {
    const next = await training.next();
    if (next.done) return next.value;
  }
}
