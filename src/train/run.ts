import type { EpochReport } from './trainer.ts';

/**
 * Where a fit started: from the initial weights of its seed; from the weights that were loaded or trained before, with a new
 * optimizer and schedule; with all that those kept, too; or from a checkpoint.
 */
export type FitStart = 'initial' | 'weights' | 'state' | 'checkpoint';

/** What a whole fit gave. */
export interface FitReport {
  from: FitStart;
  /** All of its epochs; where it went on from a checkpoint, those before it, too. */
  epochs: EpochReport[];
  /** The plan that ran. */
  plan: string;
  /** Why 'auto' did not take the resident plan, in words. */
  whyNotResident?: string;
  /**
   * Optimizer steps of this run, and the GPU submits and dispatches they took; not those before a checkpoint, but those that a
   * lost device took with it, too.
   */
  steps: number;
  submits: number;
  dispatches: number;
  /** Of this run, with all that it waited for. */
  seconds: number;
}

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
  constructor(
    training: AsyncGenerator<EpochReport, FitReport, undefined>,
    finish: () => Promise<FitReport> = () => lastOf(training),
  ) {
    this.#training = training;
    this.#finish = finish;
  }

  /** The epochs, as they end. */
  async *[Symbol.asyncIterator](): AsyncGenerator<EpochReport, void, undefined> {
    let finished = false;
    try {
      for (;;) {
        const next = await this.#training.next();
        if (next.done) {
          finished = true;
          this.#report ??= Promise.resolve(next.value);
          return;
        }
        yield next.value;
      }
    } finally {
      if (!finished) await this.#training.return(undefined as never);
    }
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
