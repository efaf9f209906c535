import { type ForecastMetrics, forecastMetrics } from '../data/metrics.ts';
import type { Evaluation } from '../forecast/evaluation.ts';
import { toCsv } from './output.ts';

/** A score of the model, and of the naive forecast on the same rows. */
export interface Score {
  name: string;
  unit: string;
  /** Null where it cannot be told, see ForecastMetrics. */
  model: number | null;
  naive: number | null;
}

/** Closer than this to the naive forecast is a draw. */
const DRAW = 0.005;

/** The scores people look at, model beside naive. @param values the series that was fitted. */
export function compareScores({ firstRow, actual, naive, metrics }: Evaluation, values: Float64Array): Score[] {
  const trainActual = values.subarray(0, firstRow);
  const guess = forecastMetrics({ actual, predicted: naive, naive, trainActual });
  const score = (name: string, of: (metrics: ForecastMetrics) => number | null, unit = ''): Score => ({
    name,
    unit,
    model: of(metrics),
    naive: of(guess),
  });
  return [
    score('RMSE', (m) => m.rmse),
    score('MAE', (m) => m.mae),
    score('MAPE', (m) => m.mape, ' %'),
    score('MASE', (m) => m.mase),
  ];
}

/** One plain sentence: better or worse than the naive forecast, and by how much. */
export function verdict({ mae, naiveMae, relativeMae }: ForecastMetrics): string {
  if (relativeMae === null) return 'The test rows do not move, so the naive forecast (tomorrow = today) never misses.';
  const misses = `it misses by ${formatScore(mae)} on average, the naive forecast by ${formatScore(naiveMae)}`;
  const naive = 'the naive forecast (tomorrow = today)';
  if (Math.abs(relativeMae - 1) < DRAW) return `As good as ${naive}: ${misses}.`;
  if (relativeMae < 1) return `Better than ${naive}: ${misses}, so its error is ${percent(1 - relativeMae)} smaller.`;
  if (relativeMae >= 2)
    return `Worse than ${naive}: ${misses}, so its error is ${relativeMae.toPrecision(2)} times as large.`;
  return `Worse than ${naive}: ${misses}, so its error is ${percent(relativeMae - 1)} larger.`;
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

const significant = new Intl.NumberFormat('en', { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 4 significant digits, all of them before the point; powers of ten where they would drown in zeros. */
function formatScore(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-6 || size >= 1e15)) return value.toExponential(2);
  return (size < 1000 ? significant : whole).format(value);
}

/** The scores as a table in letters. */
export function scoreTable(scores: readonly Score[]): string {
  const rows = scores.map(({ name, unit, model, naive }) =>
    [model, naive].reduce((line, value) => line + cellOf(value, unit).padStart(14), `  ${name.padEnd(6)}`),
  );
  return [`${' '.repeat(8)}${'model'.padStart(14)}${'naive'.padStart(14)}`, ...rows].join('\n');
}

export const cellOf = (value: number | null, unit: string): string =>
  value === null ? '–' : `${formatScore(value)}${unit}`;

/**
 * The test part, a row each: rows count from 1 over those that were used; the date only where the file has dates; the
 * spread over the members only for an ensemble.
 */
export function predictionsCsv(
  { firstRow, actual, predicted, naive, quantiles }: Evaluation,
  dates?: readonly string[],
): string {
  const header = [
    'row',
    ...(dates ? ['date'] : []),
    'actual',
    'predicted',
    'naive',
    ...quantiles.map(({ level }) => `q${level}`),
  ];
  const rows = Array.from(actual, (value, k) => {
    const date = dates ? [dates[firstRow + k]!] : [];
    return [firstRow + k + 1, ...date, value, predicted[k]!, naive[k]!, ...quantiles.map(({ values }) => values[k]!)];
  });
  return toCsv(header, rows);
}
