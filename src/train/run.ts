import { StateError } from '../errors.ts';
import type { EpochReport, FitReport } from './report.ts';

/** A fit, epoch by epoch. */
export type Epochs = AsyncGenerator<EpochReport, FitReport, undefined>;

/** The end of a run whose loop was left early. */
const left = () => ({
  error: new StateError('fit: the loop over this run was left before its end, so it has no report.'),
});

/**
 * A fit in progress: iterate over it to get its epochs, or await it to get its report. Both may be done at once, and
 * repeatedly, with the same results. It starts with the first of these. Leaving a loop early stops training and keeps the
 * current weights; awaiting the run after that rejects with a StateError.
 */
export class FitRun implements AsyncIterable<EpochReport>, PromiseLike<FitReport> {
  readonly #training: Epochs;
  readonly #finish: (() => Promise<FitReport>) | undefined;
  /** Completed epochs of this run. */
  readonly #epochs: EpochReport[] = [];
  /** The current epoch; resolves to false if there was none. */
  #next: Promise<boolean> | undefined;
  #report: Promise<FitReport> | undefined;
  /** How it ended. */
  #end: { report: FitReport } | { error: unknown } | undefined;

  /** @param finish trains to the end in one call, if there is a faster way than epoch by epoch. */
  constructor(training: Epochs, finish?: () => Promise<FitReport>) {
    this.#training = training;
    this.#finish = finish;
  }

  /** The epochs, as they complete. Those that are already done come at once. */
  [Symbol.asyncIterator](): AsyncIterator<EpochReport, undefined, undefined> {
    let seen = 0;
    return {
      next: async () => {
        if (seen === this.#epochs.length && !(await this.#advance())) return { done: true, value: undefined };
        return { done: false, value: this.#epochs[seen++]! };
      },
      return: async () => {
        await this.#training.return(undefined as never);
        this.#end ??= left();
        return { done: true, value: undefined };
      },
    };
  }

  // biome-ignore lint/suspicious/noThenProperty: being awaitable is the point of this class
  then<A = FitReport, B = never>(
    onfulfilled?: ((report: FitReport) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#report ??= this.#toTheEnd();
    return this.#report.then(onfulfilled, onrejected);
  }

  /** One more epoch, shared by all who wait for it. @param next runs it. @returns false at the end. */
  #advance(
    next: () => Promise<IteratorResult<EpochReport, FitReport>> = () => this.#training.next(),
  ): Promise<boolean> {
    this.#next ??= this.#step(next).finally(() => {
      this.#next = undefined;
    });
    return this.#next;
  }

  async #step(next: () => Promise<IteratorResult<EpochReport, FitReport>>): Promise<boolean> {
    if (this.#end && 'error' in this.#end) throw this.#end.error;
    if (this.#end) return false;
    try {
      const { done, value } = await next();
      if (!done) this.#epochs.push(value);
      else this.#end ??= value ? { report: value } : left(); // a generator that was left returns undefined
      return !done;
    } catch (error) {
      this.#end = { error };
      throw error;
    }
  }

  async #toTheEnd(): Promise<FitReport> {
    const finish = this.#finish;
    const isUntouched = !this.#next && !this.#end && this.#epochs.length === 0;
    if (finish && isUntouched) await this.#advance(async () => ({ done: true, value: await finish() }));
    while (await this.#advance());
    if (this.#end && 'report' in this.#end) return this.#end.report;
    throw (this.#end as { error: unknown }).error;
  }
}
