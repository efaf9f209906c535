import type uPlot from 'uplot';
import {
  axis,
  Chart,
  type ChartOptions,
  LOG_SCALE,
  legendValue,
  logAxis,
  type Palette,
  WHOLE_STEPS,
} from '../../src/charts/chart.ts';
import { format } from '../format.ts';
import type { Inside } from './inspect.ts';
import type { InsideTexts } from './texts.ts';

/** Smaller than this is drawn as this: a logarithmic axis has no zero. */
const FLOOR = 1e-12;

/** |dL/dh_t| by time step, on a logarithmic axis. */
export class FlowChart extends Chart {
  readonly #texts: InsideTexts;
  #flow: Inside['flow'] = [];

  constructor(host: HTMLElement, texts: InsideTexts) {
    super(host);
    this.#texts = texts;
  }

  show(flow: Inside['flow']): void {
    this.#flow = flow;
    this.changed();
  }

  protected data(): uPlot.AlignedData {
    const steps = this.#flow[0]?.norms.length ?? 0;
    const lines = ['RNN', 'LSTM', 'trained'].map(
      (name) => this.#flow.find((flow) => flow.name === name)?.norms.map((norm) => Math.max(FLOOR, norm)) ?? [],
    );
    return [Float64Array.from({ length: steps }, (_, t) => t + 1), ...lines] as uPlot.AlignedData;
  }

  protected describe(): string {
    return this.#texts.flowChart;
  }

  protected options(palette: Palette): ChartOptions {
    const value = legendValue(format.score);
    const line = { value, points: { show: false } };
    const { flow, step } = this.#texts;
    return {
      scales: { x: { time: false }, y: LOG_SCALE },
      series: [
        { label: step, value: legendValue(String) },
        { ...line, label: flow.RNN, stroke: palette.guess, width: 1.5 },
        { ...line, label: flow.LSTM, stroke: palette.ink, width: 1.5 },
        { ...line, label: flow.trained, stroke: palette.model, width: 2 },
      ],
      axes: [
        axis(palette, { size: 32, space: 40, incrs: WHOLE_STEPS }),
        axis(palette, { size: 58, ...logAxis(format) }),
      ],
      cursor: { drag: { x: false, y: false, setScale: false }, points: { size: 7 } },
      padding: [12, 16, 0, 0],
    };
  }
}
