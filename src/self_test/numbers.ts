import { GOLDEN } from './golden.ts';

/** PyTorch's numbers of a check, in the order in which test/golden/self_test.ts wrote them. */
export class Numbers {
  readonly #values: Float32Array;
  #next = 0;

  /** @throws Error if there are none with that name: a bug in the caller. */
  constructor(name: string) {
    const text = GOLDEN[name];
    if (text === undefined) throw new Error(`golden numbers: none are named ${name}`);
    this.#values = new Float32Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
  }

  /** The next `count` numbers. */
  take(count: number): Float32Array<ArrayBuffer> {
    this.#next += count;
    if (this.#next > this.#values.length)
      throw new Error(`golden numbers: ${this.#next} were requested, but there are ${this.#values.length}`);
    return new Float32Array(this.#values.slice(this.#next - count, this.#next));
  }
}
