/** Frames of a film, evenly apart. More than fit leave out every other one; the newest is always there. */
export class Film<Frame extends { number: number }> {
  readonly #most: number;
  #frames: Frame[] = [];
  #every = 1;

  /** @param most frames that are kept, at least 2. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Of the frames' numbers that are kept, how far apart they are. */
  get every(): number {
    return this.#every;
  }

  get newest(): Frame | undefined {
    return this.#frames.at(-1);
  }

  /** @param frame whose number is one more than the newest one's; the first is 0. */
  add(frame: Frame): void {
    const isKept = ({ number }: Frame) => number % this.#every === 0;
    if (this.newest && !isKept(this.newest)) this.#frames.pop();
    this.#frames.push(frame);
    if (this.#frames.length <= this.#most) return;
    this.#every *= 2;
    this.#frames = this.#frames.filter((kept) => isKept(kept) || kept === frame);
  }

  /** The frame of this number, or the nearest that is kept before it. */
  at(number: number): Frame | undefined {
    return this.#frames.findLast((frame) => frame.number <= number);
  }
}
