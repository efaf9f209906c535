import { button, element, fillTable, headRow, tableRow } from '../elements.ts';
import { format } from '../format.ts';
import type { CellSum } from './sum.ts';
import type { InsideTexts } from './texts.ts';

/** How one number of a heat map comes about: its equation, and the products that are added up. */
export class SumBox {
  readonly host = element('div', 'sum-box');
  readonly #texts: InsideTexts;
  readonly #title = element('h3');
  readonly #equation = element('code');
  readonly #table = document.createElement('table');

  /** @param onClose called when the visitor closes it. */
  constructor(texts: InsideTexts, onClose: () => void) {
    this.#texts = texts;
    this.host.dataset.testid = 'sum';
    this.host.setAttribute('role', 'region');
    this.host.setAttribute('aria-label', texts.sumTitle);
    this.host.addEventListener('keydown', ({ key }) => key === 'Escape' && onClose());
    const head = element('div', 'panel-head');
    head.append(this.#title, button(texts.close, onClose));
    const scroll = element('div', 'scroll');
    this.#table.className = 'sum-table';
    scroll.append(this.#table);
    this.host.append(head, this.#equation, scroll, element('p', 'note', texts.sumNote));
  }

  /** @param stepName of its step, such as a date; '' for none. */
  show({ name, unit, step, equation, terms, rest, sum, activation, value }: CellSum, stepName: string): void {
    const { sumOf, term, values, product, others, sum: total } = this.#texts;
    this.#title.textContent = sumOf(name, unit + 1, step + 1, stepName);
    this.#equation.textContent = equation;
    const rows = terms.map(({ symbol, factors, product }) =>
      tableRow([symbol, factors.length > 1 ? factors.map(factor).join(' × ') : '', format.score(product)]),
    );
    if (rest.count > 0) rows.push(tableRow([others(format.count(rest.count)), '', format.score(rest.sum)]));
    if (activation) rows.push(tableRow([total, '', format.score(sum)], [2]));
    rows.push(tableRow([name, activation ? `${activation}(${format.score(sum)})` : '', format.score(value)], [2]));
    fillTable(this.#table, headRow([term, values, product]), rows);
  }
}

/** In parentheses where it is negative. */
const factor = (value: number): string => (value < 0 ? `(${format.score(value)})` : format.score(value));
