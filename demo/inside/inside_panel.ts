import { element } from '../elements.ts';
import { format } from '../format.ts';
import { FlowChart } from './flow_chart.ts';
import { HeatMap } from './heat_map.ts';
import type { Inside, Picture } from './inspect.ts';
import type { InsideTexts } from './texts.ts';
import { Unrolled } from './unrolled.ts';

interface InsidePanelOptions {
  texts: InsideTexts;
  /** Asks for the window before a row, from 0; it comes back through {@link InsidePanel.show}. */
  ask: (row: number) => void;
}

/** Gates, states and gradient flow of the trained layer over one window of the test part; one cursor for all. */
export class InsidePanel {
  readonly #texts: InsideTexts;
  readonly #slider = document.createElement('input');
  readonly #facts = element('p', 'note');
  readonly #place = element('p', 'note');
  readonly #body = element('div', 'inside');
  readonly #maps = element('div', 'heat-maps');
  readonly #unrolled = new Unrolled();
  readonly #flow: FlowChart;
  #heatMaps: HeatMap[] = [];
  #inside: Inside | undefined;
  #window: Float32Array = new Float32Array();

  constructor(host: HTMLElement, { texts, ask }: InsidePanelOptions) {
    this.#texts = texts;
    const title = element('h2', '', texts.title);
    title.id = 'inside-title';
    host.setAttribute('aria-labelledby', title.id);
    const label = element('label', 'wide', texts.row);
    this.#slider.type = 'range';
    this.#slider.dataset.testid = 'inside-row';
    this.#slider.addEventListener('input', () => ask(this.#slider.valueAsNumber));
    label.append(this.#slider);
    this.#place.setAttribute('aria-live', 'polite');
    const steps = element('div', 'steps');
    steps.tabIndex = 0;
    steps.setAttribute('role', 'group');
    steps.setAttribute('aria-label', texts.step);
    steps.append(this.#unrolled.host, this.#place);
    steps.addEventListener('keydown', (event) => this.#move(event));
    const flowHost = element('div', 'chart short');
    this.#body.append(label, this.#facts, steps, this.#maps, element('h3', '', texts.flowTitle), flowHost);
    this.#body.append(element('p', 'note', texts.flowNote));
    this.#flow = new FlowChart(flowHost, texts);
    host.replaceChildren(title, element('p', 'note', texts.intro), this.#body);
    this.clear();
  }

  /** Rows of the test part, from 0; the last one is asked for first. */
  setRange(first: number, last: number): void {
    const isNew = this.#slider.max !== String(last) || this.#slider.min !== String(first);
    this.#slider.min = String(first);
    this.#slider.max = String(last);
    if (isNew || this.#body.hidden) this.#slider.value = String(last);
  }

  get row(): number {
    return this.#slider.valueAsNumber;
  }

  show(inside: Inside, window: Float32Array, facts: { row: string; actual: string; predicted: string }): void {
    this.#body.hidden = false;
    this.#inside = inside;
    this.#window = window;
    this.#facts.textContent = this.#texts.facts(facts.row, facts.actual, facts.predicted);
    if (this.#heatMaps.length !== inside.pictures.length) this.#makeMaps(inside.pictures);
    for (const [k, picture] of inside.pictures.entries()) {
      const map = this.#heatMaps[k]!;
      map.show(picture, inside.steps);
      const [low, high] = map.range.map(format.score) as [string, string];
      map.canvas.setAttribute('aria-label', this.#texts.mapOf(picture.name, inside.hidden, inside.steps, low, high));
    }
    this.#unrolled.show(inside.steps);
    this.#flow.show(inside.flow);
    this.#moveTo(inside.steps - 1);
  }

  clear(): void {
    this.#body.hidden = true;
  }

  #makeMaps(pictures: readonly Picture[]): void {
    this.#heatMaps = pictures.map(() => new HeatMap((step) => this.#moveTo(step)));
    this.#maps.replaceChildren(
      ...pictures.map(({ name }, k) => {
        const figure = element('figure', '');
        const caption = element('figcaption', 'note', this.#texts.meanings[name]);
        figure.append(element('h3', '', this.#texts.names[name]), this.#heatMaps[k]!.canvas, caption);
        return figure;
      }),
    );
  }

  #step = 0;

  #move(event: KeyboardEvent): void {
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!direction || !this.#inside) return;
    event.preventDefault();
    this.#moveTo(Math.max(0, Math.min(this.#inside.steps - 1, this.#step + direction)));
  }

  #moveTo(step: number): void {
    if (!this.#inside) return;
    this.#step = step;
    const { pictures, steps, hidden } = this.#inside;
    const h = pictures.at(-1)!.values;
    let sum = 0;
    for (let unit = 0; unit < hidden; unit++) sum += Math.abs(h[unit * steps + step]!);
    for (const map of this.#heatMaps) map.moveCursor(step);
    this.#unrolled.moveCursor(step);
    this.#place.textContent = this.#texts.at(step + 1, format.score(this.#window[step]!), format.score(sum / hidden));
  }
}
