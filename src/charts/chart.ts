import uPlot from 'uplot';
import { type NumberFormats, UNKNOWN } from '../report/format.ts';
import { withCpuCanvas } from './canvas.ts';
import { decades, logRange } from './log_range.ts';

/** Colors by role, from the page's style, so that light and dark are decided in one place. */
export interface Palette {
  ink: string;
  muted: string;
  grid: string;
  model: string;
  modelFaint: string;
  /** Between the bounds of an interval. */
  interval: string;
  guess: string;
  /** A rule that repeats the previous season. */
  season: string;
  /** The forecast after the last row, and its interval. */
  ahead: string;
  aheadInterval: string;
  testPart: string;
  /** The background of the chart. */
  card: string;
}

/** A chart as on the screen. */
export interface Drawn {
  plot: uPlot;
  palette: Palette;
  /** Of the bottom and the left axis. */
  ticks: readonly (readonly { at: number; text: string }[])[];
  bands: readonly uPlot.Band[];
  /** Highlighted rows. */
  shaded: { from: number; to: number; label: string; fill: string } | undefined;
}

export type ChartOptions = Omit<uPlot.Options, 'width' | 'height'>;

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** A uPlot chart that follows its host's width and the color scheme, and draws at most once per frame. */
export abstract class Chart {
  readonly host: HTMLElement;
  protected plot: uPlot | undefined;
  #scheduled = false;
  #width = 0;
  #zoomed: { min: number; max: number } | undefined;
  /** Of each axis, as last drawn. */
  #ticks: { at: number; text: string }[][] = [];
  #bands: readonly uPlot.Band[] = [];

  constructor(host: HTMLElement) {
    this.host = host;
    new ResizeObserver(() => this.#resize()).observe(host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.rebuild());
    host.tabIndex = 0;
    host.setAttribute('role', 'group');
    host.addEventListener('keydown', (event) => this.#moveCursor(event));
  }

  /** Options for the current data; called again after {@link rebuild}. */
  protected abstract options(palette: Palette): ChartOptions;
  protected abstract data(): uPlot.AlignedData;
  /** A short description of the chart, for screen readers. */
  protected abstract describe(): string;

  /** Draws the data in the next frame. */
  changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  /** For new colors, names or axes: recreates the chart in the next frame. */
  rebuild(): void {
    this.plot?.destroy();
    this.plot = undefined;
    this.changed();
  }

  /** Shows x from `min` to `max`; if the chart is not drawn yet, once it is. */
  zoom(min: number, max: number): void {
    if (this.plot) this.plot.setScale('x', { min, max });
    else this.#zoomed = { min, max };
  }

  /** What is shown, for a picture of it; undefined if nothing is. */
  get drawn(): Drawn | undefined {
    const { plot } = this;
    if (!plot) return undefined;
    const palette = readPalette(this.host);
    return { plot, palette, ticks: this.#ticks, bands: this.#bands, shaded: this.shaded(palette) };
  }

  /** Rows that stand out from the others. */
  protected shaded(_: Palette): Drawn['shaded'] {
    return undefined;
  }

  /** Pans by a share of the width, but never past the data. */
  protected pan(share: number): void {
    const { plot } = this;
    const { min, max } = plot?.scales.x ?? {};
    if (!plot || min == null || max == null) return;
    const x = plot.data[0];
    const wanted = share * (max - min);
    const by = Math.max(Math.min(0, x[0]! - min), Math.min(Math.max(0, x[x.length - 1]! - max), wanted));
    plot.setScale('x', { min: min + by, max: max + by });
  }

  #draw(): void {
    const data = this.data();
    this.host.setAttribute('aria-label', this.describe());
    if (this.plot) {
      this.#update(this.plot, data);
      return;
    }
    const size = this.#size();
    if (size.width === 0) return; // hidden: the observer calls again when it is visible
    const options = this.options(readPalette(this.host));
    const legend = { markers: { width: 0, fill: markOf } };
    this.#bands = options.bands ?? [];
    const axes = (options.axes ?? []).map((one, k) => this.#recorded(one, k));
    const series = withBothValues(options);
    this.plot = withCpuCanvas(() => new uPlot({ legend, ...options, series, axes, ...size }, data, this.host));
    makeLegendOperable(this.plot, intervalsOf(options));
    if (this.#zoomed) this.plot.setScale('x', this.#zoomed);
    this.#zoomed = undefined;
  }

  /** An axis that keeps its ticks for a picture. */
  #recorded(axis: uPlot.Axis, k: number): uPlot.Axis {
    const { values } = axis;
    if (typeof values !== 'function') return axis;
    return {
      ...axis,
      values: (...args) => {
        const texts = values(...args);
        this.#ticks[k] = args[1].map((at, place) => ({ at, text: String(texts[place] ?? '') }));
        return texts;
      },
    };
  }

  /** New values with the same zoom. */
  #update(plot: uPlot, data: uPlot.AlignedData): void {
    const { min, max } = plot.scales.x!;
    const x = plot.data[0];
    const zoomed = x.length > 1 && min != null && max != null && (min > x[0]! || max < x[x.length - 1]!);
    plot.batch(() => {
      plot.setData(data);
      if (zoomed) plot.setScale('x', { min, max });
    });
  }

  #size(): { width: number; height: number } {
    const style = getComputedStyle(this.host);
    return { width: Math.floor(this.host.clientWidth), height: Number.parseFloat(style.getPropertyValue('--height')) };
  }

  #resize(): void {
    const { width, height } = this.#size();
    if (width === this.#width) return; // the legend changes only the height, which does not affect the plot
    this.#width = width;
    if (this.plot) this.plot.setSize({ width, height });
    else this.changed();
  }

  /** Arrow keys move the cursor, so that the legend's values can be read without a mouse. */
  #moveCursor(event: KeyboardEvent): void {
    const { plot } = this;
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!plot || !direction || event.target !== this.host) return;
    event.preventDefault();
    const x = plot.data[0];
    const last = x.length - 1;
    const from = plot.cursor.idx ?? (direction > 0 ? -1 : last + 1);
    const to = Math.max(0, Math.min(last, from + direction * (event.shiftKey ? 10 : 1)));
    if (x.length > 0) plot.setCursor({ left: plot.valToPos(x[to]!, 'x'), top: plot.over.clientHeight / 2 });
  }
}

/** Bands whose bounds have the same name: each is one entry of the legend. */
export const intervalsOf = ({ series, bands = [] }: Pick<uPlot.Options, 'series' | 'bands'>): uPlot.Band[] =>
  bands.filter(({ series: [high, low] }) => series[high]!.label === series[low]!.label);

/** The legend's value of an interval: from its low to its high bound. */
function withBothValues(options: ChartOptions): uPlot.Series[] {
  const series = [...options.series];
  for (const {
    series: [high, low],
  } of intervalsOf(options)) {
    const { value } = series[high]!;
    if (typeof value !== 'function') continue;
    const both = (plot: uPlot, ...[own, k, row]: [number, number, number | null]) => {
      const bounds = [row == null ? null : plot.data[low]![row], own];
      return own == null ? UNKNOWN : bounds.map((bound) => value(plot, bound as number, k, row)).join(' – ');
    };
    series[high] = { ...series[high]!, value: both };
  }
  return series;
}

/** The mark next to a name in the legend, as a CSS background with the dashes of its line. */
function markOf(plot: uPlot, k: number): string {
  const { stroke, dash = [] } = plot.series[k]!;
  const [on = 1, off = 0] = dash;
  if (typeof stroke !== 'function') return 'none'; // of x
  const color = stroke(plot, k);
  return `repeating-linear-gradient(90deg, ${color} 0 ${on}px, transparent 0 ${on + off}px)`;
}

/** CSS pixels per character of an axis label. */
export const LETTER_PX = 7;

/** Padding for half of a label, for a tick at the end of the axis. */
export const sidePadding = (letters: number): number => Math.max(16, Math.ceil((letters * LETTER_PX) / 2));

/** A value in the legend. */
export const legendValue =
  (format: (value: number) => string) =>
  (_: uPlot, value: number | null): string =>
    value == null ? UNKNOWN : format(value);

/** Distances between ticks at whole numbers. */
export const WHOLE_STEPS = Array.from({ length: 21 }, (_, k) => [1, 2, 5][k % 3]! * 10 ** Math.floor(k / 3));

/** Axis options that all charts share. */
export function axis(palette: Palette, options: uPlot.Axis): uPlot.Axis {
  const line = { stroke: palette.grid, width: 1 };
  return { stroke: palette.muted, font: FONT, grid: line, ticks: { ...line, size: 5 }, ...options };
}

/** A logarithmic scale and its ticks: 0.01 as it is, 1e-6 in place of many zeros. */
export const LOG_SCALE: uPlot.Scale = { distr: 3, range: (_, min, max) => logRange(min, max) };
export const logAxis = ({ tick }: NumberFormats) => ({
  splits: (_: uPlot, __: number, min: number, max: number) => decades(min, max),
  values: (_: uPlot, ticks: readonly (number | null)[]) => ticks.map((v) => (v == null ? '' : tick(v))),
});

/** Of a chart that is pointed at, but not zoomed. */
export const POINTING = { drag: { x: false, y: false, setScale: false }, points: { size: 7 } } satisfies uPlot.Cursor;

/** Lines over time steps on a logarithmic axis. @param series the steps first. */
export const logStepOptions = (palette: Palette, formats: NumberFormats, series: uPlot.Series[]): ChartOptions => ({
  scales: { x: { time: false }, y: LOG_SCALE },
  series,
  axes: [axis(palette, { size: 32, space: 40, incrs: WHOLE_STEPS }), axis(palette, { size: 58, ...logAxis(formats) })],
  cursor: POINTING,
  padding: [12, 16, 0, 0],
});

/** uPlot's legend handles only clicks; names become buttons that the keyboard reaches. An interval has one, for both bounds. */
function makeLegendOperable(plot: uPlot, intervals: readonly uPlot.Band[]): void {
  const entries = [...plot.root.querySelectorAll<HTMLElement>('.u-series')];
  entries[0]?.querySelector('.u-marker')?.remove(); // x has no line
  for (const [k, entry] of entries.entries()) {
    const name = entry.querySelector<HTMLElement>('.u-label')!;
    if (k === 0) continue;
    const interval = intervals.find(({ series: [high] }) => high === k);
    if (interval) fillMark(plot, entry, interval);
    name.tabIndex = 0;
    name.setAttribute('role', 'button');
    const showState = () => {
      const { show } = plot.series[k]!;
      name.setAttribute('aria-pressed', String(show));
      if (interval && plot.series[interval.series[1]]!.show !== show)
        plot.setSeries(interval.series[1], { show: show! });
    };
    showState();
    name.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      name.click();
    });
    name.closest('th')!.addEventListener('click', showState);
  }
  for (const {
    series: [, low],
  } of intervals)
    entries[low]?.remove();
}

type Color = uPlot.Series.Stroke | uPlot.Series.Fill | uPlot.Band['fill'];

/** As CSS has it; uPlot keeps functions of a series. */
export const colorOf = (color: Color, plot: uPlot, k: number): string =>
  String(typeof color === 'function' ? (color as (self: uPlot, k: number) => unknown)(plot, k) : color);

/** The mark of an interval: a piece of its band, between its bounds. */
function fillMark(plot: uPlot, entry: HTMLElement, { series: [high], fill }: uPlot.Band): void {
  const { style } = entry.querySelector<HTMLElement>('.u-marker')!;
  style.background = colorOf(fill, plot, high);
  style.height = '11px';
  style.borderBlock = `1px solid ${colorOf(plot.series[high]!.stroke, plot, high)}`;
  entry.querySelector<HTMLElement>('.u-value')!.style.minWidth = '19ch'; // two values
}

function readPalette(host: HTMLElement): Palette {
  const style = getComputedStyle(host);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: color('chart-actual'),
    muted: color('muted'),
    grid: color('grid'),
    model: color('model'),
    modelFaint: color('model-faint'),
    interval: color('interval'),
    guess: color('guess'),
    season: color('season'),
    ahead: color('ahead'),
    aheadInterval: color('ahead-interval'),
    testPart: color('test-part'),
    card: color('card'),
  };
}
