import { StateError } from './errors.ts';

/** For a call that needs a fit before it. @param advice what to do first. */
export const notTrained = (method: string, advice: string): StateError =>
  new StateError(`${method}: not fitted yet; ${advice}.`, { code: 'not-trained', details: { method } });

/** How long an object's memory on the device lives: until it was disposed, and the last call that uses it has ended. */
export class Lifetime {
  readonly #name: string;
  readonly #free: () => void;
  readonly #idle: () => void;
  #calls = 0;
  #isOver = false;

  /**
   * @param name of the object, for messages. @param idle called when the last call under way has ended.
   */
  constructor(name: string, { free, idle }: { free: () => void; idle: () => void }) {
    this.#name = name;
    this.#free = free;
    this.#idle = idle;
  }

  /** @throws StateError after {@link end}. */
  check(method: string): void {
    if (!this.#isOver) return;
    throw new StateError(`${method}: this ${this.#name} was disposed; create another.`, {
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

  /** A whole call. @throws StateError after {@link end}. */
  async during<Result>(method: string, call: () => Promise<Result>): Promise<Result> {
    const leave = this.enter(method);
    try {
      return await call();
    } finally {
      leave();
    }
  }

  /** Frees at once, or where calls are under way when the last of them has ended. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#freeWhereOver();
  }

  #freeWhereOver(): void {
    if (this.#isOver && this.#calls === 0) this.#free();
  }
}
