/** The pace is that of the last few seconds: the first steps compile shaders and say little about the others. */
const WINDOW_MS = 4000;

/** Steps per second, and from it the time left. */
export class Pace {
  readonly #totalSteps: number;
  readonly #marks: { steps: number; ms: number }[] = [];

  constructor(totalSteps: number) {
    this.#totalSteps = totalSteps;
  }

  /** @param steps done since the start. @param ms now, on any clock that only rises. */
  record(steps: number, ms: number): void {
    this.#marks.push({ steps, ms });
    while (this.#marks.length > 2 && ms - this.#marks[1]!.ms > WINDOW_MS) this.#marks.shift();
  }

  /** Undefined until two moments are known. */
  get stepsPerSecond(): number | undefined {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!first || !last || last.ms === first.ms) return undefined;
    return (1000 * (last.steps - first.steps)) / (last.ms - first.ms);
  }

  get secondsLeft(): number | undefined {
    const pace = this.stepsPerSecond;
    return pace ? (this.#totalSteps - this.#marks.at(-1)!.steps) / pace : undefined;
  }
}
