import type uPlot from 'uplot';
import type { ForecastLines } from '../report/forecast_lines.ts';
import type { NumberFormats } from '../report/format.ts';
import {
  axis,
  Chart,
  type ChartOptions,
  type Drawn,
  LETTER_PX,
  legendValue,
  type Palette,
  sidePadding,
  WHOLE_STEPS,
} from './chart.ts';
import { type Tick, timeTicks } from './time_ticks.ts';

export interface ChartSeries {
  /** [rows] */
  values: ArrayLike<number>;
  /** [rows]; null if the file has none. */
  dates: readonly string[] | null | undefined;
  /** Ms since 1970 [rows]; with them, the axis has calendar ticks. */
  moments?: ArrayLike<number> | undefined;
  column: string;
}

/** Rows that a chart shows: the last seasons and the forecast, the test set, or all. */
export type ChartPart = 'end' | 'test' | 'all';

export interface ForecastChartWords {
  /** As of Intl. */
  language: string;
  row: string;
  date: string;
  actual: string;
  predicted: string;
  /** The forecast after the last row. */
  ahead: string;
  /** A rule without a model that looks `season` rows back. */
  rule: (season: number) => string;
  quantile: (level: string) => string;
  interval: (level: string) => string;
  testPart: string;
  /** A note where a pixel has several rows. */
  dense: (rowsPerPixel: string) => string;
  /** A description for screen readers. @param predicted rows; undefined if there are none yet. */
  describe: (series: ChartSeries | undefined, predicted: number | undefined) => string;
}

/** Rows before the forecast, if there are this many, with a season and without. */
const SEASONS_BEFORE = 6;
const FEWEST_BEFORE = 30;
/** The same as a multiple of the steps ahead. */
const TIMES_AHEAD = { season: 2, none: 8 };

/** Of half a label, at the end of a calendar axis. */
const CALENDAR_LETTERS = 4;

/** CSS pixels of a note's letters, and from it to the edge. */
const [FONT_PX, INSET] = [12, 8];

/** From this many rows per pixel on, a note states them. */
const DENSE = 2;

/** The style of both bounds of a band, which have one name. */
const BOUND = { width: 0.75 };

/** A line over some rows, with its style. */
interface Line extends Pick<uPlot.Series, 'stroke' | 'width' | 'dash' | 'show'> {
  label: string;
  values: ArrayLike<number>;
  firstRow: number;
}

/** The series, forecasts of the model and the rules over its test set, and the forecast after the last row. x: the row, from 0. */
export class ForecastChart extends Chart {
  readonly #words: ForecastChartWords;
  readonly #format: NumberFormats;
  #series: ChartSeries | undefined;
  #forecast: ForecastLines | undefined;
  /** Start of the test set until there is a forecast. */
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

  /** Draws the start of the test set. */
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

  showPart(part: ChartPart): void {
    const { firstRow = 0, predicted = [], future = [], season = 1 } = this.#forecast ?? {};
    const rows = this.#series?.values.length ?? 1;
    const isSeasonal = season > 1;
    const before = (isSeasonal ? TIMES_AHEAD.season : TIMES_AHEAD.none) * future.length;
    const firsts = {
      all: 0,
      test: firstRow - Math.ceil(predicted.length / 20),
      end: rows - Math.max(FEWEST_BEFORE, before, isSeasonal ? SEASONS_BEFORE * season : 0),
    };
    this.zoom(Math.max(0, firsts[part]), rows - 1 + future.length);
  }

  /** All lines except the series, each with its own style. */
  #lines(palette?: Palette): Line[] {
    if (!this.#forecast) return [];
    const { values = [] } = this.#series ?? {};
    const { firstRow, predicted, future, rules, quantiles, interval } = this.#forecast;
    const { predicted: name, ahead, rule, quantile, interval: intervalOf } = this.#words;
    const { level } = this.#format;
    const { model = '', guess = '', season: ofSeason = '', ahead: ofAhead = '' } = palette ?? {};
    const isAhead = firstRow === values.length;
    const spread = isAhead ? ofAhead : model;
    const levels = quantiles.map((one) => level(one.level));
    const isPair = quantiles.length === 2;
    return [
      ...(predicted.length === 0 && future.length > 0
        ? []
        : [{ label: name, values: predicted, firstRow, stroke: model, width: 1.5 }]),
      ...(future.length === 0
        ? []
        : [{ label: ahead, ...this.#fromTheEnd(future), stroke: ofAhead, width: 2, dash: [6, 4] }]),
      ...rules.map(({ season, predicted: said }) => ({
        ...{ label: rule(season), values: said, firstRow, stroke: season === 1 ? guess : ofSeason },
        ...{ dash: season === 1 ? [4, 3] : [1, 2], show: false },
      })),
      ...quantiles.map((one, k) => ({
        ...{
          label: quantile(isPair ? levels.join(' – ') : levels[k]!),
          ...(isAhead ? this.#fromTheEnd(one.values) : { values: one.values, firstRow }),
        },
        ...{ stroke: spread, ...(isPair ? BOUND : { dash: [2, 2 + 3 * k] }) },
      })),
      ...(interval ? (['low', 'high'] as const) : []).map((side) => ({
        label: intervalOf(level(interval!.level)),
        ...(isAhead ? this.#fromTheEnd(interval![side]) : { values: interval![side], firstRow }),
        ...{ stroke: spread, ...BOUND },
      })),
    ];
  }

  /** The forecast is drawn from the last value on. */
  #fromTheEnd(ahead: ArrayLike<number>): Pick<Line, 'values' | 'firstRow'> {
    const { values } = this.#series ?? { values: [] };
    const last = values[values.length - 1];
    if (last === undefined || ahead.length === 0) return { values: ahead, firstRow: values.length };
    return { values: [last, ...Array.from(ahead)], firstRow: values.length - 1 };
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
    const { count, tick, value: formatValue } = this.#format;
    // without dates, rows are numbered; with dates that cannot be continued, counted from the last one
    const aheadOf = (k: number) =>
      this.#forecast?.futureDates?.[k] ?? (dates ? `+${count(k + 1)}` : count(values.length + k + 1));
    const nameOf = (row: number) =>
      row < values.length ? (dates?.[row] ?? count(row + 1)) : aheadOf(row - values.length);
    const moments = this.#moments();
    const letters = moments ? CALENDAR_LETTERS : Math.max(...[0, values.length - 1].map((row) => nameOf(row).length));
    const plain = { width: 1, value: legendValue(formatValue), points: { show: false } };
    const lines = this.#lines(palette);
    const { quantiles = [], interval } = this.#forecast ?? {};
    const first = 2 + lines.length - quantiles.length - (interval ? 2 : 0); // first quantile; x and the series come before
    const shade = this.#forecast?.firstRow === values.length ? palette.aheadInterval : palette.interval;
    const between = (low: number, high: number, fill: string) => ({ series: [high, low] as [number, number], fill });
    return {
      scales: { x: { time: false } },
      series: [
        { label: dates ? this.#words.date : this.#words.row, value: legendValue(nameOf) },
        {
          ...plain,
          label: this.#words.actual,
          stroke: palette.ink,
          width: 1.25,
        },
        ...lines.map(({ values: _, firstRow: __, ...line }) => ({ ...plain, ...line })),
      ],
      bands: [
        ...(quantiles.length > 1 ? [between(first, first + quantiles.length - 1, palette.modelFaint)] : []),
        ...(interval ? [between(first + quantiles.length, first + quantiles.length + 1, shade)] : []),
      ],
      axes: [
        axis(palette, {
          ...{ size: 32, space: Math.max(60, letters * LETTER_PX + 24), incrs: WHOLE_STEPS },
          ...(moments ? this.#calendar(moments) : { values: (_, rows) => rows.map(nameOf) }),
        }),
        axis(palette, {
          size: (_, ticks) => 20 + LETTER_PX * Math.max(4, ...(ticks ?? []).map((text) => text.length)),
          // ticks that are all whole need no decimals
          values: (_, ticks) => ticks.map(ticks.every(Number.isInteger) ? count : tick),
        }),
      ],
      cursor: { drag: { x: true, y: false, dist: 6 }, points: { size: 7 } },
      padding: [12, sidePadding(letters), 0, 0],
      hooks: {
        drawClear: [(plot) => this.#shade(plot, palette)],
        draw: [(plot) => this.#nameShade(plot, palette), (plot) => this.#noteDensity(plot, palette)],
      },
    };
  }

  /** Of all rows and steps ahead; undefined if one is missing. */
  #moments(): ArrayLike<number> | undefined {
    const { moments } = this.#series ?? {};
    const { future = [], futureMoments } = this.#forecast ?? {};
    if (!moments || future.length === 0) return moments;
    return futureMoments && [...Array.from(moments), ...Array.from(futureMoments)];
  }

  #calendar(moments: ArrayLike<number>): Pick<uPlot.Axis, 'splits' | 'values'> {
    let ticks: Tick[] = [];
    return {
      splits: (_, __, min, max, rows, pixels) => {
        ticks = timeTicks(moments, min, max, (LETTER_PX * rows) / pixels, this.#words.language);
        return ticks.map(({ row }) => row);
      },
      values: (_, rows) => rows.map((row) => ticks.find((tick) => tick.row === row)?.text ?? ''),
    };
  }

  /** The test set, as far as it has actual values. */
  protected override shaded(palette: Palette): Drawn['shaded'] {
    const rows = this.#series?.values.length ?? 0;
    const from = this.#forecast?.firstRow ?? this.#split;
    if (from <= 0 || from >= rows) return undefined;
    return { from: from - 0.5, to: rows - 0.5, label: this.#words.testPart, fill: palette.testPart };
  }

  #shade(plot: uPlot, palette: Palette): void {
    const place = this.#placeOfShade(plot, palette);
    if (!place) return;
    plot.ctx.save();
    plot.ctx.fillStyle = place.fill;
    plot.ctx.fillRect(place.left, plot.bbox.top, place.width, plot.bbox.height);
    plot.ctx.restore();
  }

  #nameShade(plot: uPlot, palette: Palette): void {
    const place = this.#placeOfShade(plot, palette);
    if (!place) return;
    const inset = INSET * devicePixelRatio;
    note(plot, palette, place.label, (width) =>
      width + 2 * inset < place.width ? [place.left + inset, plot.bbox.top + inset] : undefined,
    );
  }

  #noteDensity(plot: uPlot, palette: Palette): void {
    const { min, max } = plot.scales.x!;
    const { left, top, width, height } = plot.bbox;
    const rows = ((max ?? 0) - (min ?? 0)) / (width / devicePixelRatio);
    if (rows < DENSE) return;
    const text = this.#words.dense(this.#format.count(Math.round(rows)));
    const inset = INSET * devicePixelRatio;
    note(plot, palette, text, (own) => [left + width - inset - own, top + height - inset - FONT_PX * devicePixelRatio]);
  }

  /** In pixels of the canvas; undefined if not visible. */
  #placeOfShade(plot: uPlot, palette: Palette) {
    const shaded = this.shaded(palette);
    if (!shaded) return undefined;
    const { left: start, width: whole } = plot.bbox;
    const left = Math.max(start, plot.valToPos(shaded.from, 'x', true));
    const width = Math.min(start + whole, plot.valToPos(shaded.to, 'x', true)) - left;
    return width > 0 ? { ...shaded, left, width } : undefined;
  }
}

/** Writes over the lines, with an outline for contrast. @param placeOf left and top by the width of the text, or nowhere. */
function note(
  { ctx }: uPlot,
  palette: Palette,
  text: string,
  placeOf: (width: number) => [left: number, top: number] | undefined,
): void {
  ctx.save();
  ctx.font = `${FONT_PX * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.strokeStyle = palette.card;
  ctx.fillStyle = palette.muted;
  const place = placeOf(ctx.measureText(text).width);
  if (place) {
    ctx.strokeText(text, ...place);
    ctx.fillText(text, ...place);
  }
  ctx.restore();
}
