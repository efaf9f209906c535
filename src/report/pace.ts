import type { Progress } from '../train/report.ts';

/** The pace is that of the last few seconds: the first steps compile shaders and are not typical. */
const WINDOW_MS = 4000;

/** The time left uses a longer window: a single slow piece of work must not turn a minute into an hour. */
const LEFT_WINDOW_MS = 30_000;

/** Completed steps of a training, and all of them. */
export const stepsOf = ({ epoch, epochs, step, steps }: Progress): { done: number; all: number } => ({
  done: (epoch - 1) * steps + step,
  all: epochs * steps,
});

/** Steps per second, and from it the time left. */
export class Pace {
  readonly #marks: Mark[] = [];

  /** @param done steps since the start. @param ms now, on any monotonic clock. */
  record(done: number, ms: number): void {
    this.#marks.push({ done, ms });
    while (this.#marks.length > 2 && ms - this.#marks[1]!.ms > LEFT_WINDOW_MS) this.#marks.shift();
  }

  /** Undefined until there are two records. */
  get perSecond(): number | undefined {
    const last = this.#marks.at(-1);
    const first = this.#marks.findLast(({ ms }) => last!.ms - ms >= WINDOW_MS) ?? this.#marks[0];
    return paceBetween(first, last);
  }

  /** @param all steps. */
  secondsLeft(all: number): number | undefined {
    const [first, second, ...later] = this.#marks;
    const last = this.#marks.at(-1);
    const pace = paceBetween(later.length > 0 ? second : first, last); // without the compiling in the first step
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
