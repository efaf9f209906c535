import type uPlot from 'uplot';
import type { ForecastLines } from '../report/forecast_lines.ts';
import type { NumberFormats } from '../report/format.ts';
import {
  axis,
  Chart,
  type ChartOptions,
  LETTER_PX,
  legendValue,
  type Palette,
  sidePadding,
  WHOLE_STEPS,
} from './chart.ts';

export interface ChartSeries {
  /** [rows] */
  values: ArrayLike<number>;
  /** [rows]; none where the file has none. */
  dates: readonly string[] | null | undefined;
  column: string;
}

export interface ForecastChartWords {
  row: string;
  date: string;
  actual: string;
  predicted: string;
  /** What lies behind the last row. */
  ahead: string;
  /** A rule without a model that looks so many rows back. */
  rule: (season: number) => string;
  quantile: (level: string) => string;
  bound: (name: 'low' | 'high', level: string) => string;
  testPart: string;
  /** The chart for those who do not see it. @param predicted rows; undefined: none yet. */
  describe: (series: ChartSeries | undefined, predicted: number | undefined) => string;
}

/** Rows before what lies ahead, where there are so many. */
const FEWEST_BEFORE = 30;

/** A line over some rows, and how it is drawn. */
interface Line extends Pick<uPlot.Series, 'stroke' | 'width' | 'dash' | 'show'> {
  label: string;
  values: ArrayLike<number>;
  firstRow: number;
}

/** The series, over its test part what the model and the rules said, and what the model says lies ahead. x: the row, from 0. */
export class ForecastChart extends Chart {
  readonly #words: ForecastChartWords;
  readonly #format: NumberFormats;
  #series: ChartSeries | undefined;
  #forecast: ForecastLines | undefined;
  /** Where the test part begins while no forecast says so. */
  #split = 0;

  constructor(host: HTMLElement, words: ForecastChartWords, format: NumberFormats) {
    super(host);
    this.#words = words;
    this.#format = format;
    host.addEventListener('wheel', (event) => {
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return; // the page's own scrolling
      event.preventDefault();
      this.pan(sideways / host.clientWidth);
    });
  }

  show(series: ChartSeries): void {
    this.#series = series;
    this.#forecast = undefined;
    this.rebuild();
  }

  /** Draws where the test part would begin. */
  showSplit(row: number): void {
    this.#split = row;
    this.changed();
  }

  predict(forecast: ForecastLines | undefined): void {
    const labels = () => this.#lines().map(({ label }) => label);
    const before = labels().join();
    this.#forecast = forecast;
    if (labels().join() === before) this.changed();
    else this.rebuild();
  }

  /** Shows every row, or the test part with a few rows before it, or what lies ahead with three times as many rows before it. */
  showPart(part: 'all' | 'test' | 'end'): void {
    const { firstRow = 0, predicted = [], future = [] } = this.#forecast ?? {};
    const rows = this.#series?.values.length ?? 1;
    const firsts = {
      all: 0,
      test: firstRow - Math.ceil(predicted.length / 20),
      end: rows - Math.max(FEWEST_BEFORE, 3 * future.length),
    };
    this.zoom(Math.max(0, firsts[part]), rows - 1 + future.length);
  }

  /** All but the series. */
  #lines(palette?: Palette): Line[] {
    const { values = [] } = this.#series ?? {};
    const { firstRow = 0, predicted = [], future = [], rules, quantiles, interval } = this.#forecast ?? {};
    const { predicted: name, ahead, rule, quantile, bound } = this.#words;
    const { level } = this.#format;
    const [model, guess, faint] = [palette?.model ?? '', palette?.guess ?? '', palette?.modelFaint ?? ''];
    return [
      ...(predicted.length === 0 && future.length > 0
        ? []
        : [{ label: name, values: predicted, firstRow, stroke: model, width: 1.5 }]),
      ...(this.#forecast && future.length === 0
        ? []
        : [{ label: ahead, values: future, firstRow: values.length, stroke: model, width: 1.5, dash: [6, 4] }]),
      ...(rules ?? [{ season: 1, predicted: [] }]).map(({ season, predicted: said }) => ({
        ...{ label: rule(season), values: said, firstRow, stroke: guess },
        ...{ dash: season === 1 ? [4, 3] : [1, 2], show: false },
      })),
      ...(quantiles ?? []).map((one) => ({
        ...{ label: quantile(level(one.level)), values: one.values, firstRow, stroke: faint },
      })),
      ...(interval ? (['low', 'high'] as const) : []).map((side) => ({
        ...{ label: bound(side, level(interval!.level)), values: interval![side], firstRow, stroke: faint },
      })),
    ];
  }

  protected data(): uPlot.AlignedData {
    const actual = this.#series?.values ?? [];
    const rows = actual.length + (this.#forecast?.future.length ?? 0);
    const over = ({ values, firstRow }: Pick<Line, 'values' | 'firstRow'>) => {
      const all: (number | null)[] = Array(rows).fill(null);
      for (let k = 0; k < values.length; k++) {
        const value = values[k]!;
        if (!Number.isNaN(value)) all[firstRow + k] = value;
      }
      return all;
    };
    const lines = [{ values: actual, firstRow: 0 }, ...this.#lines()];
    return [Float64Array.from({ length: rows }, (_, row) => row), ...lines.map(over)];
  }

  protected describe(): string {
    return this.#words.describe(this.#series, this.#forecast?.predicted.length);
  }

  protected options(palette: Palette): ChartOptions {
    const { values, dates } = this.#series ?? { values: [], dates: undefined };
    const { count, value: formatValue } = this.#format;
    const aheadOf = (k: number) => this.#forecast?.futureDates?.[k] ?? `+${count(k + 1)}`;
    const nameOf = (row: number) =>
      row < values.length ? (dates?.[row] ?? count(row + 1)) : aheadOf(row - values.length);
    const letters = Math.max(...[0, values.length - 1].map((row) => nameOf(row).length));
    const plain = { width: 1, value: legendValue(formatValue), points: { show: false } };
    const lines = this.#lines(palette);
    const { quantiles = [], interval } = this.#forecast ?? {};
    const first = 2 + lines.length - quantiles.length - (interval ? 2 : 0); // of the quantiles; x and the series come before
    const between = (low: number, high: number, fill: string) => ({ series: [high, low] as [number, number], fill });
    return {
      scales: { x: { time: false } },
      series: [
        { label: dates ? this.#words.date : this.#words.row, value: legendValue(nameOf) },
        { ...plain, label: this.#words.actual, stroke: palette.ink, width: 1.5 },
        ...lines.map(({ values: _, firstRow: __, ...line }) => ({ ...plain, ...line })),
      ],
      bands: [
        ...(quantiles.length > 1 ? [between(first, first + quantiles.length - 1, palette.modelFaint)] : []),
        ...(interval ? [between(first + quantiles.length, first + quantiles.length + 1, palette.interval)] : []),
      ],
      axes: [
        axis(palette, {
          ...{ size: 32, space: Math.max(60, letters * LETTER_PX + 24), incrs: WHOLE_STEPS },
          values: (_, rows) => rows.map(nameOf),
        }),
        axis(palette, {
          size: (_, ticks) => 20 + LETTER_PX * Math.max(4, ...(ticks ?? []).map((text) => text.length)),
          // ticks that are all whole need no cents
          values: (_, ticks) => ticks.map(ticks.every(Number.isInteger) ? count : formatValue),
        }),
      ],
      cursor: { drag: { x: true, y: false, dist: 6 }, points: { size: 7 } },
      padding: [12, sidePadding(letters), 0, 0],
      hooks: { drawClear: [(plot) => this.#shadeTestPart(plot, palette)] },
    };
  }

  #shadeTestPart(plot: uPlot, palette: Palette): void {
    const firstRow = this.#forecast?.firstRow ?? this.#split;
    if (firstRow <= 0) return;
    const { ctx, bbox } = plot;
    const left = Math.max(bbox.left, plot.valToPos(firstRow - 0.5, 'x', true));
    const width = bbox.left + bbox.width - left;
    if (width <= 0) return;
    ctx.save();
    ctx.fillStyle = palette.testPart;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.fillStyle = palette.muted;
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'top';
    const label = this.#words.testPart;
    const inset = 8 * devicePixelRatio;
    if (ctx.measureText(label).width + 2 * inset < width) ctx.fillText(label, left + inset, bbox.top + inset);
    ctx.restore();
  }
}
