import type uPlot from 'uplot';
import type { EpochReport, Progress } from '../../src/index.ts';
import { format } from '../format.ts';
import { t } from '../texts/index.ts';
import { axis, Chart, type ChartOptions, LOG_AXIS, LOG_SCALE, type Palette } from './chart.ts';

/** Points of the line within the epochs; beyond it every other one is dropped. */
const MAX_POINTS = 3000;

/** The line within the epochs is smoothed over this share of an epoch: single batches jump by orders of magnitude. */
const SMOOTHED_EPOCHS = 0.1;

interface Point {
  /** Epochs done, a fraction within an epoch. */
  x: number;
  within: number | null;
  mean: number | null;
  last: number | null;
  test: number | null;
}

/** Loss against epochs, on a logarithmic axis or a plain one: a smoothed line within the epochs, a point after each. */
export class LossChart extends Chart {
  #points: Point[] = [];
  #epochs = 1;
  #smooth: number | undefined;
  #done = 0;
  #logarithmic = true;

  start(epochs: number): void {
    this.#epochs = Math.max(1, epochs);
    this.#points = [];
    this.#smooth = undefined;
    this.#done = 0;
    this.rebuild();
  }

  setLogarithmic(on: boolean): void {
    this.#logarithmic = on;
    this.rebuild();
  }

  addProgress({ epoch, step, steps, loss }: Progress): void {
    const x = epoch - 1 + step / steps;
    const newest = Math.min(1, (x - (this.#points.at(-1)?.x ?? 0)) / SMOOTHED_EPOCHS);
    this.#smooth = this.#smooth === undefined ? loss : this.#smooth + newest * (loss - this.#smooth);
    this.#points.push({ x, within: this.#smooth, mean: null, last: null, test: null });
    if (this.#points.length > MAX_POINTS) this.#points = this.#points.filter((p, k) => p.mean !== null || k % 2 === 0);
    this.changed();
  }

  addEpoch({ epoch, loss, lastLoss }: EpochReport): void {
    this.#points.push({ x: epoch, within: this.#smooth ?? null, mean: loss, last: lastLoss, test: null });
    this.#done = epoch;
    this.changed();
  }

  /** The loss of the test part after an epoch that was added; not every epoch has one. */
  addTest(epoch: number, loss: number): void {
    const point = this.#points.findLast(({ x, mean }) => x === epoch && mean !== null);
    if (!point) return;
    point.test = loss;
    this.changed();
  }

  protected data(): uPlot.AlignedData {
    const column = (of: (point: Point) => number | null) => this.#points.map(of);
    return [
      this.#points.map((p) => p.x),
      column((p) => p.mean),
      column((p) => p.test),
      column((p) => p.last),
      column((p) => p.within),
    ];
  }

  protected describe(): string {
    return this.#points.length === 0 ? t.lossChartEmpty : t.lossChartOf(this.#done);
  }

  protected options(palette: Palette): ChartOptions {
    const value = (_: uPlot, v: number | null) => (v == null ? '–' : format.score(v));
    const points = (stroke: string, size: number) => ({ show: true, size, fill: stroke, stroke });
    return {
      scales: {
        x: { time: false, range: () => [0, this.#epochs] },
        y: this.#logarithmic ? LOG_SCALE : {},
      },
      series: [
        { label: t.epoch, value: (_, v: number | null) => (v == null ? '–' : String(Math.round(v * 100) / 100)) },
        { label: t.mean, stroke: palette.model, width: 2, value, spanGaps: true, points: points(palette.model, 5) },
        {
          label: t.testPart,
          stroke: palette.ink,
          width: 1.5,
          value,
          spanGaps: true,
          points: points(palette.ink, 4),
        },
        {
          label: t.lastBatch,
          stroke: palette.guess,
          width: 1,
          value,
          spanGaps: true,
          points: points(palette.guess, 4),
        },
        { label: t.withinEpoch, stroke: palette.modelFaint, width: 1, value, spanGaps: true, points: { show: false } },
      ],
      axes: [
        axis(palette, { size: 32, space: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] }),
        axis(palette, {
          size: 52,
          ...(this.#logarithmic ? LOG_AXIS : { values: LOG_AXIS.values }),
        }),
      ],
      cursor: { drag: { x: false, y: false, setScale: false }, points: { size: 7 } },
      padding: [12, 16, 0, 0],
    };
  }
}
