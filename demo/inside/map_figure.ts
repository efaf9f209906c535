import { element } from '../elements.ts';
import { format } from '../format.ts';
import { type Cell, HeatMap } from './heat_map.ts';
import type { Picture } from './layer.ts';
import type { InsideTexts } from './texts.ts';

interface MapFigureOptions {
  texts: InsideTexts;
  onMove: (cell: Cell) => void;
  onChoose: (cell: Cell) => void;
}

/** A heat map with its name, its axes, and which color is which value. */
export class MapFigure {
  readonly host = element('figure', '');
  readonly map: HeatMap;
  readonly #texts: InsideTexts;
  readonly #title = element('h3');
  readonly #caption = element('figcaption', 'note');
  readonly #lastUnit = element('span');
  readonly #lastStep = element('span');
  readonly #low = element('span');
  readonly #high = element('span');
  readonly #legend = element('div', 'heat-legend');

  constructor({ texts, ...events }: MapFigureOptions) {
    this.#texts = texts;
    this.map = new HeatMap(events);
    this.map.canvas.setAttribute('aria-roledescription', texts.heatMap);
    const [units, steps, plot] = ['heat-units', 'heat-steps', 'heat-plot'].map((name) => element('div', name));
    units!.append(element('span', '', '1'), element('span', '', texts.unit), this.#lastUnit);
    steps!.append(element('span', '', '1'), element('span', '', texts.step), this.#lastStep);
    for (const axis of [units!, steps!, this.#legend]) axis.setAttribute('aria-hidden', 'true'); // the map's label has it
    plot!.append(units!, this.map.canvas, steps!);
    this.#legend.append(this.#low, element('span', 'heat-colors'), this.#high);
    this.host.append(this.#title, plot!, this.#legend, this.#caption);
  }

  /** @param most what the strongest color stands for; a gate's colors begin at 0, others at its negative. */
  show(picture: Picture, steps: number, most: number): void {
    const { name, values, range } = picture;
    const { names, meanings, mapOf } = this.#texts;
    const units = values.length / steps;
    this.map.show(picture, steps, most);
    const [low, high] = [range === 'unit' ? 0 : -most, most].map(format.tick) as [string, string];
    this.map.canvas.setAttribute('aria-label', mapOf(name, units, steps, low, high));
    this.#title.textContent = names[name];
    this.#caption.textContent = meanings[name];
    this.#lastUnit.textContent = format.count(units);
    this.#lastStep.textContent = format.count(steps);
    this.#low.textContent = low;
    this.#high.textContent = high;
    this.#legend.classList.toggle('signed', range !== 'unit');
  }
}
