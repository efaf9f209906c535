import { formatSeconds } from '../seconds.ts';
import type { Progress } from '../train/report.ts';

const BAR_LETTERS = 24;
const REDRAW_MS = 100;

/** How far work is, on one line of a terminal; nothing at all where stderr is none. */
export class ProgressBar {
  readonly #stream: NodeJS.WriteStream;
  /** Where the clock started: after the first piece of work, so that preparing the GPU does not count. */
  #start: { ms: number; done: number } | undefined;
  #drawnMs = -Infinity;
  #shown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  update({ epoch, epochs, step, steps }: Progress): void {
    this.show(`epoch ${epoch}/${epochs}`, (epoch - 1) * steps + step, epochs * steps, 'steps');
  }

  /** @param unit what is counted, such as `steps`. */
  show(title: string, done: number, all: number, unit: string): void {
    const nowMs = performance.now();
    this.#start ??= { ms: nowMs, done };
    if (!this.#stream.isTTY || nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    const filled = Math.floor((BAR_LETTERS * done) / all);
    const bar = '━'.repeat(filled) + '─'.repeat(BAR_LETTERS - filled);
    const parts = [title, bar, `${Math.floor((100 * done) / all)} %`];
    const rate = (1000 * (done - this.#start.done)) / (nowMs - this.#start.ms);
    if (rate > 0) parts.push(`${formatCount(rate)} ${unit}/s`, `${formatSeconds((all - done) / rate)} left`);
    this.#stream.write(`\r\x1b[2K${parts.join('  ').slice(0, (this.#stream.columns || 80) - 1)}`);
    this.#shown = true;
  }

  /** Empties the line, for other output. */
  clear(): void {
    if (this.#shown) this.#stream.write('\r\x1b[2K');
    this.#shown = false;
    this.#drawnMs = -Infinity;
  }
}

const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A count or a rate: whole from 100 on. */
export const formatCount = (value: number): string => (value < 100 ? digits : whole).format(value);
