import { RACERS, type Racer } from './models.ts';
import { GUESSING, LEARNED } from './score.ts';
import type { LearnTexts } from './texts.ts';

/** The state of the race in a few sentences. They change only when a network passes a mark. */
export class Verdict {
  readonly #texts: LearnTexts;
  readonly #count: (value: number) => string;
  /** The step at which a network had learned the task, among the frames that were drawn. */
  readonly #learned = new Map<Racer, number>();
  /** Networks that have been better than a guess. */
  readonly #moved = new Set<Racer>();

  constructor(texts: LearnTexts, count: (value: number) => string) {
    this.#texts = texts;
    this.#count = count;
  }

  record(step: number, skills: Readonly<Record<Racer, number>>): void {
    for (const racer of RACERS) {
      if (skills[racer] > GUESSING) this.#moved.add(racer);
      if (skills[racer] >= LEARNED && !this.#learned.has(racer)) this.#learned.set(racer, step);
    }
  }

  /** @param end the last step of a race that is over: until then a network may still learn. */
  text(delay: number, end?: number): string {
    const { racers, racing, learned, over } = this.#texts;
    const learners = [...this.#learned].map(([racer, step]) => learned(racers[racer], this.#count(step)));
    const isOver = end !== undefined;
    if (learners.length === 0 && !isOver) return racing;
    const late = RACERS.filter((racer) => !this.#learned.has(racer));
    const rest = late.map((racer) => (isOver ? this.#outcome(racer, delay) : this.#progress(racer)));
    return [...learners, ...rest, ...(isOver ? [over(this.#count(end))] : [])].join(' ');
  }

  #progress(racer: Racer): string {
    const { racers, guessing, learning } = this.#texts;
    return (this.#moved.has(racer) ? learning : guessing)(racers[racer]);
  }

  #outcome(racer: Racer, delay: number): string {
    const { racers, breaks, short } = this.#texts;
    const isBroken = racer === 'RNN' && this.#learned.has('LSTM') && !this.#moved.has('RNN');
    return isBroken ? breaks(this.#count(delay)) : short(racers[racer]);
  }
}
