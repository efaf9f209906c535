import type { ForecastMetrics } from '../src/index.ts';
import { tableRow } from './elements.ts';
import { formatPercent, formatScore } from './format.ts';
import type { Forecast } from './protocol.ts';
import { t } from './texts/index.ts';

/** Closer than this to a guess is a draw. */
const DRAW = 0.005;

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

/** What a guess that looks `season` rows back is called. */
export const guessName = (season: number): string => (season === 1 ? t.naive : t.seasonalNaive(season));

/** Fills the table: a row per score, a column for the model and for each guess, the best of a row marked. */
export function fillScores(table: HTMLTableElement, forecast: Forecast | undefined): void {
  const columns = forecast ? [forecast.model, ...forecast.guesses.map(({ metrics }) => metrics)] : [null, null];
  const names = [
    t.errorTestPart,
    t.model,
    ...(forecast?.guesses ?? [{ season: 1 }]).map((guess) => guessName(guess.season)),
  ];
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
    const known = values.filter((value) => value != null);
    const best = Math.min(...known);
    const stands = known.length > 1 && known.some((value) => value !== best);
    const row = tableRow([name, ...cells], stands ? [values.indexOf(best) + 1] : []);
    row.cells[0]!.title = meaning;
    row.dataset.testid = `score-${name.toLowerCase()}`;
    return row;
  });
  table.createTHead().replaceChildren(head);
  (table.tBodies[0] ?? table.createTBody()).replaceChildren(...rows);
}

/** One plain sentence: better or worse than the best guess, and by how much. */
export function verdictOf(forecast: Forecast | undefined): string {
  if (!forecast) return t.verdictBefore;
  const guess = forecast.guesses.reduce((best, other) => (other.metrics.mae < best.metrics.mae ? other : best));
  if (guess.metrics.mae === 0) return t.verdictFlat;
  const ratio = forecast.model.mae / guess.metrics.mae;
  const sizes = t.verdictSizes(
    formatScore(forecast.model.mae),
    guessName(guess.season),
    formatScore(guess.metrics.mae),
  );
  if (Math.abs(ratio - 1) < DRAW) return t.verdictDraw(sizes);
  if (ratio < 1) return t.verdictBetter(sizes, formatPercent(1 - ratio));
  if (ratio >= 2) return t.verdictMuchWorse(sizes, formatScore(ratio));
  return t.verdictWorse(sizes, formatPercent(ratio - 1));
}
