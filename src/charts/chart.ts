import uPlot from 'uplot';
import { type NumberFormats, UNKNOWN } from '../report/format.ts';
import { withCpuCanvas } from './canvas.ts';
import { decades, logRange } from './log_range.ts';

/** Colours by role, from the page's style, so light and dark are decided in one place. */
export interface Palette {
  ink: string;
  /** Between the extremes of the series, where there are more rows than pixels. */
  actualFaint: string;
  muted: string;
  grid: string;
  model: string;
  modelFaint: string;
  /** Between the bounds of an interval. */
  interval: string;
  guess: string;
  /** A rule that repeats the season before. */
  season: string;
  /** What lies ahead, and its interval. */
  ahead: string;
  aheadInterval: string;
  testPart: string;
  /** Behind the chart. */
  card: string;
}

/** A chart as it is on the screen. */
export interface Drawn {
  plot: uPlot;
  palette: Palette;
  /** Of the axes below and at the left. */
  ticks: readonly (readonly { at: number; text: string }[])[];
  bands: readonly uPlot.Band[];
  /** Rows that stand out from the others. */
  shaded: { from: number; to: number; label: string; fill: string } | undefined;
}

export type ChartOptions = Omit<uPlot.Options, 'width' | 'height'>;

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** A uPlot chart that follows its host's width and the colour scheme, and draws at most once a frame. */
export abstract class Chart {
  readonly host: HTMLElement;
  protected plot: uPlot | undefined;
  #scheduled = false;
  #width = 0;
  #zoomed: { min: number; max: number } | undefined;
  /** Of each axis, as they were drawn last. */
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

  /** Options for the data as it is now; called again after {@link rebuild}. */
  protected abstract options(palette: Palette): ChartOptions;
  protected abstract data(): uPlot.AlignedData;
  /** What the chart shows, in a few words, for those who do not see it. */
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

  /** For new colours, names or axes: makes the chart anew in the next frame. */
  rebuild(): void {
    this.plot?.destroy();
    this.plot = undefined;
    this.changed();
  }

  /** Shows x from `min` to `max`; a chart that is not drawn yet, once it is. */
  zoom(min: number, max: number): void {
    if (this.plot) this.plot.setScale('x', { min, max });
    else this.#zoomed = { min, max };
  }

  /** What is shown, for a picture of it; undefined: nothing is. */
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

  /** Moves what is shown sideways, by a share of its width, and never past the data. */
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
    if (size.width === 0) return; // hidden: the observer calls when it is not
    const options = this.options(readPalette(this.host));
    const legend = { markers: { width: 0, fill: markOf } };
    this.#bands = options.bands ?? [];
    const axes = (options.axes ?? []).map((one, k) => this.#recorded(one, k));
    this.plot = withCpuCanvas(() => new uPlot({ legend, ...options, axes, ...size }, data, this.host));
    makeLegendOperable(this.plot);
    if (this.#zoomed) this.plot.setScale('x', this.#zoomed);
    this.#zoomed = undefined;
  }

  /** An axis whose ticks are kept for a picture. */
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

  /** New values under an unchanged zoom. */
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
    if (width === this.#width) return; // the legend changes the height, which is none of the plot's business
    this.#width = width;
    if (this.plot) this.plot.setSize({ width, height });
    else this.changed();
  }

  /** Arrow keys move the cursor, so the legend's values can be read without a mouse. */
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

/** The mark beside a name in the legend, as a CSS background: in the dashes of its line. */
function markOf(plot: uPlot, k: number): string {
  const { stroke, dash = [] } = plot.series[k]!;
  const [on = 1, off = 0] = dash;
  if (typeof stroke !== 'function') return 'none'; // of x
  const color = stroke(plot, k);
  return `repeating-linear-gradient(90deg, ${color} 0 ${on}px, transparent 0 ${on + off}px)`;
}

/** CSS pixels one letter of an axis label takes. */
export const LETTER_PX = 7;

/** Padding in which half of a label has room, for a tick at the very end of the axis. */
export const sidePadding = (letters: number): number => Math.max(16, Math.ceil((letters * LETTER_PX) / 2));

/** A value in the legend. */
export const legendValue =
  (format: (value: number) => string) =>
  (_: uPlot, value: number | null): string =>
    value == null ? UNKNOWN : format(value);

/** Between ticks that stand at whole numbers. */
export const WHOLE_STEPS = Array.from({ length: 21 }, (_, k) => [1, 2, 5][k % 3]! * 10 ** Math.floor(k / 3));

/** Axis options that all charts share. */
export function axis(palette: Palette, options: uPlot.Axis): uPlot.Axis {
  const line = { stroke: palette.grid, width: 1 };
  return { stroke: palette.muted, font: FONT, grid: line, ticks: { ...line, size: 5 }, ...options };
}

/** A logarithmic scale, and the ticks that go with it: 0.01 as it is, 1e-6 where zeros would have to be counted. */
export const LOG_SCALE: uPlot.Scale = { distr: 3, range: (_, min, max) => logRange(min, max) };
export const logAxis = ({ tick }: NumberFormats) => ({
  splits: (_: uPlot, __: number, min: number, max: number) => decades(min, max),
  values: (_: uPlot, ticks: readonly (number | null)[]) => ticks.map((v) => (v == null ? '' : tick(v))),
});

/** uPlot's legend listens to clicks only; a name is made a button that keys reach. */
function makeLegendOperable(plot: uPlot): void {
  const names = plot.root.querySelectorAll<HTMLElement>('.u-series:not(:first-child) .u-label');
  for (const [k, name] of [...names].entries()) {
    name.tabIndex = 0;
    name.setAttribute('role', 'button');
    const tell = () => name.setAttribute('aria-pressed', String(plot.series[k + 1]!.show));
    tell();
    name.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      name.click();
    });
    name.closest('th')!.addEventListener('click', tell);
  }
}

function readPalette(host: HTMLElement): Palette {
  const style = getComputedStyle(host);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour('chart-actual'),
    actualFaint: colour('actual-faint'),
    muted: colour('muted'),
    grid: colour('grid'),
    model: colour('model'),
    modelFaint: colour('model-faint'),
    interval: colour('interval'),
    guess: colour('guess'),
    season: colour('season'),
    ahead: colour('ahead'),
    aheadInterval: colour('ahead-interval'),
    testPart: colour('test-part'),
    card: colour('card'),
  };
}
