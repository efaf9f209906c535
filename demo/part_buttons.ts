import type { ChartPart, ForecastChart } from '../src/charts/forecast_chart.ts';
import { element } from './elements.ts';
import { t } from './texts/index.ts';

const NAMES: Readonly<Record<ChartPart, string>> = { end: t.latestRows, test: t.testSet, all: t.wholeSeries };

/** Buttons for the rows that a chart shows, of which the one that was chosen is pressed. */
export class PartButtons {
  readonly host = element('div', 'parts');
  readonly #chart: ForecastChart;
  readonly #buttons: ReadonlyMap<ChartPart, HTMLButtonElement>;

  /** @param parts those that the chart has; all rows are shown at first. */
  constructor(chart: ForecastChart, parts: readonly ChartPart[]) {
    this.#chart = chart;
    this.host.setAttribute('role', 'group');
    this.host.setAttribute('aria-label', t.rowsShown);
    this.#buttons = new Map(parts.map((part) => [part, this.#button(part)]));
    this.host.append(...this.#buttons.values());
    this.setRun(false);
  }

  show(part: ChartPart): void {
    this.#chart.showPart(part);
    for (const [other, button] of this.#buttons) button.setAttribute('aria-pressed', String(other === part));
  }

  /** Without the result of a run there is but the whole series to show. */
  setRun(isThere: boolean): void {
    for (const [part, button] of this.#buttons) button.disabled = !isThere && part !== 'all';
    if (!isThere) this.show('all');
  }

  #button(part: ChartPart): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = NAMES[part];
    button.dataset.testid = `show-${part}`;
    button.addEventListener('click', () => this.show(part));
    return button;
  }
}
