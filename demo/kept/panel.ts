import { button } from '../elements.ts';
import type { KeptTexts } from './texts.ts';
import type { KeptRun } from './training_store.ts';

interface KeptOptions {
  texts: KeptTexts;
  goOn: (run: KeptRun) => void;
  forget: (run: KeptRun) => void;
}

/** One quiet line about the training that the browser keeps for this page, with what can be done about it. */
export class KeptPanel {
  readonly #host: HTMLElement;
  readonly #options: KeptOptions;
  /** What is offered. */
  #run: KeptRun | undefined;
  #canTrain = false;

  /** @param host an empty element, which is filled only while there is something to say. */
  constructor(host: HTMLElement, options: KeptOptions) {
    this.#host = host;
    this.#options = options;
  }

  get run(): KeptRun | undefined {
    return this.#run;
  }

  /** @param run undefined: nothing is offered any more. */
  offer(run: KeptRun | undefined): void {
    this.#run = run;
    this.#draw();
  }

  /** Going on needs a GPU, as training does. */
  setCanTrain(canTrain: boolean): void {
    this.#canTrain = canTrain;
    for (const button of this.#host.querySelectorAll<HTMLButtonElement>('.kept-go')) button.disabled = !canTrain;
  }

  /** Shows why the current training cannot be kept. @param reason undefined: it can. */
  refuse(reason: string | undefined): void {
    this.#host.replaceChildren(...(reason === undefined ? [] : [this.#options.texts.notKept(reason)]));
  }

  #draw(): void {
    const [run, { texts, goOn, forget }] = [this.#run, this.#options];
    this.#host.replaceChildren();
    if (!run) return;
    const { name } = run.request;
    const isFinished = run.epoch > run.settings.epochs;
    const text = document.createElement('p');
    text.textContent = isFinished ? texts.finished(name) : texts.unfinished(name, String(run.epoch));
    const go = button(isFinished ? texts.show : texts.goOn, () => goOn(run));
    go.className = 'kept-go';
    go.disabled = !this.#canTrain;
    const drop = button(texts.forget, () => {
      this.offer(undefined);
      forget(run);
    });
    const buttons = document.createElement('div');
    buttons.className = 'buttons small';
    buttons.append(go, drop);
    this.#host.append(text, buttons);
  }
}
