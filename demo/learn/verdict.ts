import { RACERS, type Racer } from './models.ts';
import { GUESSING, LEARNED } from './score.ts';
import type { LearnTexts } from './texts.ts';

/** How far the three networks are, in a sentence or a few, which change only when one of them comes further. */
export class Verdict {
  readonly #texts: LearnTexts;
  readonly #count: (value: number) => string;
  /** The step at which a network had learned the task, by the frames that were drawn. */
  readonly #learned = new Map<Racer, number>();

  constructor(texts: LearnTexts, count: (value: number) => string) {
    this.#texts = texts;
    this.#count = count;
  }

  record(step: number, skills: Readonly<Record<Racer, number>>): void {
    for (const racer of RACERS)
      if (skills[racer] >= LEARNED && !this.#learned.has(racer)) this.#learned.set(racer, step);
  }

  /** @param skills of now. @param end the last step of a race that is over. */
  text(delay: number, skills: Readonly<Record<Racer, number>>, end?: number): string {
    const { racers, racing, learned, breaks, behind, over } = this.#texts;
    const late = RACERS.filter((racer) => !this.#learned.has(racer));
    const isBroken = this.#learned.has('LSTM') && late.includes('RNN') && skills.RNN <= GUESSING;
    return [
      ...(this.#learned.size === 0 ? [racing] : []),
      ...[...this.#learned].map(([racer, step]) => learned(racers[racer], this.#count(step))),
      ...(isBroken ? [breaks(this.#count(delay))] : []),
      ...(this.#learned.size > 0
        ? late.filter((racer) => !(isBroken && racer === 'RNN')).map((racer) => behind(racers[racer]))
        : []),
      ...(end === undefined ? [] : [over(this.#count(end))]),
    ].join(' ');
  }
}
