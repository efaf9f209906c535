import { byId } from '../elements.ts';
import { t } from '../texts/index.ts';
import { LivePanel } from './live_panel.ts';
import { Spoken } from './spoken.ts';

/** What the page does with its device; undefined: nothing. */
export type Running = 'training' | 'forecast' | 'comparison' | 'backtest' | undefined;

interface RunBarOptions {
  forecast: () => void;
  pause: () => void;
  stop: () => void;
  /** Called after the numbers changed. */
  onFrame: () => void;
}

/** The bar that stays in sight: it starts a forecast, shows how far a run is, and has the buttons that can be used now. */
export class RunBar {
  readonly live: LivePanel;
  readonly #bar = byId('run-bar', HTMLElement);
  readonly #forecast = byId('forecast-button', HTMLButtonElement);
  readonly #pause = byId('pause', HTMLButtonElement);
  readonly #stop = byId('stop', HTMLButtonElement);
  readonly #status = byId('status', HTMLElement);
  /** A button of the bar had the focus until it was switched off. */
  #hadFocus = false;
  readonly #spoken = new Spoken(byId('spoken', HTMLElement));

  constructor({ forecast, pause, stop, onFrame }: RunBarOptions) {
    this.live = new LivePanel(onFrame);
    this.#forecast.addEventListener('click', forecast);
    this.#pause.addEventListener('click', pause);
    this.#stop.addEventListener('click', () => {
      this.setStatus(t.stopping);
      this.#hadFocus = this.#bar.contains(document.activeElement);
      this.#stop.disabled = true;
      this.#pause.disabled = true;
      stop();
    });
  }

  update({ canRun, running, paused }: { canRun: boolean; running: Running; paused: boolean }): void {
    this.#hadFocus ||= this.#bar.contains(document.activeElement);
    this.#bar.toggleAttribute('data-running', running !== undefined);
    this.#forecast.disabled = !canRun;
    this.#pause.disabled = running !== 'training';
    this.#pause.hidden = this.#pause.disabled;
    this.#pause.textContent = paused ? t.resume : t.pause;
    this.#stop.disabled = running === undefined;
    this.#stop.hidden = this.#stop.disabled;
    const button = running === undefined ? this.#forecast : this.#stop;
    if (!this.#hadFocus || button.disabled) return;
    this.#hadFocus = false;
    const { activeElement } = document;
    const isElsewhere = activeElement !== document.body && !this.#bar.contains(activeElement);
    if (!isElsewhere && !isOperable(activeElement)) button.focus();
  }

  /** @param spoken what is read aloud of it, at most every few seconds; default: the text, at once. */
  setStatus(text: string, spoken?: string): void {
    if (this.#status.textContent === text) return;
    this.#status.textContent = text;
    if (spoken === undefined) this.#spoken.say(text);
    else this.#spoken.follow(spoken);
  }
}

const isOperable = (element: Element | null): boolean =>
  element instanceof HTMLButtonElement && !element.disabled && element.checkVisibility();
