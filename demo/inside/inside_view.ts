import { element } from '../elements.ts';
import { format } from '../format.ts';
import { FlowChart } from './flow_chart.ts';
import { flowText } from './flow_text.ts';
import type { Cell } from './heat_map.ts';
import type { Inside } from './inspect.ts';
import type { GateName, Layer, Picture } from './layer.ts';
import { MapFigure } from './map_figure.ts';
import { sumOf } from './sum.ts';
import { SumBox } from './sum_box.ts';
import type { InsideTexts } from './texts.ts';
import { Unrolled } from './unrolled.ts';

/** What can be shown of a layer: its pictures, and where they are known, its gradients. */
export type ShownLayer = Layer & { pictures: Picture[] } & Partial<Pick<Inside, 'kept' | 'flow' | 'initialForget'>>;

/**
 * A layer over a window: its steps, gates and states, with one cursor for all of them; the sum behind any cell; how far back the
 * gradient reaches. For any model: what it shows comes from its weights and its window.
 */
export class InsideView {
  readonly host = element('div', 'inside');
  readonly #texts: InsideTexts;
  readonly #place = element('p', 'note place');
  readonly #note = element('p', 'note');
  readonly #maps = element('div', 'heat-maps');
  readonly #unrolled = new Unrolled((step) => this.#moveTo(step));
  readonly #flowPart = element('div', 'inside');
  readonly #flowCaption = element('p', 'note');
  readonly #flow: FlowChart;
  readonly #sum: SumBox;
  #figures: MapFigure[] = [];
  #layer: ShownLayer | undefined;
  #stepName: (step: number) => string = () => '';
  #step = 0;
  /** The largest value so far of each picture without a bound: a film has one scale, which never shrinks. */
  readonly #largest = new Map<GateName, number>();
  /** The cell of a heat map that is pointed at. */
  #pointed: (Cell & { name: GateName }) | undefined;
  #chosen: (Cell & { name: GateName }) | undefined;

  constructor(texts: InsideTexts) {
    this.#texts = texts;
    this.#sum = new SumBox(texts, () => this.#choose(undefined));
    this.#place.setAttribute('aria-live', 'polite');
    const steps = element('div', 'steps');
    steps.tabIndex = 0;
    steps.setAttribute('role', 'group');
    steps.setAttribute('aria-label', texts.step);
    steps.append(this.#unrolled.host, this.#place);
    steps.addEventListener('keydown', (event) => this.#move(event));
    const flowHost = element('div', 'chart short');
    this.#flow = new FlowChart(flowHost, texts);
    this.#flowCaption.dataset.testid = 'flow-caption';
    this.#flowPart.append(element('h3', '', texts.flowTitle), flowHost, this.#flowCaption);
    this.#flowPart.append(element('p', 'note', texts.flowNote));
    this.#flowPart.hidden = true;
    this.host.append(steps, this.#note, this.#maps, this.#flowPart);
  }

  /** What follows is another film, with color scales of its own. */
  clear(): void {
    this.#largest.clear();
  }

  /** Widens the color scales to a frame of the film, also one that is not shown. */
  measure(pictures: readonly Picture[]): void {
    for (const { name, values } of pictures.filter(({ range }) => range === 'free')) {
      const most = values.reduce((high, value) => Math.max(high, Math.abs(value)), this.#largest.get(name) ?? 1);
      this.#largest.set(name, most);
    }
  }

  /** Whether what is pointed at is read aloud when its number changes: not while training changes it many times a second. */
  set announces(announces: boolean) {
    this.#place.setAttribute('aria-live', announces ? 'polite' : 'off');
  }

  /** @param stepName of a step from 0, such as its date; '' for none. */
  show(layer: ShownLayer, stepName: (step: number) => string = () => ''): void {
    const isOther = this.#layer?.steps !== layer.steps || this.#layer.cell !== layer.cell;
    this.#layer = layer;
    this.#stepName = stepName;
    if (isOther) this.#makeFigures(layer.pictures);
    this.measure(layer.pictures);
    for (const [k, picture] of layer.pictures.entries())
      this.#figures[k]!.show(picture, layer.steps, roundedUp(this.#largest.get(picture.name) ?? 1));
    this.#unrolled.show(layer.steps, layer.kept && keptByStep(layer.kept.input, layer.steps));
    const { barsNote, mapsNote } = this.#texts;
    this.#note.textContent = layer.kept ? `${barsNote} ${mapsNote}` : mapsNote;
    this.#flowPart.hidden = !layer.flow;
    if (layer.flow) {
      this.#flow.show(layer.flow);
      this.#flowCaption.textContent = flowText(layer.flow, layer.initialForget ?? Number.NaN, this.#texts, format);
    }
    if (isOther) this.#moveTo(layer.steps - 1);
    else this.#moveTo(this.#step, this.#pointed);
    this.#showSum();
  }

  #makeFigures(pictures: readonly Picture[]): void {
    this.#chosen = undefined;
    this.#figures = pictures.map(
      ({ name }) =>
        new MapFigure({
          texts: this.#texts,
          onMove: (cell) => this.#moveTo(cell.step, { ...cell, name }),
          onChoose: (cell) => this.#choose({ ...cell, name }),
        }),
    );
    this.#maps.replaceChildren(...this.#figures.map(({ host }) => host));
  }

  #move(event: KeyboardEvent): void {
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!direction || !this.#layer) return;
    event.preventDefault();
    this.#moveTo(Math.max(0, Math.min(this.#layer.steps - 1, this.#step + direction)));
  }

  /** @param cell of a heat map, where it is one that is pointed at. */
  #moveTo(step: number, cell?: Cell & { name: GateName }): void {
    if (!this.#layer) return;
    this.#step = step;
    this.#pointed = cell;
    for (const { map } of this.#figures) map.moveCursor(step);
    this.#unrolled.moveCursor(step);
    const text = cell ? this.#cellText(this.#layer, cell) : this.#stepText(this.#layer, step);
    if (this.#place.textContent !== text) this.#place.textContent = text; // it is read aloud on every change
  }

  #stepText({ window, inputs, kept }: ShownLayer, step: number): string {
    const read = (values: ArrayLike<number>) =>
      Array.from({ length: inputs }, (_, k) => format.score(values[step * inputs + k]!)).join('; ');
    const { at, keptAt } = this.#texts;
    const reads = at(step + 1, this.#stepName(step), read(window));
    return kept ? `${reads} ${keptAt(read(kept.input), format.score(kept.state[step]!))}` : reads;
  }

  #cellText({ pictures, steps }: ShownLayer, { name, unit, step }: Cell & { name: GateName }): string {
    const { values } = pictures.find((picture) => picture.name === name)!;
    const value = format.score(values[unit * steps + step]!);
    return this.#texts.cellAt(name, unit + 1, step + 1, this.#stepName(step), value);
  }

  #choose(cell: (Cell & { name: GateName }) | undefined): void {
    this.#chosen = cell;
    this.#showSum();
    if (cell) this.#sum.host.scrollIntoView({ block: 'nearest' });
  }

  /** Below the map of the cell that is chosen. */
  #showSum(): void {
    const [layer, chosen] = [this.#layer, this.#chosen];
    for (const [k, { map }] of this.#figures.entries())
      map.mark(chosen?.name === layer?.pictures[k]?.name ? chosen : undefined);
    if (!layer || !chosen) {
      this.#sum.host.remove();
      return;
    }
    this.#sum.show(sumOf(layer, chosen), this.#stepName(chosen.step));
    const figure = this.#figures[layer.pictures.findIndex(({ name }) => name === chosen.name)]!.host;
    if (figure.nextSibling !== this.#sum.host) figure.after(this.#sum.host);
  }
}

/** |dy/dx_t|, the 2-norm over the inputs of a step. */
function keptByStep(input: Float64Array, steps: number): number[] {
  const inputs = input.length / steps;
  return Array.from({ length: steps }, (_, t) => Math.hypot(...input.subarray(t * inputs, (t + 1) * inputs)));
}

/** The next of 1, 2, 5, 10, 20, ... @param value at least 1. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 5, 10].find((step) => step * power >= value)!;
}
