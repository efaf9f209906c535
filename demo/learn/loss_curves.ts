import type uPlot from 'uplot';
import {
  axis,
  Chart,
  type ChartOptions,
  legendValue,
  type Palette,
  POINTING,
  WHOLE_STEPS,
} from '../../src/charts/chart.ts';
import { format } from '../format.ts';
import { mapped, RACERS } from './models.ts';
import type { Live } from './race.ts';
import { racerLine } from './racer_line.ts';
import type { LearnTexts } from './texts.ts';

/** More points than these leave out every other one. */
const MOST_POINTS = 1200;
/** Frames over which a line averages, because the losses of single batches jump. */
const SMOOTHED_FRAMES = 8;

/** The loss of each network by step, and where the film is. */
export class LossCurves extends Chart {
  readonly #texts: LearnTexts;
  #points: Live['curve'] = [];
  #smooth: Live['curve'][0]['losses'] | undefined;
  #step: number | undefined;

  constructor(host: HTMLElement, texts: LearnTexts) {
    super(host);
    this.#texts = texts;
  }

  clear(): void {
    this.#points = [];
    this.#smooth = undefined;
    this.#step = undefined;
    this.changed();
  }

  add(curve: Live['curve']): void {
    for (const { step, losses } of curve) {
      const before = this.#smooth ?? losses;
      const share = Math.max(1 / SMOOTHED_FRAMES, 1 / (this.#points.length + 1));
      this.#smooth = mapped((racer) => before[racer] + share * (losses[racer] - before[racer]));
      this.#points.push({ step, losses: this.#smooth });
    }
    if (this.#points.length > MOST_POINTS) this.#points = this.#points.filter((_, k) => k % 2 === 0);
    this.changed();
  }

  /** Marks the step that is shown. @param step undefined: the newest, without a mark. */
  mark(step: number | undefined): void {
    this.#step = step;
    this.plot?.redraw(false);
  }

  protected data(): uPlot.AlignedData {
    return [
      this.#points.map(({ step }) => step),
      ...RACERS.map((racer) => this.#points.map(({ losses }) => losses[racer])),
    ];
  }

  protected describe(): string {
    return this.#texts.lossChart(format.count(this.#points.at(-1)?.step ?? 0));
  }

  protected options(palette: Palette): ChartOptions {
    return {
      scales: { x: { time: false }, y: { range: (_, __, most) => [0, 1.05 * (most || 1)] } },
      series: [
        { label: this.#texts.trainingStep, value: legendValue(format.count) },
        ...RACERS.map((racer) => racerLine(this.host, this.#texts, racer)),
      ],
      axes: [
        axis(palette, { size: 32, space: 48, incrs: WHOLE_STEPS }),
        axis(palette, { size: 44, values: (_, ticks) => ticks.map(format.tick) }),
      ],
      cursor: POINTING,
      padding: [12, 16, 0, 0],
      hooks: { draw: [(plot) => this.#drawMark(plot, palette)] },
    };
  }

  #drawMark({ ctx, bbox, valToPos }: uPlot, palette: Palette): void {
    if (this.#step === undefined) return;
    const x = valToPos(this.#step, 'x', true);
    ctx.save();
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.strokeStyle = palette.muted;
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.stroke();
    ctx.restore();
  }
}
