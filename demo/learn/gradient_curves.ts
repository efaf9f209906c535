import type uPlot from 'uplot';
import { Chart, type ChartOptions, legendValue, logStepOptions, type Palette } from '../../src/charts/chart.ts';
import { format } from '../format.ts';
import { RACERS, type Racer } from './models.ts';
import { racerLine } from './racer_line.ts';
import type { LearnTexts } from './texts.ts';

/** The share of the largest value that is drawn for what is smaller, at the lower edge of the axis. */
const FLOOR = 1e-8;

/** How much of the gradient at the last step reaches each step before it: one line for each network, on a logarithmic axis. */
export class GradientCurves extends Chart {
  readonly #texts: LearnTexts;
  #flows: Readonly<Record<Racer, Float64Array>> | undefined;

  constructor(host: HTMLElement, texts: LearnTexts) {
    super(host);
    this.#texts = texts;
  }

  /** @param flows [T] each, relative to the last step. */
  show(flows: Readonly<Record<Racer, Float64Array>>): void {
    this.#flows = flows;
    this.changed();
  }

  protected data(): uPlot.AlignedData {
    const flows = this.#flows;
    const steps = Float64Array.from({ length: flows?.LSTM.length ?? 0 }, (_, t) => t + 1);
    const lines = RACERS.map((racer) => flows?.[racer] ?? steps);
    const floor = FLOOR * Math.max(...lines.flatMap((line) => [...line]));
    return [steps, ...lines.map((line) => line.map((norm) => Math.max(floor, norm)))];
  }

  protected describe(): string {
    const left = (racer: Racer) =>
      `${this.#texts.racers[racer]} ${format.score(this.#flows?.[racer][0] ?? Number.NaN)}`;
    return this.#texts.gradientChart(RACERS.map(left).join(', '));
  }

  protected options(palette: Palette): ChartOptions {
    return logStepOptions(palette, format, [
      { label: this.#texts.timeStep, value: legendValue(format.count) },
      ...RACERS.map((racer) => racerLine(this.host, this.#texts, racer)),
    ]);
  }
}
