import type { Progress } from '../train/report.ts';

/** The pace is that of the last few seconds: the first steps compile shaders and say little about the others. */
const WINDOW_MS = 4000;

/** Steps of a training that are done, and all of them. */
export const stepsOf = ({ epoch, epochs, step, steps }: Progress): { done: number; all: number } => ({
  done: (epoch - 1) * steps + step,
  all: epochs * steps,
});

/** Steps per second, and from it the time left. */
export class Pace {
  readonly #marks: { done: number; ms: number }[] = [];

  /** @param done steps since the start. @param ms now, on any clock that only rises. */
  record(done: number, ms: number): void {
    this.#marks.push({ done, ms });
    while (this.#marks.length > 2 && ms - this.#marks[1]!.ms > WINDOW_MS) this.#marks.shift();
  }

  /** Undefined until two moments are known. */
  get perSecond(): number | undefined {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!first || !last || last.ms === first.ms) return undefined;
    return (1000 * (last.done - first.done)) / (last.ms - first.ms);
  }

  /** @param all steps. */
  secondsLeft(all: number): number | undefined {
    const pace = this.perSecond;
    return pace ? (all - this.#marks.at(-1)!.done) / pace : undefined;
  }
}
