import type { PlainForecast } from '../../src/report/forecasts.ts';
import { button, element, fillTable, headRow, tableRow } from '../elements.ts';
import { format } from '../format.ts';
import { t } from '../texts/index.ts';
import type { ForecastTexts } from './texts.ts';

/** Rows that are shown before all are asked for. A year of months is not cut. */
const FIRST_ROWS = 12;

/** A forecast row by row: the first rows, and the others on demand. */
export class ValueTable {
  readonly host = element('div', 'values');
  readonly #texts: ForecastTexts;
  readonly #table = document.createElement('table');
  readonly #more = button('', () => this.#fold(this.#more.getAttribute('aria-expanded') === 'true'), 'all-values');

  constructor(texts: ForecastTexts) {
    this.#texts = texts;
    this.#table.className = 'scores';
    this.#table.dataset.testid = 'forecast-values';
    this.host.append(element('h3', '', texts.values), this.#table, this.#more);
  }

  /** @param dates of its rows; undefined if unknown. @param rows of the series before it. @param valueText how its values are written. */
  show(
    { predicted, interval }: PlainForecast,
    dates: readonly string[] | undefined,
    rows: number,
    valueText: (value: number) => string,
  ): void {
    const { predicted: name, low, high } = this.#texts;
    const body = predicted.map((value, k) =>
      tableRow([
        dates?.[k] ?? format.count(rows + k + 1),
        ...[value, interval!.low[k]!, interval!.high[k]!].map(valueText),
      ]),
    );
    fillTable(this.#table, headRow([dates ? t.date : t.row, name, low, high]), body);
    this.#more.hidden = body.length <= FIRST_ROWS;
    this.#fold(true);
  }

  #fold(isFolded: boolean): void {
    const rows = [...this.#table.tBodies[0]!.rows];
    for (const row of rows.slice(FIRST_ROWS)) row.hidden = isFolded;
    this.#more.setAttribute('aria-expanded', String(!isFolded));
    this.#more.textContent = isFolded ? this.#texts.showAll(format.count(rows.length)) : this.#texts.showFewer;
  }
}
