/** Between two texts that follow a run: a screen reader would read nothing else. */
const EVERY_MS = 10_000;

/** A polite live region: texts that follow a run are read from time to time, others at once. */
export class Spoken {
  readonly #region: HTMLElement;
  #saidMs = Number.NEGATIVE_INFINITY;

  /** @param region an element of role `status`, which is not visible. */
  constructor(region: HTMLElement) {
    this.#region = region;
  }

  say(text: string): void {
    this.#region.textContent = text;
    this.#saidMs = performance.now();
  }

  follow(text: string): void {
    if (performance.now() - this.#saidMs >= EVERY_MS) this.say(text);
  }
}
