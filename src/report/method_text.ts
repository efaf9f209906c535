import type { ForecastMethod } from '../recipe/methods.ts';
import type { ForecastResult } from '../recipe/plan.ts';
import { errorOf, type MethodScore } from '../recipe/scores.ts';
import { english } from './format.ts';

/** Methods in words. */
export const METHODS: Readonly<Record<ForecastMethod, string>> = {
  model: 'the LSTM',
  modelAndEts: 'the mean of the LSTM and exponential smoothing',
  ets: 'exponential smoothing (ETS)',
  stlEts: 'exponential smoothing after STL',
  theta: 'the theta method',
  seasonalNaive: 'the seasonal naive forecast',
  naive: 'the naive forecast',
  drift: 'drift',
  movingAverage: 'the moving average',
};

/** What a forecast is from, and how good that was from origins before the end, beside a rule without a model and the best rival. */
export function methodText({ method, scores, folds, predicted }: ForecastResult): string {
  const scoreOf = (name: ForecastMethod) => scores.find((score) => score.method === name);
  const own = scoreOf(method);
  if (!own) return `Forecast by ${METHODS[method]}: there are too few rows to score methods on.`;
  const rule = scoreOf('seasonalNaive') ?? scoreOf('naive');
  const best = scores.find((score) => score.method !== method);
  const rivals = [rule, method === 'model' ? best : (scoreOf('model') ?? best)].filter(
    (score) => score !== undefined && score !== own,
  ) as MethodScore[];
  const rows = `${english.count(predicted.length)} ${predicted.length === 1 ? 'row' : 'rows'} ahead`;
  const where = `from ${english.count(folds)} ${folds === 1 ? 'origin' : 'origins'} before the end, ${rows}`;
  const beside = [...new Set(rivals)].map((rival) => `${comparison(own, rival)} that of ${METHODS[rival.method]}`);
  return `Forecast by ${METHODS[method]}: ${where}, its error was ${beside.join(', and ')}.`;
}

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
