import type { Progress } from '../../src/index.ts';
import { Pace, stepsOf } from '../../src/report/pace.ts';
import { byId } from '../elements.ts';
import { format } from '../format.ts';

/** How far a run is: the bar, and what is known of the newest loss, the pace and the time left. */
export class LivePanel {
  readonly #bar = byId('progress', HTMLProgressElement);
  readonly #loss = byId('live-loss', HTMLElement);
  readonly #pace = byId('pace', HTMLElement);
  readonly #timeLeft = byId('time-left', HTMLElement);
  readonly #onFrame: () => void;
  #paceOf: Pace | undefined;
  #place: Progress | undefined;
  #isTraining = false;
  #isDrawn = true;

  /** @param onFrame called after the numbers changed. */
  constructor(onFrame: () => void) {
    this.#onFrame = onFrame;
    this.clear();
  }

  /** Where the run is; undefined before its first slice, and after its end. */
  get place(): Progress | undefined {
    return this.#place;
  }

  /** As it is shown. */
  get timeLeft(): string {
    return this.#timeLeft.textContent ?? '';
  }

  /** A run begins: nothing is known, but the bar moves. @param isTraining it has a loss and a pace of interest. */
  begin(isTraining: boolean): void {
    this.clear();
    this.#isTraining = isTraining;
    this.#bar.removeAttribute('value');
  }

  clear(): void {
    this.#paceOf = undefined;
    this.#place = undefined;
    this.#bar.value = 0;
    for (const element of [this.#loss, this.#pace, this.#timeLeft]) show(element, undefined);
  }

  /** Slices may end many times a frame; the numbers change once. */
  record(progress: Progress): void {
    const { done, all } = stepsOf(progress);
    this.#paceOf ??= new Pace();
    this.#paceOf.record(done, performance.now());
    this.#place = progress;
    if (done < all) this.#bar.value = done / all;
    else this.#bar.removeAttribute('value'); // what follows the last step takes a while, too
    if (this.#isDrawn) requestAnimationFrame(() => this.#draw());
    this.#isDrawn = false;
  }

  #draw(): void {
    this.#isDrawn = true;
    if (!this.#place) return;
    const stepsPerSecond = this.#paceOf?.perSecond;
    const secondsLeft = this.#paceOf?.secondsLeft(stepsOf(this.#place).all);
    if (this.#isTraining) {
      show(this.#loss, format.score(this.#place.loss));
      show(this.#pace, stepsPerSecond && format.rate(stepsPerSecond));
    }
    show(this.#timeLeft, secondsLeft === undefined ? undefined : format.seconds(secondsLeft));
    this.#onFrame();
  }
}

/** Fills a number of the bar; without one, its name is hidden, too. */
function show(element: HTMLElement, text: string | undefined | 0): void {
  element.textContent = text || '';
  element.parentElement!.hidden = !text;
}
