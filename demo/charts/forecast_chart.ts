import type uPlot from 'uplot';
import { rulesOf } from '../../src/data/verdict.ts';
import { ruleName } from '../../src/report/verdict_text.ts';
import { format } from '../format.ts';
import type { PageSeries } from '../series_file.ts';
import { t } from '../texts/index.ts';
import type { Forecast } from '../training.ts';
import { axis, Chart, type ChartOptions, LETTER_PX, type Palette, sidePadding } from './chart.ts';

/** The series, over its test part what the model and the guesses said, and what the model says lies ahead. x: the row, from 0. */
export class ForecastChart extends Chart {
  #series: PageSeries | undefined;
  #forecast: Forecast | undefined;
  /** Where the test part begins while no forecast says so. */
  #split = 0;

  constructor(host: HTMLElement) {
    super(host);
    host.addEventListener('wheel', (event) => {
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return; // the page's own scrolling
      event.preventDefault();
      this.pan(sideways / host.clientWidth);
    });
  }

  show(series: PageSeries): void {
    this.#series = series;
    this.#forecast = undefined;
    this.rebuild();
  }

  /** Draws where the test part would begin. */
  showSplit(row: number): void {
    this.#split = row;
    this.changed();
  }

  predict(forecast: Forecast | undefined): void {
    const lines = () => [...this.#seasons(), ...this.#levels()].join();
    const before = lines();
    this.#forecast = forecast;
    const sameLines = lines() === before;
    if (sameLines) this.changed();
    else this.rebuild();
  }

  /** Shows every row, or the test part with a few rows before it. */
  showPart(part: 'all' | 'test'): void {
    const last = (this.#series?.values.length ?? 1) - 1 + (this.#forecast?.future.length ?? 0);
    const first = part === 'test' ? (this.#forecast?.firstRow ?? 0) : 0;
    this.zoom(Math.max(0, first - (last - first) / 20), last);
  }

  protected data(): uPlot.AlignedData {
    const actual = this.#series?.values ?? new Float64Array(0);
    const future = this.#forecast?.future ?? new Float64Array(0);
    const rows = actual.length + future.length;
    const line = (values: ArrayLike<number> | undefined, first: number) => {
      const all: (number | null)[] = Array(rows).fill(null);
      for (let k = 0; k < (values?.length ?? 0); k++) all[first + k] = values![k]!;
      return all;
    };
    const firstRow = this.#forecast?.firstRow ?? 0;
    const { predicted, quantiles = [] } = this.#forecast ?? {};
    const rules = this.#forecast ? rulesOf(this.#forecast.baselines, this.#forecast.season) : [undefined];
    return [
      Float64Array.from({ length: rows }, (_, row) => row),
      line(actual, 0),
      line(predicted, firstRow),
      line(future, actual.length),
      ...rules.map((rule) => line(rule?.score.predicted, firstRow)),
      ...quantiles.map(({ values }) => line(values, firstRow)),
    ];
  }

  /** Rows that the drawn rules without a model look back. */
  #seasons(): number[] {
    const { baselines, season } = this.#forecast ?? {};
    return baselines ? rulesOf(baselines, season).map((rule) => rule.season) : [1];
  }

  /** Of the spread over an ensemble, the lowest first. */
  #levels(): number[] {
    return this.#forecast?.quantiles.map(({ level }) => level) ?? [];
  }

  protected describe(): string {
    if (!this.#series) return t.chartEmpty;
    return t.chartOf(this.#series.column, this.#series.values.length, this.#forecast?.predicted.length);
  }

  protected options(palette: Palette): ChartOptions {
    const { values, dates } = this.#series ?? { values: [], dates: undefined };
    const nameOf = (row: number) =>
      row < values.length ? (dates?.[row] ?? format.count(row + 1)) : `+${format.count(row - values.length + 1)}`;
    const lettersOf = Math.max(...[0, values.length - 1].map((row) => nameOf(row).length));
    const value = (_: uPlot, v: number | null) => (v == null ? '–' : format.value(v));
    const plain = { width: 1, value, points: { show: false } };
    const [seasons, levels] = [this.#seasons(), this.#levels()];
    const bandAt = 4 + seasons.length;
    return {
      scales: { x: { time: false } },
      series: [
        { label: dates ? t.date : t.row, value: (_, v: number | null) => (v == null ? '–' : nameOf(v)) },
        { ...plain, label: t.actual, stroke: palette.ink, width: 1.5 },
        { ...plain, label: t.predicted, stroke: palette.model, width: 1.5 },
        { ...plain, label: t.ahead, stroke: palette.model, width: 1.5, dash: [6, 4] },
        ...seasons.map((season) => ({
          ...plain,
          label: ruleName(t, season),
          stroke: palette.guess,
          dash: season === 1 ? [4, 3] : [1, 2],
          show: false,
        })),
        ...levels.map((level) => ({ ...plain, label: t.spread(format.percent(level)), stroke: palette.modelFaint })),
      ],
      bands: levels.length > 1 ? [{ series: [bandAt + 1, bandAt], fill: palette.modelFaint }] : [],
      axes: [
        axis(palette, {
          size: 32,
          space: Math.max(60, lettersOf * LETTER_PX + 24),
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6],
          values: (_, rows) => rows.map(nameOf),
        }),
        axis(palette, { size: 58, values: (_, ticks) => ticks.map((tick) => formatCountOrValue(tick, ticks)) }),
      ],
      cursor: { drag: { x: true, y: false, dist: 6 }, points: { size: 7 } },
      padding: [12, sidePadding(lettersOf), 0, 0],
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
    const label = t.testPartLabel;
    const inset = 8 * devicePixelRatio;
    if (ctx.measureText(label).width + 2 * inset < width) ctx.fillText(label, left + inset, bbox.top + inset);
    ctx.restore();
  }
}

/** Ticks that are all whole need no cents. */
function formatCountOrValue(tick: number, ticks: readonly number[]): string {
  return ticks.every(Number.isInteger) ? format.count(tick) : format.value(tick);
}
