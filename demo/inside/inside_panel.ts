import { button, element } from '../elements.ts';
import { InsideView } from './inside_view.ts';
import type { Inside } from './inspect.ts';
import { rivalOf } from './layer.ts';
import type { InsideTexts } from './texts.ts';

interface InsidePanelOptions {
  texts: InsideTexts;
  /** Asks for the window before a row, from 0; it comes back through {@link InsidePanel.show}. */
  ask: (row: number) => void;
  /** Trains the other cell with the same settings, to compare; its gradient comes with the next {@link InsidePanel.show}. */
  compare: () => void;
}

/** A window, and the row after it. */
interface WindowFacts {
  /** Name of a row from 0 of the series, such as its date. */
  nameOf: (row: number) => string;
  actual: string;
  predicted: string;
}

/** The inside of the model that is trained, over a window of the test set that a slider chooses. */
export class InsidePanel {
  readonly #texts: InsideTexts;
  readonly #slider = document.createElement('input');
  readonly #ends = element('div', 'slider-ends');
  readonly #facts = element('p', 'note');
  readonly #empty = element('p', 'note empty');
  readonly #body = element('div', 'inside');
  readonly #view: InsideView;
  readonly #compare: HTMLButtonElement;
  #inside: Inside | undefined;
  #progress: string | undefined;

  constructor(host: HTMLElement, { texts, ask, compare }: InsidePanelOptions) {
    this.#texts = texts;
    const title = element('h2', '', texts.title);
    title.id = 'inside-title';
    host.setAttribute('aria-labelledby', title.id);
    const label = element('label', 'wide', texts.row);
    this.#slider.type = 'range';
    this.#slider.dataset.testid = 'inside-row';
    this.#slider.addEventListener('input', () => ask(this.#slider.valueAsNumber));
    this.#ends.setAttribute('aria-hidden', 'true'); // the slider has its own row's
    label.append(this.#slider, this.#ends);
    this.#view = new InsideView(texts);
    this.#compare = button('', compare, 'compare');
    this.#body.append(label, this.#facts, this.#view.host, this.#compare);
    host.replaceChildren(title, element('p', 'note', texts.intro), this.#empty, this.#body);
    this.clear();
  }

  /** Rows of the test set, from 0; the last one is asked for first. */
  setRange(first: number, last: number): void {
    const isNew = this.#slider.max !== String(last) || this.#slider.min !== String(first);
    this.#slider.min = String(first);
    this.#slider.max = String(last);
    if (isNew || this.#body.hidden) this.#slider.value = String(last);
  }

  get row(): number {
    return this.#slider.valueAsNumber;
  }

  /** @param row that the window is before, from 0. */
  show(inside: Inside, row: number, { nameOf, actual, predicted }: WindowFacts): void {
    const { window, facts } = this.#texts;
    const span = window(nameOf(row - inside.steps), nameOf(row - 1));
    this.#body.hidden = false;
    this.#empty.hidden = true;
    this.#slider.setAttribute('aria-valuetext', span);
    this.#ends.replaceChildren(
      ...[this.#slider.min, this.#slider.max].map((end) => element('span', '', nameOf(Number(end)))),
    );
    this.#facts.textContent = `${span}. ${facts(nameOf(row), actual, predicted)}`;
    this.#view.show(inside, (step) => nameOf(row - inside.steps + step));
    this.#inside = inside;
    this.#offerComparison();
  }

  /** @param canTrain false while anything is trained. @param progress how far the comparison is; undefined: it is not under way. */
  setComparison(canTrain: boolean, progress?: string): void {
    this.#compare.disabled = !canTrain;
    this.#progress = progress;
    this.#offerComparison();
  }

  /** @param isOther the model reads other columns, too, which is not shown. */
  clear(isOther = false): void {
    this.#empty.textContent = isOther ? this.#texts.withColumns : this.#texts.empty;
    this.#body.hidden = true;
    this.#empty.hidden = false;
    this.#view.clear();
  }

  #offerComparison(): void {
    if (!this.#inside) return;
    const { cell, flow } = this.#inside;
    this.#compare.hidden = flow.filter(({ trained }) => trained).length > 1;
    this.#compare.textContent = this.#progress ?? this.#texts.compare(this.#texts.cells[rivalOf(cell)]);
  }
}
