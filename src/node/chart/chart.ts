import plotScript from 'uplot/dist/uPlot.iife.min.js?raw';
import plotStyle from 'uplot/dist/uPlot.min.css?raw';
import licence from 'uplot/LICENSE?raw';
import type { Series } from '../../data/csv.ts';
import type { Evaluation } from '../../forecast/evaluation.ts';
import { english } from '../../report/format.ts';
import type { Score, ScoreTable } from '../../report/scores.ts';
import type { EpochReport } from '../../train/trainer.ts';
import { otherScores, scoreColumns } from '../scores.ts';
import style from './page.css?raw';
import page from './page.html?raw';
import script from './page.js?raw';

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

/** What page.js draws. */
interface ChartData {
  /** [rows] */
  actual: number[];
  /** [rows], or null where the file has none. */
  dates: string[] | null;
  dateColumn: string;
  column: string;
  /** Row, from 0, of the first of `predicted` and `naive`. */
  firstRow: number;
  predicted: number[];
  naive: number[];
  /** Lowest level first; empty for a single model that forecasts none. */
  quantiles: { level: number; values: number[] }[];
  quantilesOf: ChartContent['quantilesOf'];
  /** The conformal interval, or null where none was asked for. */
  interval: { level: number; low: number[]; high: number[] } | null;
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
    actual: [...series.values],
    dates: series.dates ?? null,
    dateColumn: series.dateColumn ?? 'Row',
    column: series.column,
    firstRow: evaluation.firstRow,
    predicted: [...evaluation.predicted],
    naive: [...evaluation.naive],
    quantiles: evaluation.quantiles.map(({ level, values }) => ({ level, values: [...values] })),
    quantilesOf: content.quantilesOf,
    interval: interval ? { level: interval.level, low: [...interval.low], high: [...interval.high] } : null,
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
    data: JSON.stringify(data).replaceAll('<', '\\u003c'),
    plot: plotScript.replace(/^\/\*!.*?\*\/\s*/s, ''), // its address; the licence is in the page
    script,
  };
  return page.replace(/(?:\/\* |")?slot:(\w+)(?: \*\/|")?/g, (_, name: string) => slots[name]!);
}

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
