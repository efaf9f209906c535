import type { ForecastMetrics } from '../src/index.ts';
import { tableRow } from './elements.ts';
import { formatScore } from './format.ts';
import type { Forecast } from './protocol.ts';

/** Closer than this to the naive forecast is a draw. */
const DRAW = 0.005;

interface Score {
  name: string;
  /** What it means, as a tooltip. */
  meaning: string;
  of: (metrics: ForecastMetrics) => number | null;
  unit?: string;
}

const SCORES: readonly Score[] = [
  { name: 'RMSE', meaning: 'Root of the mean squared error, in the units of the series', of: (m) => m.rmse },
  { name: 'MAE', meaning: 'Mean absolute error, in the units of the series', of: (m) => m.mae },
  { name: 'MAPE', meaning: 'Mean absolute error in percent of the actual value', of: (m) => m.mape, unit: ' %' },
  {
    name: 'MASE',
    meaning: 'Mean absolute error, divided by that of “tomorrow = today” on the training part',
    of: (m) => m.mase,
  },
];

/** Fills the table: a row per score, the better one marked. */
export function fillScores(body: HTMLElement, forecast: Forecast | undefined): void {
  const rows = SCORES.map(({ name, meaning, of, unit = '' }) => {
    const values = forecast ? [of(forecast.model), of(forecast.guess)] : [null, null];
    const [model, guess] = values;
    const cells = values.map((value) => (value == null ? '–' : formatScore(value) + unit));
    const comparable = model != null && guess != null && model !== guess;
    const row = tableRow([name, ...cells], comparable ? [model < guess ? 1 : 2] : []);
    row.cells[0]!.title = meaning;
    row.dataset.testid = `score-${name.toLowerCase()}`;
    return row;
  });
  body.replaceChildren(...rows);
}

/** One plain sentence: better or worse than guessing, and by how much. */
export function verdictOf(forecast: Forecast | undefined): string {
  if (!forecast) return 'After training, the model meets the plainest forecast there is: tomorrow = today.';
  const { relativeMae, mae, naiveMae } = forecast.model;
  if (relativeMae === null) return 'The test part does not move, so “tomorrow = today” is never wrong there.';
  const sizes = `it misses by ${formatScore(mae)} on average, “tomorrow = today” by ${formatScore(naiveMae)}`;
  if (Math.abs(relativeMae - 1) < DRAW) return `As good as guessing: ${sizes}.`;
  if (relativeMae < 1) return `Better than guessing: ${sizes}, so its error is ${percent(1 - relativeMae)} smaller.`;
  if (relativeMae >= 2)
    return `Worse than guessing: ${sizes}, so its error is ${relativeMae.toPrecision(2)} times as large.`;
  return `Worse than guessing: ${sizes}, so its error is ${percent(relativeMae - 1)} larger.`;
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
