import { ConfigError } from '../errors.ts';
import type { Epochs } from './run.ts';

/** One training at a time, of an object that has one set of weights: whoever comes first has it until the training ends. */
export class Claim {
  readonly #owner: string;
  readonly #checkOwner: (method: string) => void;
  #isHeld = false;

  /** @param owner what trains, for messages. @param checkOwner throws where it cannot train any more. */
  constructor(owner: string, checkOwner: (method: string) => void) {
    this.#owner = owner;
    this.#checkOwner = checkOwner;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** @throws ConfigError while a training has it; what `checkOwner` throws. */
  check(method: string): void {
    this.#checkOwner(method);
    if (this.#isHeld)
      throw new ConfigError(`${method}: this ${this.#owner} is training already; wait for it, or create another.`);
  }

  /** A training that has it from its first moment on, before anything is awaited, until it ends, however that is. */
  async *hold(method: string, training: () => Epochs): Epochs {
    this.check(method);
    this.#isHeld = true;
    try {
      return yield* training();
    } finally {
      this.#isHeld = false;
    }
  }
}
