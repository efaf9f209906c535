import plotStyle from 'uplot/dist/uPlot.min.css?raw';
import licence from 'uplot/LICENSE?raw';
import type { Series } from '../../data/csv.ts';
import type { Evaluation } from '../../forecast/evaluation.ts';
import { type ForecastLines, forecastLines } from '../../report/forecast_lines.ts';
import { english } from '../../report/format.ts';
import type { Score, ScoreTable } from '../../report/scores.ts';
import type { EpochReport } from '../../train/report.ts';
import { otherScores, scoreColumns } from '../scores.ts';
import style from './page.css?raw';
import page from './page.html?raw';
import script from './page.ts?script';

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

/** What page.ts draws. */
export interface ChartData extends ForecastLines {
  /** [rows] */
  actual: ArrayLike<number>;
  /** [rows], or null where the file has none. */
  dates: string[] | null;
  dateColumn: string;
  column: string;
  quantilesOf: ChartContent['quantilesOf'];
  epochs: { loss: number; lastLoss: number }[];
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
    actual: series.values,
    dates: series.dates ?? null,
    dateColumn: series.dateColumn ?? 'Row',
    column: series.column,
    quantilesOf: content.quantilesOf,
    epochs: content.epochs.map(({ loss, lastLoss }) => ({ loss, lastLoss })),
  };
  const slots: Record<string, string> = {
    title: escapeHtml(`${series.column} of ${file}`),
    verdict: escapeHtml(verdict),
    part: `${english.count(numTest)} of ${english.count(series.values.length)} rows`,
    columns: scoreColumns(scores)
      .map((name) => `<th scope="col">${name[0]!.toUpperCase()}${name.slice(1)}</th>`)
      .join(''),
    scores: scores.rows.map(scoreRow).join('\n'),
    others: others && `<p class="muted hint">${escapeHtml(others)}</p>`,
    season: season ? `Seasonal naive says that it is as ${season} rows before.` : '',
    device: escapeHtml(device),
    settings: settings.map(([name, value]) => `${escapeHtml(name)} <b>${escapeHtml(value)}</b>`).join(' · '),
    licence: escapeHtml(licence),
    style: `${plotStyle}\n${style}`,
    // Inside a script element only `</script` and `<!--` end it: no `<` is left that could.
    data: JSON.stringify(data, arraysAsLists).replaceAll('<', '\\u003c'),
    script: script.replaceAll('</script', '<\\/script'),
  };
  return page.replace(/(?:\/\* |")?slot:(\w+)(?: \*\/|")?/g, (_, name: string) => slots[name]!);
}

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
