import type uPlot from 'uplot';
import { Chart, type ChartOptions, legendValue, logStepOptions, type Palette } from '../../src/charts/chart.ts';
import type { CellName } from '../../src/index.ts';
import { format } from '../format.ts';
import type { Flow } from './inspect.ts';
import type { InsideTexts } from './texts.ts';

/** Smaller than this is drawn as this: a logarithmic axis has no zero. */
const FLOOR = 1e-12;

/** |dy/d(h_t, c_t)| by time step, on a logarithmic axis: a color for each cell, dashes for what is untrained. */
export class FlowChart extends Chart {
  readonly #texts: InsideTexts;
  #flows: readonly Flow[] = [];

  constructor(host: HTMLElement, texts: InsideTexts) {
    super(host);
    this.#texts = texts;
  }

  show(flows: readonly Flow[]): void {
    const names = (some: readonly Flow[]) => some.map(({ cell, trained }) => `${cell} ${trained}`).join();
    const areSame = names(flows) === names(this.#flows);
    this.#flows = flows;
    if (areSame) this.changed();
    else this.rebuild(); // other lines
  }

  protected data(): uPlot.AlignedData {
    const steps = this.#flows[0]?.norms.length ?? 0;
    const lines = this.#flows.map(({ norms }) => norms.map((norm) => Math.max(FLOOR, norm)));
    return [Float64Array.from({ length: steps }, (_, t) => t + 1), ...lines];
  }

  protected describe(): string {
    return this.#texts.flowChart;
  }

  protected options(palette: Palette): ChartOptions {
    const { step, cells, untrained } = this.#texts;
    const colors: Readonly<Record<CellName, string>> = {
      LSTM: palette.model,
      GRU: palette.ink,
      RNN_TANH: palette.guess,
      RNN_RELU: palette.guess,
    };
    return logStepOptions(palette, format, [
      { label: step, value: legendValue(String) },
      ...this.#flows.map(({ cell, trained }) => ({
        label: trained ? cells[cell] : untrained(cells[cell]),
        stroke: colors[cell],
        width: trained ? 2 : 1.5,
        ...(!trained && { dash: [5, 4] }),
        value: legendValue(format.score),
        points: { show: false },
      })),
    ]);
  }
}
