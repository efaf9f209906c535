import plotStyle from 'uplot/dist/uPlot.min.css?raw';
import licence from 'uplot/LICENSE?raw';
import type { Series } from '../../data/csv.ts';
import type { Evaluation } from '../../forecast/evaluation.ts';
import { type ForecastLines, forecastLines } from '../../report/forecast_lines.ts';
import { english } from '../../report/format.ts';
import type { Score, ScoreTable } from '../../report/scores.ts';
import type { EpochReport } from '../../train/report.ts';
import { otherScores, scoreColumns } from '../scores.ts';
import aheadSections from './forecast.html?raw';
import style from './page.css?raw';
import page from './page.html?raw';
import script from './page.ts?script';
import trainingSections from './training.html?raw';

export interface ChartContent {
  /** Name of the file the series came from. */
  file: string;
  series: Series;
  /** The test part. */
  evaluation: Evaluation;
  epochs: readonly EpochReport[];
  scores: ScoreTable;
  verdict: string;
  /** What the quantiles of the evaluation are: those that the model forecasts, or a spread over the members. */
  quantilesOf: 'quantile' | 'of models';
  device: string;
  /** Name and value of what the run was asked for. */
  settings: readonly (readonly [string, string])[];
}

/** What a model forecasts behind the end of a series. */
export interface AheadContent extends Pick<ChartContent, 'file' | 'series' | 'device' | 'settings'> {
  predicted: readonly number[];
  /** Of the rows ahead; undefined where the file has none, or rows at any time. */
  dates: readonly string[] | undefined;
  interval: ForecastLines['interval'];
  quantiles: ForecastLines['quantiles'];
}

/** What page.ts draws. */
export interface ChartData extends ForecastLines {
  /** [rows] */
  actual: ArrayLike<number>;
  /** [rows], or null where the file has none. */
  dates: string[] | null;
  dateColumn: string;
  column: string;
  quantilesOf: ChartContent['quantilesOf'];
  /** None where nothing was trained. */
  epochs?: { loss: number; lastLoss: number }[];
}

/** A page that needs nothing but itself: script, style and numbers are inside. Names are escaped. */
export function chartPage(content: ChartContent): string {
  const { file, series, evaluation, scores, verdict, device, settings } = content;
  const numTest = evaluation.actual.length;
  const { metrics, interval } = evaluation;
  const others = otherScores(metrics, interval?.level);
  const season = evaluation.baselines.seasonalNaive && evaluation.season;
  const data: ChartData = {
    ...forecastLines(evaluation),
    ...drawnOf(series),
    quantilesOf: content.quantilesOf,
    epochs: content.epochs.map(({ loss, lastLoss }) => ({ loss, lastLoss })),
  };
  const main = filled(trainingSections, {
    columns: scoreColumns(scores)
      .map((name) => `<th scope="col">${name[0]!.toUpperCase()}${name.slice(1)}</th>`)
      .join(''),
    scores: scores.rows.map(scoreRow).join('\n'),
    others: others && `<p class="muted hint">${escapeHtml(others)}</p>`,
    season: season ? `Seasonal naive says that it is as ${season} rows before.` : '',
  });
  return wholePage({
    ...{ file, series, device, settings, madeBy: 'Trained', sentence: verdict, main, data },
    heading: 'Forecast, one row ahead',
    part: `test part: ${english.count(numTest)} of ${english.count(series.values.length)} rows`,
    parts: { all: 'All rows', test: 'Test part' },
  });
}

/** Rows of the table; the CSV has all. */
const MOST_ROWS = 500;

/** The same of a forecast: a chart of the end of the series and what lies ahead, and its values. */
export function aheadPage({
  file,
  series,
  predicted,
  dates,
  interval,
  quantiles,
  device,
  settings,
}: AheadContent): string {
  const count = predicted.length;
  const lines = [
    ...(interval
      ? ([
          ['low', interval.low],
          ['high', interval.high],
        ] as const)
      : []),
    ...quantiles.map(({ level, values }) => [`q${level}`, values] as const),
  ];
  const data: ChartData = {
    ...{ firstRow: series.values.length, predicted: [], future: predicted, futureDates: dates, rules: [] },
    ...{ interval, quantiles, quantilesOf: 'quantile' },
    ...drawnOf(series),
  };
  const head = [dates ? (series.dateColumn ?? 'Date') : 'Row', 'Forecast', ...lines.map(([name]) => name)];
  const row = (value: number, k: number) => {
    const cells = [value, ...lines.map(([, values]) => values[k]!)].map((cell) => `<td>${english.value(cell)}</td>`);
    return `<tr><th scope="row">${escapeHtml(dates?.[k] ?? `+${k + 1}`)}</th>${cells.join('')}</tr>`;
  };
  const main = filled(aheadSections, {
    columns: head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join(''),
    rows: predicted.slice(0, MOST_ROWS).map(row).join('\n'),
    cut: count > MOST_ROWS ? `<p class="muted hint">The first ${MOST_ROWS}; --predictions-out has all.</p>` : '',
  });
  const when = dates ? `, from ${dates[0]} to ${dates.at(-1)}` : '';
  const within = interval ? ` The band is to hold ${english.percent(interval.level)} of the values.` : '';
  const sentence = `${english.count(count)} ${count === 1 ? 'value' : 'values'} ahead${when}.${within}`;
  return wholePage({
    ...{ file, series, device, settings, madeBy: 'Forecast', sentence, main, data },
    heading: 'Forecast',
    part: `${english.count(count)} ${count === 1 ? 'row' : 'rows'} after ${english.count(series.values.length)}`,
    parts: { end: 'The end', all: 'All rows' },
  });
}

/** What is drawn of the series itself. */
const drawnOf = (series: Series) => ({
  actual: series.values,
  dates: series.dates ?? null,
  dateColumn: series.dateColumn ?? 'Row',
  column: series.column,
});

interface WholePage extends Pick<ChartContent, 'file' | 'series' | 'device' | 'settings'> {
  madeBy: string;
  sentence: string;
  /** Of the chart, and what it says of its rows. */
  heading: string;
  part: string;
  /** Names of buttons for parts that it can show; the first is shown. */
  parts: Readonly<Record<string, string>>;
  /** HTML of what stands below the chart. */
  main: string;
  data: ChartData;
}

function wholePage({ file, series, device, settings, sentence, parts, data, ...slots }: WholePage): string {
  const button = ([part, name]: [string, string], k: number) =>
    `<button type="button" data-part="${part}" aria-pressed="${k === 0}">${name}</button>`;
  return filled(page, {
    ...slots,
    buttons: Object.entries(parts).map(button).join('\n            '),
    title: escapeHtml(`${series.column} of ${file}`),
    verdict: escapeHtml(sentence),
    device: escapeHtml(device),
    settings: settings.map(([name, value]) => `${escapeHtml(name)} <b>${escapeHtml(value)}</b>`).join(' · '),
    licence: escapeHtml(licence),
    style: `${plotStyle}\n${style}`,
    // Inside a script element only `</script` and `<!--` end it: no `<` is left that could.
    data: JSON.stringify(data, arraysAsLists).replaceAll('<', '\\u003c'),
    script: script.replaceAll('</script', '<\\/script'),
  });
}

/** A template with its slots filled; what fills them is not looked through. */
const filled = (template: string, slots: Readonly<Record<string, string>>): string =>
  template.replace(/(?:\/\* |")?slot:(\w+)(?: \*\/|")?/g, (_, name: string) => slots[name]!);

const arraysAsLists = (_: string, value: unknown): unknown =>
  value instanceof Float64Array ? Array.from(value) : value;

/** The best one is marked. */
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
