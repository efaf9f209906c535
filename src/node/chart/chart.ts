import plotStyle from 'uplot/dist/uPlot.min.css?raw';
import license from 'uplot/LICENSE?raw';
import { type ForecastLines, forecastLines } from '../../report/forecast_lines.ts';
import { type Ahead, aheadLines } from '../../report/forecasts.ts';
import { english } from '../../report/format.ts';
import { compareScores, type Score, scoredOf } from '../../report/scores.ts';
import type { EpochReport } from '../../train/report.ts';
import type { SeriesScores } from '../many_scores.ts';
import { otherScores, scoreColumns } from '../scores.ts';
import type { NamedFrame } from '../series_file.ts';
import oneChart from './chart.html?raw';
import aheadSections from './forecast.html?raw';
import style from './page.css?raw';
import page from './page.html?raw';
import script from './page.ts?script';
import manyCharts from './series.html?raw';
import trainingSections from './training.html?raw';

interface Content {
  /** Name of the file of the series. */
  file: string;
  /** At least one; with ids if there are several. */
  series: readonly NamedFrame[];
  device: string;
  /** Settings of the run, as name and value. */
  settings: readonly (readonly [string, string])[];
}

/** The results of a training. */
export interface TestContent extends Content {
  /** On the test set of each series. */
  scores: readonly SeriesScores[];
  epochs: readonly EpochReport[];
  verdict: string;
  /** What the quantiles of an evaluation are: forecasts of the model, or a spread over the members. */
  quantilesOf: PageData['quantilesOf'];
}

/** The forecast of each series. */
export interface AheadContent extends Content {
  forecasts: readonly Ahead[];
  /** How good it is. Default: no verdict. */
  verdict?: string;
}

/** What page.ts draws of a series. */
interface ChartData extends ForecastLines {
  /** [rows] */
  actual: ArrayLike<number>;
  /** [rows], or null if the file has none. */
  dates: string[] | null;
  dateColumn: string;
  column: string;
}

/** What page.ts draws. */
export interface PageData {
  charts: ChartData[];
  quantilesOf: 'quantile' | 'of models';
  /** Undefined if nothing was trained. */
  epochs?: { loss: number; lastLoss: number }[];
}

/** Most charts of a page, and rows of its tables; CSVs have all. */
const MOST_CHARTS = 100;
const MOST_ROWS = 500;

/** A self-contained page, with script, style and numbers inside. Names are escaped. */
export function testPage({ scores, epochs, verdict, quantilesOf, ...content }: TestContent): string {
  const { series } = content;
  const charts = scores.map(({ evaluation }, k) => ({ ...forecastLines(evaluation), ...drawnOf(series[k]!) }));
  const numTest = scores.reduce((sum, { evaluation }) => sum + evaluation.actual.length, 0);
  const numRows = series.reduce((sum, { values }) => sum + values.length, 0);
  const losses = epochs.map(({ loss, lastLoss }) => ({ loss, lastLoss }));
  return wholePage({
    ...content,
    ...{ madeBy: 'Trained', sentence: verdict, data: { charts, quantilesOf, epochs: losses } },
    heading: 'Forecast, one step ahead',
    part: `test set: ${english.count(numTest)} of ${english.count(numRows)} rows`,
    parts: { all: 'All rows', test: 'Test set' },
    words: scores.map(
      ({ evaluation: { metrics } }) => `MAE ${english.score(metrics.mae)}, naive ${english.score(metrics.naiveMae)}`,
    ),
    main: filled(trainingSections, { scores: series[0]!.id === undefined ? scoreSection(scores[0]!) : '' }),
  });
}

/** The same for a forecast: the end of each series, the forecast, and its values. */
export function aheadPage({ forecasts, verdict, ...content }: AheadContent): string {
  const { series } = content;
  const [{ interval, dates }] = forecasts as [Ahead];
  const charts = forecasts.map((ahead, k) => ({
    ...aheadLines(ahead, series[k]!.values.length),
    ...drawnOf(series[k]!),
  }));
  const counts = forecasts.map(({ predicted }) => predicted.length).sort((a, b) => a - b);
  const [count] = counts as [number];
  const most = counts.at(-1)!;
  const range = count === most ? english.count(count) : `${english.count(count)} to ${english.count(most)}`;
  const values = `${range} ${most === 1 ? 'step' : 'steps'} ahead`;
  const isOne = series[0]!.id === undefined;
  const each = isOne ? '' : ` for each of ${english.count(series.length)} series`;
  const when = dates && isOne ? `, from ${dates[0]} to ${dates.at(-1)}` : '';
  const within = interval ? ` The band should contain about ${english.level(interval.level)} of future values.` : '';
  return wholePage({
    ...content,
    ...{
      madeBy: 'Forecast',
      sentence: `${values}${each}${when}.${within}${verdict ? ` ${verdict}` : ''}`,
      data: { charts, quantilesOf: 'quantile' },
    },
    heading: 'Forecast',
    part: isOne
      ? `${english.count(count)} ${count === 1 ? 'row' : 'rows'} after ${english.count(series[0]!.values.length)}`
      : values,
    parts: { end: 'Recent', all: 'All rows' },
    words: forecasts.map(({ dates }) => (dates ? `${dates[0]} to ${dates.at(-1)}` : values)),
    main: filled(aheadSections, isOne ? valuesOf(forecasts[0]!, series[0]!) : valuesOfEach(forecasts, series)),
  });
}

/** What the chart draws of the series itself. */
const drawnOf = ({ values, dates, dateColumn, column, id }: NamedFrame) => ({
  actual: values,
  dates: dates ?? null,
  dateColumn: dateColumn ?? 'Row',
  column: id ?? column,
});

/** The scores of a single series. */
function scoreSection({ evaluation }: SeriesScores): string {
  const table = compareScores(scoredOf(evaluation));
  const others = otherScores(evaluation.metrics, evaluation.interval?.level);
  const season = evaluation.baselines.seasonalNaive && evaluation.season;
  const columns = scoreColumns(table).map((name) => `${name[0]!.toUpperCase()}${name.slice(1)}`);
  const text = [
    tableOf(['', ...columns], table.rows.map(scoreRow)),
    others && `<p class="muted hint">${escapeHtml(others)}</p>`,
    `<p class="muted hint">Naive repeats the last value.${season ? ` Seasonal naive repeats the value of ${season} rows earlier.` : ''}${evaluation.baselines.ets ? ' ETS is exponential smoothing, fitted on the rows before the test set.' : ''}`,
    `MASE divides by the mean error of the ${season ? 'seasonal ' : ''}naive forecast on the training rows; below 1 is better.`,
    ' RMSE and MAE are in the units of the column.</p>',
  ].join('\n');
  return `      <section class="card">\n<div class="bar"><h2>Scores on the test set</h2></div>\n${text}\n</section>`;
}

/** A forecast as a table, one row per value. */
function valuesOf({ predicted, dates, interval, quantiles }: Ahead, { dateColumn }: NamedFrame) {
  const lines = [
    ['Forecast', predicted] as const,
    ...(interval ? [['low', interval.low] as const, ['high', interval.high] as const] : []),
    ...quantiles.map(({ level, values }) => [`q${level}`, values] as const),
  ];
  return valueTable(dates ? (dateColumn ?? 'Date') : 'Row', dates, lines);
}

/** Forecasts of several series side by side. */
function valuesOfEach(forecasts: readonly Ahead[], series: readonly NamedFrame[]) {
  const dated = forecasts.every(({ dates }) => dates?.join() === forecasts[0]!.dates?.join());
  const dates = dated ? forecasts[0]!.dates : undefined;
  const lines = series.slice(0, MOST_CHARTS).map(({ id }, k) => [id!, forecasts[k]!.predicted] as const);
  return valueTable(dates ? (series[0]!.dateColumn ?? 'Date') : 'Row', dates, lines);
}

function valueTable(
  name: string,
  dates: readonly string[] | undefined,
  lines: readonly (readonly [string, ArrayLike<number>])[],
): { values: string; cut: string } {
  const count = Math.max(...lines.map(([, values]) => values.length));
  const rows = Array.from({ length: Math.min(count, MOST_ROWS) }, (_, k) => {
    const cells = lines.map(([, values]) => `<td>${k < values.length ? english.value(values[k]!) : ''}</td>`);
    return `<tr><th scope="row">${escapeHtml(dates?.[k] ?? `+${k + 1}`)}</th>${cells.join('')}</tr>`;
  });
  const cut = count > MOST_ROWS ? `<p class="muted hint">The first ${MOST_ROWS}; --predictions-out has all.</p>` : '';
  return { values: tableOf([name, ...lines.map(([own]) => own)], rows), cut };
}

const tableOf = (columns: readonly string[], rows: readonly string[]): string =>
  `<table class="scores"><thead><tr>${columns.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')}</tr></thead>\n` +
  `<tbody>\n${rows.join('\n')}\n</tbody></table>`;

interface WholePage extends Content {
  madeBy: string;
  sentence: string;
  /** Heading of the charts, and a note on their rows. */
  heading: string;
  part: string;
  /** Names of the buttons for parts of the chart; the first is shown. */
  parts: Readonly<Record<string, string>>;
  /** A note on each of several series, next to its name. */
  words: readonly string[];
  /** HTML below the charts. */
  main: string;
  data: PageData;
}

function wholePage({ file, series, device, settings, sentence, parts, words, data, ...slots }: WholePage): string {
  const button = ([part, name]: [string, string], k: number) =>
    `<button type="button" data-part="${part}" aria-pressed="${k === 0}">${name}</button>`;
  const { heading, part, ...others } = slots;
  const more = series.length - MOST_CHARTS;
  const card = ({ id }: NamedFrame, k: number) =>
    `<section class="card" id="series-${k}"><div class="bar"><h2>${escapeHtml(id!)}</h2><span class="muted">${escapeHtml(words[k]!)}</span></div>` +
    '<div class="chart small" data-chart></div></section>';
  const link = ({ id }: NamedFrame, k: number) => `<a href="#series-${k}">${escapeHtml(id!)}</a>`;
  const drawn = series.slice(0, MOST_CHARTS);
  const isOne = series[0]!.id === undefined;
  return filled(page, {
    ...others,
    charts: filled(isOne ? oneChart : manyCharts, {
      ...{ heading, part, buttons: Object.entries(parts).map(button).join('\n            ') },
      links: isOne ? '' : drawn.map(link).join(' '),
      more:
        more > 0
          ? `The first ${MOST_CHARTS} of ${english.count(series.length)} series; --predictions-out has all.`
          : '',
      cards: isOne ? '' : drawn.map(card).join('\n      '),
    }),
    title: escapeHtml(`${series[0]!.column} of ${file}`),
    verdict: escapeHtml(sentence),
    device: escapeHtml(device),
    settings: settings.map(([name, value]) => `${escapeHtml(name)} <b>${escapeHtml(value)}</b>`).join(' · '),
    license: escapeHtml(license),
    style: `${plotStyle}\n${style}`,
    // Only `</script` and `<!--` can end a script element: no `<` is left.
    data: JSON.stringify({ ...data, charts: data.charts.slice(0, MOST_CHARTS) }, arraysAsLists).replaceAll(
      '<',
      '\\u003c',
    ),
    script: script.replaceAll('</script', '<\\/script'),
  });
}

/** A template with its slots filled; slots in the filled-in text stay as they are. */
const filled = (template: string, slots: Readonly<Record<string, string>>): string =>
  template.replace(/(?:\/\* |")?slot:(\w+)(?: \*\/|")?/g, (_, name: string) => slots[name]!);

const arraysAsLists = (_: string, value: unknown): unknown =>
  value instanceof Float64Array ? Array.from(value) : value;

/** A row of scores, with the best marked. */
function scoreRow({ name, unit, values, best }: Score): string {
  const cells = values.map(
    (value, k) => `<td${best.includes(k) ? ' class="best"' : ''}>${english.cell(value, unit)}</td>`,
  );
  return `<tr><th scope="row">${name}</th>${cells.join('')}</tr>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter]!);
