import { english } from '../report/format.ts';
import { Pace, stepsOf } from '../report/pace.ts';
import type { Progress } from '../train/report.ts';

const BAR_LETTERS = 24;
const REDRAW_MS = 100;

/** Progress on one line of a terminal; nothing if stderr is not a terminal. */
export class ProgressBar {
  readonly #stream: NodeJS.WriteStream;
  /** Starts with the first piece of work, so that preparing the GPU does not count. */
  readonly #pace = new Pace();
  #drawnMs = -Infinity;
  #shown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  update(progress: Progress): void {
    const { done, all } = stepsOf(progress);
    this.show(`epoch ${progress.epoch}/${progress.epochs}`, done, all, 'steps');
  }

  /** @param unit of `done` and `all`, such as `steps`. */
  show(title: string, done: number, all: number, unit: string): void {
    const nowMs = performance.now();
    this.#pace.record(done, nowMs);
    if (!this.#stream.isTTY || nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    const filled = Math.floor((BAR_LETTERS * done) / all);
    const bar = '━'.repeat(filled) + '─'.repeat(BAR_LETTERS - filled);
    const parts = [title, bar, `${Math.floor((100 * done) / all)}%`];
    const [rate, secondsLeft] = [this.#pace.perSecond, this.#pace.secondsLeft(all)];
    if (rate && secondsLeft !== undefined)
      parts.push(`${english.rate(rate)} ${unit}/s`, `${english.seconds(secondsLeft)} left`);
    this.#stream.write(`\r\x1b[2K${parts.join('  ').slice(0, (this.#stream.columns || 80) - 1)}`);
    this.#shown = true;
  }

  /** Clears the line, for other output. */
  clear(): void {
    if (this.#shown) this.#stream.write('\r\x1b[2K');
    this.#shown = false;
    this.#drawnMs = -Infinity;
  }
}
