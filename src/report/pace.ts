import type { Progress } from '../train/report.ts';

/** The pace is that of the last few seconds: the first steps compile shaders and say little about the others. */
const WINDOW_MS = 4000;

/** The time left follows a longer one: a single slow piece of work is not to make an hour of a minute. */
const LEFT_WINDOW_MS = 30_000;

/** Steps of a training that are done, and all of them. */
export const stepsOf = ({ epoch, epochs, step, steps }: Progress): { done: number; all: number } => ({
  done: (epoch - 1) * steps + step,
  all: epochs * steps,
});

/** Steps per second, and from it the time left. */
export class Pace {
  readonly #marks: Mark[] = [];

  /** @param done steps since the start. @param ms now, on any clock that only rises. */
  record(done: number, ms: number): void {
    this.#marks.push({ done, ms });
    while (this.#marks.length > 2 && ms - this.#marks[1]!.ms > LEFT_WINDOW_MS) this.#marks.shift();
  }

  /** Undefined until two moments are known. */
  get perSecond(): number | undefined {
    const last = this.#marks.at(-1);
    const first = this.#marks.findLast(({ ms }) => last!.ms - ms >= WINDOW_MS) ?? this.#marks[0];
    return paceBetween(first, last);
  }

  /** @param all steps. */
  secondsLeft(all: number): number | undefined {
    const [first, second, ...later] = this.#marks;
    const last = this.#marks.at(-1);
    const pace = paceBetween(later.length > 0 ? second : first, last); // without what the first step compiled
    return pace ? (all - last!.done) / pace : undefined;
  }
}

interface Mark {
  done: number;
  ms: number;
}

function paceBetween(first: Mark | undefined, last: Mark | undefined): number | undefined {
  if (!first || !last || last.ms === first.ms) return undefined;
  return (1000 * (last.done - first.done)) / (last.ms - first.ms);
}
