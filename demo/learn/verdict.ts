import { RACERS, type Racer } from './models.ts';
import { GUESSING, LEARNED } from './score.ts';
import type { LearnTexts } from './texts.ts';

type Skills = Readonly<Record<Racer, number>>;

/** The state of a race in a few sentences. They change only when a network passes a mark. */
export class Verdict {
  readonly #texts: LearnTexts;
  readonly #count: (value: number) => string;
  /** The steps at which a network had learned the task, and was first better than a guess, among the frames that were drawn. */
  readonly #learned = new Map<Racer, number>();
  readonly #moved = new Map<Racer, number>();
  #skills: Skills | undefined;

  constructor(texts: LearnTexts, count: (value: number) => string) {
    this.#texts = texts;
    this.#count = count;
  }

  /** @param step later than the steps recorded before. */
  record(step: number, skills: Skills): void {
    this.#skills = skills;
    for (const racer of RACERS) {
      if (skills[racer] > GUESSING && !this.#moved.has(racer)) this.#moved.set(racer, step);
      if (skills[racer] >= LEARNED && !this.#learned.has(racer)) this.#learned.set(racer, step);
    }
  }

  /**
   * The state at a step that was recorded, or at one before it.
   * @param delay of the race, and one at which a plain RNN does not learn the task.
   * @param isOver the race ended at this step: until then a network may still learn.
   */
  text(delay: { own: number; long: number }, step: number, isOver = false): string {
    const { racers, racing, learned, longer, over } = this.#texts;
    const learners = [...this.#learned].filter(([, at]) => at <= step);
    if (learners.length === 0 && !isOver) return racing;
    const names = learners.map(([racer]) => racer);
    const late = RACERS.filter((racer) => !names.includes(racer));
    return [
      ...learners.map(([racer, at]) => learned(racers[racer], this.#count(at))),
      ...late.map((racer) => (isOver ? this.#outcome(racer, delay.own) : this.#progress(racer, step))),
      ...(isOver ? [over(this.#count(step))] : []),
      ...(late.length === 0 && delay.own < delay.long ? [longer(this.#count(delay.long))] : []),
    ].join(' ');
  }

  #progress(racer: Racer, step: number): string {
    const { racers, guessing, learning } = this.#texts;
    return ((this.#moved.get(racer) ?? Number.POSITIVE_INFINITY) <= step ? learning : guessing)(racers[racer]);
  }

  #outcome(racer: Racer, delay: number): string {
    const { racers, breaks, short } = this.#texts;
    const isBroken = racer === 'RNN' && this.#learned.has('LSTM') && this.#skills!.RNN <= GUESSING;
    return isBroken ? breaks(this.#count(delay)) : short(racers[racer]);
  }
}
