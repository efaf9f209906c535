import type uPlot from 'uplot';
import { colorOf, type Drawn, intervalsOf } from './chart.ts';
import { extremes } from './extremes.ts';

const FONT = 'font-family="system-ui, -apple-system, Segoe UI, Roboto, sans-serif"';
const LETTER = 7;
const [PADDING, TITLE, LEGEND] = [16, 28, 20];

/** A picture as SVG text, with its size in CSS pixels. */
export interface Svg {
  svg: string;
  width: number;
  height: number;
}

/** A chart as SVG with a title and a legend, with the size and the range that it has on the screen. */
export function chartSvg({ plot, palette, ticks, bands, shaded }: Drawn, title: string): Svg {
  const { width, height } = plot;
  const intervals = intervalsOf({ series: plot.series, bands: [...bands] });
  const entries = shownSeries(plot)
    .filter((k) => !intervals.some(({ series: [, low] }) => low === k))
    .map((k) => ({ k, text: labelOf(plot, k), band: intervals.find(({ series: [high] }) => high === k) }));
  const legend = legendSvg(plot, entries, width + 2 * PADDING, palette.muted);
  const top = PADDING + TITLE + legend.height;
  const over = { left: plot.over.offsetLeft, top: plot.over.offsetTop, ...sizeOf(plot.over) };
  const x = (value: number) => round(over.left + plot.valToPos(value, 'x'));
  const y = (value: number) => round(over.top + plot.valToPos(value, 'y'));
  const [columns = [], rows = []] = ticks;
  const right = over.left + over.width;
  const bottom = over.top + over.height;
  const axes = [
    ...columns.flatMap(({ at, text }) => [
      line(x(at), over.top, x(at), bottom + 5, palette.grid),
      words(x(at), bottom + 20, text, palette.muted, 'middle'),
    ]),
    ...rows.flatMap(({ at, text }) => [
      line(over.left - 5, y(at), right, y(at), palette.grid),
      words(over.left - 9, y(at) + 4, text, palette.muted, 'end'),
    ]),
  ];
  const shade = shaded && [
    `<rect x="${x(shaded.from)}" y="${over.top}" width="${round(x(shaded.to) - x(shaded.from))}" height="${over.height}" fill="${shaded.fill}"/>`,
    words(x(shaded.from) + 8, over.top + 16, shaded.label, palette.muted, 'start'),
  ];
  const size = { width: width + 2 * PADDING, height: height + top + PADDING };
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" ${FONT} font-size="12">`,
    `<rect width="100%" height="100%" fill="${palette.card}"/>`,
    `<text x="${PADDING}" y="${PADDING + 16}" font-size="17" font-weight="600" fill="${palette.ink}">${escaped(title)}</text>`,
    ...legend.parts,
    `<g transform="translate(${PADDING} ${top})">`,
    ...(shade ?? []),
    ...axes,
    `<clipPath id="plot"><rect x="${over.left}" y="${over.top}" width="${over.width}" height="${over.height}"/></clipPath>`,
    `<g clip-path="url(#plot)" fill="none" stroke-linejoin="round">`,
    ...bands.flatMap((band) => bandSvg(plot, band, x, y)),
    ...shownSeries(plot).flatMap((k) => seriesSvg(plot, k, x, y, over.width)),
    '</g></g></svg>',
  ].join('\n');
  return { svg, ...size };
}

/** Visible series that have a value somewhere. */
const shownSeries = (plot: uPlot): number[] =>
  plot.series.flatMap(({ show }, k) => (k > 0 && show && plot.data[k]!.some((value) => value != null) ? [k] : []));

function seriesSvg(plot: uPlot, k: number, x: Place, y: Place, width: number): string[] {
  const { stroke, dash } = plot.series[k]!;
  const [first, last] = rowsIn(plot);
  const values = plot.data[k]!;
  const color = colorOf(stroke, plot, k);
  const style = `stroke="${color}" stroke-width="${plot.series[k]!.width}"${dash ? ` stroke-dasharray="${dash.join(' ')}"` : ''}`;
  if (last - first <= 2 * width) return [`<path d="${pathOf(values, first, last, x, y)}" ${style}/>`];
  // more rows than can be seen: of each pixel the lowest and the highest value
  const ends = extremes(values, first, last, Math.floor(width)).flatMap(({ row, low, high }, part) => {
    const both = [`${x(row)} ${y(low)}`, `${x(row)} ${y(high)}`];
    return part % 2 === 0 ? both : both.reverse();
  });
  return [`<path d="M${ends.join('L')}" ${style}/>`];
}

function bandSvg(plot: uPlot, { series: [high, low], fill }: uPlot.Band, x: Place, y: Place): string[] {
  if (!plot.series[high]!.show || !plot.series[low]!.show) return [];
  const [first, last] = rowsIn(plot);
  const all = Array.from({ length: last - first + 1 }, (_, k) => first + k);
  const rows = all.filter((row) => plot.data[high]![row] != null);
  if (rows.length === 0) return [];
  const side = (k: number) => rows.map((row) => `${x(row)} ${y(plot.data[k]![row]!)}`);
  return [`<path d="M${[...side(high), ...side(low).reverse()].join('L')}Z" fill="${colorOf(fill, plot, high)}"/>`];
}

/** Names in rows no wider than the picture, each after a piece of its line or of its band. */
function legendSvg(
  plot: uPlot,
  entries: readonly { k: number; text: string; band: uPlot.Band | undefined }[],
  width: number,
  ink: string,
) {
  let [left, row] = [PADDING, 0];
  const parts = entries.flatMap(({ k, text, band }) => {
    const { stroke, dash } = plot.series[k]!;
    const wide = 30 + LETTER * text.length + 18;
    if (left + wide > width && left > PADDING) [left, row] = [PADDING, row + 1];
    const y = PADDING + TITLE + LEGEND * row + 6;
    const at = left;
    left += wide;
    const color = colorOf(stroke, plot, k);
    const mark = band
      ? `<rect x="${at}" y="${y - 10}" width="22" height="12" fill="${colorOf(band.fill, plot, k)}" stroke="${color}"/>`
      : line(at, y - 4, at + 22, y - 4, color, 2, dash);
    return [mark, words(at + 28, y, text, ink, 'start')];
  });
  return { parts, height: LEGEND * (row + 1) };
}

type Place = (value: number) => number;

/** A line through the rows that have a value. */
function pathOf(values: ArrayLike<number | null | undefined>, first: number, last: number, x: Place, y: Place): string {
  let [path, isDrawn] = ['', false];
  for (let row = first; row <= last; row++) {
    const value = values[row];
    if (value != null) path += `${isDrawn ? 'L' : 'M'}${x(row)} ${y(value)}`;
    isDrawn = value != null;
  }
  return path;
}

/** Visible rows, with one more on each side. */
function rowsIn(plot: uPlot): [first: number, last: number] {
  const { min, max } = plot.scales.x!;
  const last = plot.data[0].length - 1;
  return [Math.max(0, Math.floor(min ?? 0)), Math.min(last, Math.ceil(max ?? last))];
}

const labelOf = (plot: uPlot, k: number): string => {
  const { label } = plot.series[k]!;
  return typeof label === 'string' ? label : '';
};
const sizeOf = ({ clientWidth: width, clientHeight: height }: HTMLElement) => ({ width, height });
const round = (value: number): number => Math.round(10 * value) / 10;
const line = (
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  stroke: string,
  width = 1,
  dash?: readonly number[],
): string =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}" stroke-width="${width}"${dash ? ` stroke-dasharray="${dash.join(' ')}"` : ''}/>`;
const words = (x: number, y: number, text: string, fill: string, anchor: string): string =>
  `<text x="${x}" y="${y}" fill="${fill}" text-anchor="${anchor}">${escaped(text)}</text>`;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => ENTITIES[letter]!);
