import type { ForecastMethod } from '../recipe/method_names.ts';
import type { ForecastResult } from '../recipe/plan.ts';
import { errorOf, type MethodScore } from '../recipe/scores.ts';
import { english, type NumberFormats } from './format.ts';

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

/** The method of a forecast, in the words of a language. `method`, `rival`: as in `methods`. */
export interface MethodWords {
  /** Within a sentence. */
  methods: Readonly<Record<ForecastMethod, string>>;
  methodUnscored: (method: string) => string;
  /** @param from text of `methodFrom`. @param errors compared with one or two other methods: texts of the last four. */
  methodScored: (method: string, from: string, errors: readonly string[]) => string;
  /** @param written the number of steps ahead as text. */
  methodFrom: (origins: number, rows: number, written: string) => string;
  /** The rival was never wrong. */
  methodNever: (rival: string) => string;
  methodAlike: (rival: string) => string;
  methodBetter: (rival: string, percent: string) => string;
  methodWorse: (rival: string, percent: string) => string;
}

/** The words of the command. */
export const methodEnglish: MethodWords = {
  methods: METHODS,
  methodUnscored: (method) => `Forecast by ${method}: there are too few rows to score methods on.`,
  methodScored: (method, from, errors) => `Forecast by ${method}: ${from}, its error was ${errors.join(', and ')}.`,
  methodFrom: (origins, rows, written) =>
    `from ${origins} ${origins === 1 ? 'origin' : 'origins'} before the end, ${written} ${rows === 1 ? 'step' : 'steps'} ahead`,
  methodNever: (rival) => `larger than that of ${rival}, which was never wrong`,
  methodAlike: (rival) => `as large as that of ${rival}`,
  methodBetter: (rival, percent) => `${percent} smaller than that of ${rival}`,
  methodWorse: (rival, percent) => `${percent} larger than that of ${rival}`,
};

/**
 * The method of a forecast, and its error from origins before the end: compared with the naive rule, and with the model, or, if the
 * model forecasts, with the best of the others.
 */
export function methodText(
  { method, scores, folds, predicted }: Pick<ForecastResult, 'method' | 'scores' | 'folds' | 'predicted'>,
  words: MethodWords = methodEnglish,
  format: Pick<NumberFormats, 'count' | 'percent'> = english,
): string {
  const scoreOf = (name: ForecastMethod) => scores.find((score) => score.method === name);
  const own = scoreOf(method);
  const name = words.methods[method];
  if (!own) return words.methodUnscored(name);
  const best = scores.find((score) => score !== own);
  const rule = scoreOf('seasonalNaive') ?? scoreOf('naive');
  const rivals = new Set([rule, method === 'model' ? best : (scoreOf('model') ?? best)]);
  const from = words.methodFrom(folds, predicted.length, format.count(predicted.length));
  const errors = [...rivals].flatMap((rival) =>
    rival && rival !== own ? [comparison(own, rival, words, format)] : [],
  );
  return words.methodScored(name, from, errors);
}

function comparison(
  own: MethodScore,
  rival: MethodScore,
  words: MethodWords,
  format: Pick<NumberFormats, 'percent'>,
): string {
  const ratio = errorOf(own) / errorOf(rival);
  const rivalName = words.methods[rival.method];
  if (ratio === Infinity) return words.methodNever(rivalName);
  if (Number.isNaN(ratio) || Math.abs(ratio - 1) < 0.005) return words.methodAlike(rivalName);
  const percent = format.percent(Math.abs(ratio - 1));
  return (ratio < 1 ? words.methodBetter : words.methodWorse)(rivalName, percent);
}

/** For several series, the number of forecasts of each method. */
export function methodsText(results: readonly ForecastResult[]): string {
  const methods = Object.keys(METHODS) as ForecastMethod[];
  const counts = methods.map((name) => ({ name, count: results.filter(({ method }) => method === name).length }));
  const parts = counts
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
    .map(({ name, count }) => `${english.count(count)} by ${METHODS[name]}`);
  return `Forecasts of ${english.count(results.length)} series: ${parts.join(', ')}.`;
}
