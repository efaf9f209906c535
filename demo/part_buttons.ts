import type { ChartPart, ForecastChart } from '../src/charts/forecast_chart.ts';
import { button, element } from './elements.ts';
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
    this.#buttons = new Map(parts.map((part) => [part, button(NAMES[part], () => this.show(part), `show-${part}`)]));
    this.host.append(...this.#buttons.values());
    this.setRun(false);
  }

  show(part: ChartPart): void {
    this.#chart.showPart(part);
    for (const [other, one] of this.#buttons) one.setAttribute('aria-pressed', String(other === part));
  }

  /** Without the result of a run there is but the whole series to show, and nothing to choose. */
  setRun(isThere: boolean): void {
    this.host.classList.toggle('idle', !isThere);
    if (!isThere) this.show('all');
  }
}
