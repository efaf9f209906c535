import type { Progress } from '../../src/index.ts';
import { UNKNOWN } from '../../src/report/format.ts';
import { Pace, stepsOf } from '../../src/report/pace.ts';
import { byId } from '../elements.ts';
import { format } from '../format.ts';

/** How far a training is: the bar, the newest loss, the pace and the time left. */
export class LivePanel {
  readonly #bar = byId('progress', HTMLProgressElement);
  readonly #loss = byId('live-loss', HTMLElement);
  readonly #pace = byId('pace', HTMLElement);
  readonly #timeLeft = byId('time-left', HTMLElement);
  readonly #onFrame: () => void;
  #paceOf: Pace | undefined;
  #place: Progress | undefined;
  #isDrawn = true;

  /** @param onFrame called after the numbers changed. */
  constructor(onFrame: () => void) {
    this.#onFrame = onFrame;
  }

  /** Where training is; undefined before its first slice, and after its end. */
  get place(): Progress | undefined {
    return this.#paceOf && this.#place;
  }

  /** As it is shown. */
  get timeLeft(): string {
    return this.#timeLeft.textContent ?? '';
  }

  clear(): void {
    this.#paceOf = undefined;
    this.#place = undefined;
    this.#bar.value = 0;
    for (const element of [this.#loss, this.#pace, this.#timeLeft]) element.textContent = UNKNOWN;
  }

  /** Slices may end many times a frame; the numbers change once. */
  record(progress: Progress): void {
    const { done, all } = stepsOf(progress);
    this.#paceOf ??= new Pace();
    this.#paceOf.record(done, performance.now());
    this.#bar.value = done / all;
    this.#place = progress;
    if (this.#isDrawn) requestAnimationFrame(() => this.#draw());
    this.#isDrawn = false;
  }

  end(): void {
    this.#paceOf = undefined;
    this.#timeLeft.textContent = UNKNOWN;
  }

  #draw(): void {
    this.#isDrawn = true;
    if (!this.#place) return;
    const stepsPerSecond = this.#paceOf?.perSecond;
    const secondsLeft = this.#paceOf?.secondsLeft(stepsOf(this.#place).all);
    this.#loss.textContent = format.score(this.#place.loss);
    if (stepsPerSecond !== undefined) this.#pace.textContent = format.rate(stepsPerSecond);
    this.#timeLeft.textContent = secondsLeft === undefined ? UNKNOWN : format.seconds(secondsLeft);
    this.#onFrame();
  }
}
