import { StateError } from '../errors.ts';
import type { EpochReport, FitReport } from './report.ts';

/** A fit, epoch by epoch. */
export type Epochs = AsyncGenerator<EpochReport, FitReport, undefined>;

/** How a run ends whose loop was left. */
const left = () => ({ error: new StateError('fit: this run was left before its end, so there is no report of it.') });

/**
 * A fit under way: iterate it for its epochs, or await it for its report; both at once, and more than once, give the same. Nothing
 * runs before one of the two. Leaving a loop early stops training, and the weights stay as they are then; awaiting it afterwards
 * rejects with a StateError.
 */
export class FitRun implements AsyncIterable<EpochReport>, PromiseLike<FitReport> {
  readonly #training: Epochs;
  readonly #finish: (() => Promise<FitReport>) | undefined;
  /** Those of this run that are done. */
  readonly #epochs: EpochReport[] = [];
  /** The epoch under way: whether there was another one. */
  #next: Promise<boolean> | undefined;
  #report: Promise<FitReport> | undefined;
  /** How it ended. */
  #end: { report: FitReport } | { error: unknown } | undefined;

  /** @param finish how to train to the end at once, where there is a shorter way than epoch by epoch. */
  constructor(training: Epochs, finish?: () => Promise<FitReport>) {
    this.#training = training;
    this.#finish = finish;
  }

  /** The epochs, as they end. Of a run that was awaited before, those that are done come at once. */
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

  /** One more epoch, for all who wait for it. @param next how. @returns false at the end. */
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
      else this.#end ??= value ? { report: value } : left(); // a generator that was left gives nothing
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
