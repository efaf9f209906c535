import type uPlot from 'uplot';
import { formatCount, formatValue } from '../format.ts';
import type { Forecast, SeriesReply } from '../protocol.ts';
import { axis, Chart, type ChartOptions, type Palette } from './chart.ts';

/** CSS pixels one letter of an axis label takes. */
const LETTER_PX = 7;

/** The series, and over its test part what the model and the naive forecast said. x is the row, from 0. */
export class ForecastChart extends Chart {
  #series: SeriesReply | undefined;
  #forecast: Forecast | undefined;

  show(series: SeriesReply): void {
    this.#series = series;
    this.#forecast = undefined;
    this.rebuild();
  }

  predict(forecast: Forecast | undefined): void {
    this.#forecast = forecast;
    this.changed();
  }

  /** Shows every row, or the test part with a few rows before it. */
  showPart(part: 'all' | 'test'): void {
    const last = (this.#series?.values.length ?? 1) - 1;
    const first = part === 'test' ? (this.#forecast?.firstRow ?? 0) : 0;
    this.zoom(Math.max(0, first - (last - first) / 20), last);
  }

  protected data(): uPlot.AlignedData {
    const actual = this.#series?.values ?? new Float64Array(0);
    const overTest = (values: Float64Array | undefined) => {
      const line: (number | null)[] = Array.from(actual, () => null);
      const first = this.#forecast?.firstRow ?? 0;
      for (const [k, value] of values?.entries() ?? []) line[first + k] = value;
      return line;
    };
    const rows = Float64Array.from(actual, (_, row) => row);
    return [rows, actual, overTest(this.#forecast?.predicted), overTest(this.#forecast?.naive)];
  }

  protected describe(): string {
    if (!this.#series) return 'Chart: no series yet';
    const { column, values } = this.#series;
    const predicted = this.#forecast ? `, ${this.#forecast.predicted.length} of them predicted` : '';
    return `Chart of ${column}: ${values.length} rows${predicted}`;
  }

  protected options(palette: Palette): ChartOptions {
    const { values, dates } = this.#series ?? { values: [], dates: undefined };
    const nameOf = (row: number) => dates?.[row] ?? formatCount(row + 1);
    const lettersOf = Math.max(...[0, values.length - 1].map((row) => nameOf(row).length));
    const value = (_: uPlot, v: number | null) => (v == null ? '–' : formatValue(v));
    return {
      scales: { x: { time: false } },
      series: [
        { label: dates ? 'Date' : 'Row', value: (_, v: number | null) => (v == null ? '–' : nameOf(v)) },
        { label: 'Actual', stroke: palette.ink, width: 1.5, value, points: { show: false } },
        { label: 'Predicted', stroke: palette.model, width: 1.5, value, points: { show: false } },
        { label: 'Tomorrow = today', stroke: palette.guess, width: 1, dash: [4, 3], value, show: false },
      ],
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
      padding: [12, 16, 0, 0],
      hooks: { drawClear: [(plot) => this.#shadeTestPart(plot, palette)] },
    };
  }

  #shadeTestPart(plot: uPlot, palette: Palette): void {
    if (!this.#forecast) return;
    const { ctx, bbox } = plot;
    const left = Math.max(bbox.left, plot.valToPos(this.#forecast.firstRow - 0.5, 'x', true));
    const width = bbox.left + bbox.width - left;
    if (width <= 0) return;
    ctx.save();
    ctx.fillStyle = palette.testPart;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.fillStyle = palette.muted;
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'top';
    const label = 'test part';
    const inset = 8 * devicePixelRatio;
    if (ctx.measureText(label).width + 2 * inset < width) ctx.fillText(label, left + inset, bbox.top + inset);
    ctx.restore();
  }
}

/** Ticks that are all whole need no cents. */
function formatCountOrValue(tick: number, ticks: readonly number[]): string {
  return ticks.every(Number.isInteger) ? formatCount(tick) : formatValue(tick);
}
