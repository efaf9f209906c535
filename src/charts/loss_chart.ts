import type uPlot from 'uplot';
import type { NumberFormats } from '../report/format.ts';
import type { EpochReport, Progress } from '../train/report.ts';
import {
  axis,
  Chart,
  type ChartOptions,
  LOG_SCALE,
  legendValue,
  logAxis,
  type Palette,
  POINTING,
  WHOLE_STEPS,
} from './chart.ts';

/** Most points of the line within the epochs; beyond this, every other one is dropped. */
const MAX_POINTS = 3000;

/** The line within the epochs is smoothed over this share of an epoch: single batches jump by orders of magnitude. */
const SMOOTHED_EPOCHS = 0.1;

/** With more epochs than this, the line has no points. */
const MAX_MARKED_EPOCHS = 60;

export interface LossChartWords {
  epoch: string;
  /** Undefined if the line is not drawn. */
  mean: string;
  testPart?: string;
  lastBatch: string;
  withinEpoch?: string;
  /** A description for screen readers. */
  describe: (epochs: number) => string;
}

interface Point {
  /** Completed epochs; fractional within an epoch. */
  x: number;
  within: number | null;
  mean: number | null;
  last: number | null;
  test: number | null;
}

/** Loss against epochs, on a logarithmic or linear axis: a smoothed line within the epochs, the mean over each, a point after it. */
export class LossChart extends Chart {
  readonly #words: LossChartWords;
  readonly #format: NumberFormats;
  #points: Point[] = [];
  #epochs = 1;
  #smooth: number | undefined;
  #done = 0;
  #logarithmic = true;

  constructor(host: HTMLElement, words: LossChartWords, format: NumberFormats) {
    super(host);
    this.#words = words;
    this.#format = format;
  }

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

  addEpoch({ epoch, loss, lastLoss }: Pick<EpochReport, 'epoch' | 'loss' | 'lastLoss'>): void {
    this.#points.push({ x: epoch, within: this.#smooth ?? null, mean: loss, last: lastLoss, test: null });
    this.#done = epoch;
    this.changed();
  }

  /** The loss of the test set after an epoch that was added; not every epoch has one. */
  addTest(epoch: number, loss: number): void {
    const point = this.#points.findLast(({ x, mean }) => x === epoch && mean !== null);
    if (!point) return;
    point.test = loss;
    this.changed();
  }

  protected data(): uPlot.AlignedData {
    const column = (of: (point: Point) => number | null) => this.#points.map(of);
    const lines = this.#lines().map(({ of }) => column(of));
    return [this.#points.map((p) => p.x), ...lines];
  }

  #lines(palette?: Palette) {
    const { mean, testPart, lastBatch, withinEpoch } = this.#words;
    const marked = this.#epochs <= MAX_MARKED_EPOCHS;
    const line = (label: string | undefined, of: (point: Point) => number | null, stroke = '', width = 1, size = 0) => {
      const points = { show: size > 0 && marked, size, fill: stroke, stroke };
      return label === undefined ? [] : [{ label, of, stroke, width, points, spanGaps: true }];
    };
    return [
      ...line(withinEpoch, (p) => p.within, palette?.modelFaint),
      ...line(lastBatch, (p) => p.last, palette?.guess, 1, 4),
      ...line(mean, (p) => p.mean, palette?.model, 2).map((one) => ({ ...one, paths: overEpochs })),
      ...line(testPart, (p) => p.test, palette?.ink, 1.5, 4),
    ];
  }

  protected describe(): string {
    return this.#words.describe(this.#points.length === 0 ? 0 : this.#done);
  }

  protected options(palette: Palette): ChartOptions {
    const value = legendValue(this.#format.score);
    const ticks = logAxis(this.#format);
    return {
      scales: {
        x: { time: false, range: () => [0, this.#epochs] },
        y: this.#logarithmic ? LOG_SCALE : {},
      },
      series: [
        { label: this.#words.epoch, value: legendValue((epoch) => String(Math.round(epoch * 100) / 100)) },
        ...this.#lines(palette).map(({ of: _, ...line }) => ({ ...line, value })),
      ],
      axes: [
        axis(palette, { size: 32, space: 40, incrs: WHOLE_STEPS }),
        axis(palette, { size: 62, ...(this.#logarithmic ? ticks : { values: ticks.values }) }),
      ],
      cursor: POINTING,
      padding: [12, 16, 0, 0],
    };
  }
}

/** A step per epoch: its mean is over all of it, and no value at its end. */
const overEpochs: uPlot.Series.PathBuilder = (plot, k, first, last) => {
  const stroke = new Path2D();
  let left = plot.valToPos(0, 'x', true);
  for (let at = first; at <= last; at++) {
    const value = plot.data[k]![at];
    if (value == null) continue;
    const [right, y] = [plot.valToPos(plot.data[0][at]!, 'x', true), plot.valToPos(value, 'y', true)];
    stroke.lineTo(left, y);
    stroke.lineTo(right, y);
    left = right;
  }
  return { stroke, fill: null };
};
