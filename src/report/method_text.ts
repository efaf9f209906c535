import type { ForecastResult, MethodScore } from '../recipe/forecast.ts';
import type { ForecastMethod } from '../recipe/methods.ts';
import { english } from './format.ts';

/** Methods in words. */
export const METHODS: Readonly<Record<ForecastMethod, string>> = {
  model: 'the LSTM',
  ets: 'exponential smoothing (ETS)',
  theta: 'the theta method',
  seasonalNaive: 'the seasonal naive forecast',
  naive: 'the naive forecast',
  drift: 'drift',
  movingAverage: 'the moving average',
};

/** What a forecast is from, and how good that was from origins before the end. */
export function methodText({ method, scores, folds, predicted }: ForecastResult): string {
  const own = scores.find((score) => score.method === method);
  const others = scores.filter((score) => score.method !== method);
  const rival = method === 'model' ? others[0] : (others.find((score) => score.method === 'model') ?? others[0]);
  if (!own || !rival) return `Forecast by ${METHODS[method]}: there are too few rows to score methods on.`;
  const rows = `${english.count(predicted.length)} ${predicted.length === 1 ? 'row' : 'rows'} ahead`;
  const where = `from ${english.count(folds)} ${folds === 1 ? 'origin' : 'origins'} before the end, ${rows}`;
  const beside = rival.method === 'model' ? METHODS.model : `the best other method, ${METHODS[rival.method]}`;
  return `Forecast by ${METHODS[method]}: ${where}, its error was ${comparison(own, rival)} that of ${beside}.`;
}

const errorOf = ({ mase, mae }: MethodScore): number => mase ?? mae;

function comparison(own: MethodScore, rival: MethodScore): string {
  const ratio = errorOf(own) / errorOf(rival);
  if (!Number.isFinite(ratio) || Math.abs(ratio - 1) < 0.005) return 'as large as';
  return `${english.percent(Math.abs(ratio - 1))} ${ratio < 1 ? 'smaller' : 'larger'} than`;
}

/** Of several series, how many forecasts are from which method. */
export function methodsText(results: readonly ForecastResult[]): string {
  const methods = Object.keys(METHODS) as ForecastMethod[];
  const counts = methods.map((name) => ({ name, count: results.filter(({ method }) => method === name).length }));
  const parts = counts
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
    .map(({ name, count }) => `${english.count(count)} by ${METHODS[name]}`);
  return `Forecasts of ${english.count(results.length)} series: ${parts.join(', ')}.`;
}
