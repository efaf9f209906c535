import { button, element } from '../elements.ts';
import { groupOfOthers } from '../settings_form.ts';
import type { ForecastTexts } from './texts.ts';

/** Outliers of a note that are listed; more are counted. */
const MOST_LISTED = 5;
/** In a link: outliers are kept. */
const NAME = 'outliers';

/** A value that is replaced in a forecast, and by what. */
interface Replaced {
  /** Date or number of its row. */
  row: string;
  from: string;
  to: string;
}

/** The choice to replace outliers in a forecast or to keep them, and the note about those that were replaced. */
export class Outliers {
  /** The choice, for the form. */
  readonly field: HTMLElement;
  readonly note = element('p', 'note outliers');
  readonly #texts: ForecastTexts;
  readonly #choice = document.createElement('select');
  readonly #forecast: () => void;

  /** @param forecast forecasts again. */
  constructor(texts: ForecastTexts, forecast: () => void) {
    this.#texts = texts;
    this.#forecast = forecast;
    const { outliers } = texts;
    this.#choice.id = NAME;
    this.#choice.dataset.testid = NAME;
    this.#choice.append(new Option(outliers.replace, 'replace'), new Option(outliers.keep, 'keep'));
    this.field = groupOfOthers(outliers.group, [{ name: outliers.name, help: outliers.help, control: this.#choice }]);
    this.note.dataset.testid = 'outliers-note';
    this.show([]);
  }

  get policy(): 'replace' | 'keep' {
    return this.#choice.value === 'keep' ? 'keep' : 'replace';
  }

  /** What a link has of the choice: nothing where it is the usual one. */
  toLink(): [string, string][] {
    return this.policy === 'keep' ? [[NAME, 'keep']] : [];
  }

  /** Chooses what a link has. */
  fromLink(hash: string): void {
    this.#choice.value = new URLSearchParams(hash.slice(1)).get(NAME) === 'keep' ? 'keep' : 'replace';
  }

  show(replaced: readonly Replaced[]): void {
    this.note.hidden = replaced.length === 0;
    if (replaced.length === 0) return;
    const { outliers } = this.#texts;
    const listed = replaced.slice(0, MOST_LISTED).map(({ row, from, to }) => outliers.one(row, from, to));
    const more = replaced.length - listed.length;
    const keep = button(outliers.keepThem(replaced.length), () => this.#keep(), 'keep-outliers');
    this.note.replaceChildren(outliers.note(replaced.length, listed, more), ' ', keep);
  }

  #keep(): void {
    this.#choice.value = 'keep';
    this.#forecast();
  }
}
