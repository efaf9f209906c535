import { StateError } from './errors.ts';

/** The error for a call that needs a fit first. @param advice what to do first. */
export const notTrained = (method: string, advice: string): StateError =>
  new StateError(`${method}: not fitted yet; ${advice}.`, { code: 'not-trained', details: { method } });

/** How long an object's memory on the device lives: until the object is disposed and the last call that uses the memory has ended. */
export class Lifetime {
  readonly #name: string;
  readonly #free: () => void;
  readonly #idle: () => void;
  #calls = 0;
  #isOver = false;

  /**
   * @param name of the object, for messages. @param idle called when the last call in progress has ended.
   */
  constructor(name: string, { free, idle }: { free: () => void; idle: () => void }) {
    this.#name = name;
    this.#free = free;
    this.#idle = idle;
  }

  /** @throws StateError after {@link end}. */
  check(method: string): void {
    if (!this.#isOver) return;
    throw new StateError(`${method}: this ${this.#name} was disposed; create a new one.`, {
      code: 'disposed',
      details: { method },
    });
  }

  /** Begins a call, which ends with the returned function. @throws StateError after {@link end}. */
  enter(method: string): () => void {
    this.check(method);
    this.#calls++;
    return () => {
      this.#calls--;
      if (this.#calls === 0) this.#idle();
      this.#freeWhereOver();
    };
  }

  /** Runs a whole call. @throws StateError after {@link end}. */
  async during<Result>(method: string, call: () => Promise<Result>): Promise<Result> {
    const leave = this.enter(method);
    try {
      return await call();
    } finally {
      leave();
    }
  }

  /** Frees at once or, if calls are in progress, when the last of them has ended. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#freeWhereOver();
  }

  #freeWhereOver(): void {
    if (this.#isOver && this.#calls === 0) this.#free();
  }
}
