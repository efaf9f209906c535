import { bestPlaces, rulesOf, verdictOf } from '../src/data/verdict.ts';
import type { ForecastMetrics } from '../src/index.ts';
import { tableRow } from './elements.ts';
import { formatPercent, formatScore } from './format.ts';
import { t } from './texts/index.ts';
import type { Forecast } from './training.ts';
import { guessName, verdictText } from './verdict_text.ts';

const SCORES: readonly {
  name: string;
  meaning: string;
  of: (metrics: ForecastMetrics) => number | null;
  unit?: string;
}[] = [
  { name: 'RMSE', meaning: t.meanings.rmse, of: (m) => m.rmse },
  { name: 'MAE', meaning: t.meanings.mae, of: (m) => m.mae },
  { name: 'MAPE', meaning: t.meanings.mape, of: (m) => m.mape, unit: ' %' },
  { name: 'MASE', meaning: t.meanings.mase, of: (m) => m.mase },
];

/** Fills the table: a row per score, a column for the model and for each guess, the best of a row marked. */
export function fillScores(table: HTMLTableElement, forecast: Forecast | undefined): void {
  const guesses = forecast && rulesOf(forecast.baselines, forecast.season);
  const columns = guesses ? [forecast.metrics, ...guesses.map(({ score }) => score.metrics)] : [null, null];
  const names = [t.errorTestPart, t.model, ...(guesses ?? [{ season: 1 }]).map((guess) => guessName(t, guess.season))];
  const head = document.createElement('tr');
  for (const name of names) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = name;
    head.append(cell);
  }
  const rows = SCORES.map(({ name, meaning, of, unit = '' }) => {
    const values = columns.map((metrics) => metrics && of(metrics));
    const cells = values.map((value) => (value == null ? '–' : formatScore(value) + unit));
    const row = tableRow(
      [name, ...cells],
      bestPlaces(values).map((place) => place + 1),
    );
    row.cells[0]!.title = meaning;
    row.dataset.testid = `score-${name.toLowerCase()}`;
    return row;
  });
  table.createTHead().replaceChildren(head);
  (table.tBodies[0] ?? table.createTBody()).replaceChildren(...rows);
}

/** One plain sentence: better or worse than the best guess, and by how much. */
export function verdictOn(forecast: Forecast | undefined): string {
  if (!forecast) return t.verdictBefore;
  const { metrics, baselines } = forecast;
  const rules = rulesOf(baselines, forecast.season).map(({ season, score }) => ({ season, mae: score.metrics.mae }));
  return verdictText(verdictOf(metrics.mae, rules), t, { score: formatScore, percent: formatPercent });
}
