import { type Frequency, inferFrequency } from '../data/frequency.ts';
import type { ForecastMethod } from '../recipe/method_names.ts';
import type { ForecastResult } from '../recipe/plan.ts';
import { errorOf, type MethodScore } from '../recipe/scores.ts';
import { english, type NumberFormats } from './format.ts';
import { type Span, spanOf, wholeUnitOf } from './span.ts';

/** Methods in words. */
export const METHODS: Readonly<Record<ForecastMethod, string>> = {
  model: 'the LSTM',
  modelAndEts: 'the mean of the LSTM and exponential smoothing',
  ets: 'exponential smoothing (ETS)',
  stlEts: 'exponential smoothing after STL',
  theta: 'the theta method',
  seasonalNaive: 'the seasonal naive forecast',
  naive: 'the naive forecast',
  drift: 'the drift method',
  movingAverage: 'the moving average',
};

/** Units that Intl has no words for. */
type OwnUnit = 'quarter' | 'weekday' | 'step';

/** The method of a forecast, in the words of a language. `method`, `rival`: names within a sentence. */
export interface MethodWords {
  methods: Readonly<Record<ForecastMethod, string>>;
  /** The naive forecast. */
  methodRepeatsValue: string;
  /** The seasonal naive forecast, of a season that is one such unit, and of any other. */
  methodRepeatsUnit: (unit: NonNullable<ReturnType<typeof wholeUnitOf>>) => string;
  methodRepeatsSpan: (span: string) => string;
  /** @param written the number as text. */
  spans: Readonly<Record<OwnUnit, (count: number, written: string) => string>>;
  methodUnscored: (method: string) => string;
  /** The first sentence: no other method is as good, one is, or one is better. */
  methodBest: (method: string) => string;
  methodTied: (method: string) => string;
  methodChosen: (method: string) => string;
  /** The second sentence. @param errors compared with one or two other methods: texts of the last four. */
  methodTests: (tests: number, span: string, errors: readonly string[]) => string;
  /** The last sentence, if there are other columns that the method does not read. */
  methodIgnores: string;
  methodNext: string;
  /** The rival was never wrong. */
  methodNever: (rival: string) => string;
  methodAlike: (rival: string) => string;
  methodBetter: (rival: string, percent: string) => string;
  methodWorse: (rival: string, percent: string) => string;
}

/** The words of the command. */
export const methodEnglish: MethodWords = {
  methods: METHODS,
  methodRepeatsValue: 'repeating the last value',
  methodRepeatsUnit: (unit) => `repeating the last ${unit}`,
  methodRepeatsSpan: (span) => `repeating the values of ${span} earlier`,
  spans: {
    quarter: (count, written) => `${written} ${count === 1 ? 'quarter' : 'quarters'}`,
    weekday: (count, written) => `${written} ${count === 1 ? 'weekday' : 'weekdays'}`,
    step: (count, written) => `${written} ${count === 1 ? 'step' : 'steps'}`,
  },
  methodUnscored: (method) => `Forecast by ${method}: there are too few rows to test the methods on.`,
  methodBest: (method) => `${method[0]!.toUpperCase()}${method.slice(1)} forecasts this series best.`,
  methodTied: (method) => `No method forecasts this series better than ${method}.`,
  methodChosen: (method) => `Forecast by ${method}.`,
  methodTests: (tests, span, errors) =>
    `In ${tests === 1 ? 'a test' : `${tests} tests`} on the most recent data, ${span} ahead${tests === 1 ? '' : ' each'}, its error ` +
    `was ${errors.join(' and ')}.`,
  methodIgnores: 'The other columns do not affect this forecast: its method reads only the series.',
  methodNext: 'the next best method',
  methodNever: (rival) => `larger than that of ${rival} (0)`,
  methodAlike: (rival) => `as large as that of ${rival}`,
  methodBetter: (rival, percent) => `${percent} smaller than that of ${rival}`,
  methodWorse: (rival, percent) => `${percent} larger than that of ${rival}`,
};

type Numbers = Pick<NumberFormats, 'count' | 'percent' | 'units'>;
type Step = Frequency | undefined;
type WithColumns = Partial<Record<'past' | 'future', Readonly<Record<string, unknown>>>>;

/** Methods that read other columns than the series. */
const READ_COLUMNS: readonly ForecastMethod[] = ['model', 'modelAndEts'];
const hasColumns = ({ past, future }: WithColumns): boolean => Object.keys({ ...past, ...future }).length > 0;

/** Two errors whose ratio is nearer to 1 than this are as good as equal. */
const ALIKE = 0.005;
const isAlike = (ratio: number): boolean => Number.isNaN(ratio) || Math.abs(ratio - 1) < ALIKE;
const ratioOf = (own: MethodScore, rival: MethodScore): number => errorOf(own) / errorOf(rival);

/** The length of some rows. @param step from row to row. */
export function spanText(rows: number, step: Step, words: Pick<MethodWords, 'spans'>, format: Numbers): string {
  const { count, unit }: Span = spanOf(rows, step);
  const own = words.spans[unit as OwnUnit] as MethodWords['spans'][OwnUnit] | undefined;
  return own ? own(count, format.count(count)) : format.units(count, unit);
}

/** What a method repeats, of those that only repeat; undefined of the others. */
export function repeatsText(
  method: ForecastMethod,
  season: number,
  step: Step,
  words: MethodWords,
  format: Numbers,
): string | undefined {
  if (method === 'naive') return words.methodRepeatsValue;
  if (method !== 'seasonalNaive') return undefined;
  const unit = wholeUnitOf(season, step);
  return unit ? words.methodRepeatsUnit(unit) : words.methodRepeatsSpan(spanText(season, step, words, format));
}

/**
 * The method of a forecast, and its error from origins before the end: compared with the naive rule, and with the model, or, if the
 * model forecasts, with the best of the others. @param series that was forecast.
 */
export function methodText(
  result: Pick<ForecastResult, 'method' | 'scores' | 'folds' | 'predicted' | 'season'>,
  series: WithColumns & { moments: Float64Array | undefined },
  words: MethodWords = methodEnglish,
  format: Numbers = english,
): string {
  const ignores = hasColumns(series) && !READ_COLUMNS.includes(result.method);
  const step = series.moments && inferFrequency(series.moments);
  return [...scoreSentences(result, step, words, format), ...(ignores ? [words.methodIgnores] : [])].join(' ');
}

function scoreSentences(
  result: Parameters<typeof methodText>[0],
  step: Step,
  words: MethodWords,
  format: Numbers,
): string[] {
  const { method, scores, folds, predicted, season } = result;
  const nameOf = (name: ForecastMethod) => repeatsText(name, season, step, words, format) ?? words.methods[name];
  const scoreOf = (name: ForecastMethod) => scores.find((score) => score.method === name);
  const own = scoreOf(method);
  if (!own) return [words.methodUnscored(nameOf(method))];
  const [best, second] = scores;
  const others = scores.filter((score) => score !== own);
  const isBest = own === best && second !== undefined;
  const lead = !isBest ? words.methodChosen : isAlike(ratioOf(own, second)) ? words.methodTied : words.methodBest;
  const rule = scoreOf('seasonalNaive') ?? scoreOf('naive');
  const rivals = new Set([rule, method === 'model' ? others[0] : (scoreOf('model') ?? others[0])]);
  const errors = [...rivals].flatMap((rival) => {
    if (!rival || rival === own) return [];
    const isNext = isBest && rival === second && rival !== rule && rival.method !== 'model';
    return [comparison(ratioOf(own, rival), isNext ? words.methodNext : nameOf(rival.method), words, format)];
  });
  const first = lead(nameOf(method));
  if (errors.length === 0) return [first];
  return [first, words.methodTests(folds, spanText(predicted.length, step, words, format), errors)];
}

function comparison(ratio: number, rival: string, words: MethodWords, format: Pick<NumberFormats, 'percent'>): string {
  if (ratio === Infinity) return words.methodNever(rival);
  if (isAlike(ratio)) return words.methodAlike(rival);
  return (ratio < 1 ? words.methodBetter : words.methodWorse)(rival, format.percent(Math.abs(ratio - 1)));
}

/** For several series, the number of forecasts of each method. @param series one of them: all have the same columns. */
export function methodsText(results: readonly ForecastResult[], series: WithColumns): string {
  const methods = Object.keys(METHODS) as ForecastMethod[];
  const counts = methods.map((name) => ({ name, count: results.filter(({ method }) => method === name).length }));
  const parts = counts
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
    .map(({ name, count }) => `${english.count(count)} by ${METHODS[name]}`);
  const ignore = hasColumns(series) && results.some(({ method }) => !READ_COLUMNS.includes(method));
  const more = ignore ? ' The other columns affect only those by the LSTM, alone or in a mean.' : '';
  return `Forecasts of ${english.count(results.length)} series: ${parts.join(', ')}.${more}`;
}
