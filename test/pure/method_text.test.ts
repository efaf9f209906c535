import { describe, expect, test } from 'vitest';
import { forecastEn, forecastPt } from '../../demo/forecast/texts.ts';
import { inferFrequency } from '../../src/data/frequency.ts';
import type { ForecastMethod } from '../../src/recipe/method_names.ts';
import type { ForecastResult } from '../../src/recipe/plan.ts';
import { numberFormats } from '../../src/report/format.ts';
import { methodEnglish, methodsText, methodText, repeatsText, spanText } from '../../src/report/method_text.ts';

const english = numberFormats('en');
const portuguese = numberFormats('pt-BR');

/** The rows of a series at some moments. */
const dated = (moments: number[]) => ({ moments: Float64Array.from(moments) });
const rowsFrom = (momentOf: (row: number) => number) => dated(Array.from({ length: 30 }, (_, row) => momentOf(row)));
const hours = (count: number) => rowsFrom((row) => Date.UTC(2024, 0, 1) + 36e5 * count * row);
const days = (count: number) => rowsFrom((row) => Date.UTC(2024, 0, 1 + count * row));
const months = (count: number) => rowsFrom((row) => Date.UTC(2000, count * row));
const weekdays = rowsFrom((row) => Date.UTC(2024, 0, 1 + row + 2 * Math.floor(row / 5))); // from a Monday on

/** The description of a forecast, in the command and on the page. */
function textsOf(
  method: ForecastMethod,
  mases: Partial<Record<ForecastMethod, number | null>>,
  { folds = 3, horizon = 12, season = 12, series = months(1) as Parameters<typeof methodText>[1] } = {},
) {
  const scores = Object.entries(mases).map(([name, mase]) => ({ method: name as ForecastMethod, mae: 10, mase }));
  const result = { method, scores, folds, season, predicted: new Float64Array(horizon) } as ForecastResult;
  return {
    command: methodText(result, series),
    en: methodText(result, series, forecastEn, english),
    pt: methodText(result, series, forecastPt, portuguese),
  };
}

describe('the method of a forecast', () => {
  test.each([
    [
      'the model, compared with the naive rule and the best other method',
      textsOf('model', { model: 0.8, ets: 1, seasonalNaive: 2 }),
      'The LSTM forecasts this series best. In 3 tests on the most recent data, 12 months ahead each, its error was 60% smaller ' +
        'than that of repeating the last year and 20% smaller than that of the next best method.',
      'O método que melhor prevê esta série é a LSTM. Em 3 testes com os dados mais recentes, cada um de 12 meses, errou 60% menos ' +
        'que repetir o último ano e 20% menos que o segundo melhor método.',
    ],
    [
      'the model, with the rule as the next best',
      textsOf('model', { model: 0.5, seasonalNaive: 1 }, { horizon: 7, season: 7, series: days(1) }),
      'The LSTM forecasts this series best. In 3 tests on the most recent data, 7 days ahead each, its error was 50% smaller than ' +
        'that of repeating the last week.',
      'O método que melhor prevê esta série é a LSTM. Em 3 testes com os dados mais recentes, cada um de 7 dias, errou 50% menos ' +
        'que repetir a última semana.',
    ],
    [
      'a statistical method, compared with the model, in one test of one step',
      textsOf('theta', { theta: 0.985, model: 1 }, { folds: 1, horizon: 1 }),
      'The theta method forecasts this series best. In a test on the most recent data, 1 month ahead, its error was 1.5% smaller ' +
        'than that of the LSTM.',
      'O método que melhor prevê esta série é o método theta. Em um teste com os dados mais recentes, de 1 mês, errou 1,5% menos que ' +
        'a LSTM.',
    ],
    [
      'the model, though another one was better, without dates',
      textsOf('model', { drift: 1, model: 1.25 }, { folds: 2, horizon: 1000, series: { moments: undefined } }),
      'Forecast by the LSTM. In 2 tests on the most recent data, 1,000 steps ahead each, its error was 25% larger than that of the ' +
        'drift method.',
      'Método usado: a LSTM. Em 2 testes com os dados mais recentes, cada um de 1.000 passos, errou 25% mais que o método da deriva.',
    ],
    [
      'one of two equally good ones',
      textsOf('movingAverage', { movingAverage: null, seasonalNaive: null }),
      'No method forecasts this series better than the moving average. In 3 tests on the most recent data, 12 months ahead each, its ' +
        'error was as large as that of repeating the last year.',
      'Nenhum método prevê esta série melhor do que a média móvel. Em 3 testes com os dados mais recentes, cada um de 12 meses, errou ' +
        'tanto quanto repetir o último ano.',
    ],
    [
      'the best by less than is worth a word, though not compared with the second',
      textsOf('ets', { ets: 1, theta: 1.001, naive: 2, model: 1.25 }),
      'No method forecasts this series better than exponential smoothing (ETS). In 3 tests on the most recent data, 12 months ahead ' +
        'each, its error was 50% smaller than that of repeating the last value and 20% smaller than that of the LSTM.',
      'Nenhum método prevê esta série melhor do que a suavização exponencial (ETS). Em 3 testes com os dados mais recentes, cada um de ' +
        '12 meses, errou 50% menos que repetir o último valor e 20% menos que a LSTM.',
    ],
    [
      'a rule that only repeats',
      textsOf('seasonalNaive', { seasonalNaive: 1, model: 2 }, { horizon: 24, season: 24, series: hours(1) }),
      'Repeating the last day forecasts this series best. In 3 tests on the most recent data, 24 hours ahead each, its error was 50% ' +
        'smaller than that of the LSTM.',
      'O método que melhor prevê esta série é repetir o último dia. Em 3 testes com os dados mais recentes, cada um de 24 horas, errou ' +
        '50% menos que a LSTM.',
    ],
    [
      'the model, compared with one that was never wrong',
      textsOf('model', { naive: 0, model: 1 }),
      'Forecast by the LSTM. In 3 tests on the most recent data, 12 months ahead each, its error was larger than that of repeating the ' +
        'last value (0).',
      'Método usado: a LSTM. Em 3 testes com os dados mais recentes, cada um de 12 meses, errou mais que repetir o último valor ' +
        '(erro 0).',
    ],
    ['the only one that was scored', textsOf('ets', { ets: 1 }), 'Forecast by exponential smoothing (ETS).', undefined],
    [
      'one without scores',
      textsOf('naive', {}),
      'Forecast by repeating the last value: there are too few rows to test the methods on.',
      'Método usado: repetir o último valor; há poucas linhas para testar os métodos.',
    ],
  ])('is described by the command and the page: %s', (_, { command, en, pt }, inEnglish, inPortuguese) => {
    expect(command).toBe(inEnglish);
    expect(en).toBe(inEnglish);
    if (inPortuguese) expect(pt).toBe(inPortuguese);
  });

  test('names other columns that it does not read', () => {
    const series = { moments: undefined, past: { visits: new Float64Array() }, future: {} };
    const ignored = /The other columns do not affect this forecast: its method reads only the series\.$/;
    expect(textsOf('ets', { ets: 1, model: 2 }, { series }).command).toMatch(ignored);
    expect(textsOf('naive', {}, { series }).command).toMatch(ignored);
    expect(textsOf('ets', { ets: 1, model: 2 }, { series }).pt).toMatch(/As outras colunas não afetam esta previsão/);
    for (const method of ['model', 'modelAndEts'] as const)
      expect(textsOf(method, { [method]: 1, ets: 2 }, { series }).command).not.toMatch(/columns/);
    const results = [{ method: 'ets' }, { method: 'model' }] as ForecastResult[];
    expect(methodsText(results, series)).toMatch(/ series: .+\. The other columns affect only those by the LSTM/);
    expect(methodsText(results, {})).not.toMatch(/columns/);
    expect(methodsText(results.slice(1), series)).not.toMatch(/columns/);
  });
});

test.each([
  [days(1), 7, '7 days', '7 dias', 'the last week', 'a última semana'],
  [days(1), 365, '365 days', '365 dias', 'the last year', 'o último ano'],
  [days(1), 10, '10 days', '10 dias', 'the values of 10 days earlier', 'os valores de 10 dias atrás'],
  [days(7), 52, '52 weeks', '52 semanas', 'the last year', 'o último ano'],
  [weekdays, 5, '5 weekdays', '5 dias úteis', 'the last week', 'a última semana'],
  [months(1), 12, '12 months', '12 meses', 'the last year', 'o último ano'],
  [months(3), 4, '4 quarters', '4 trimestres', 'the last year', 'o último ano'],
  [months(12), 5, '5 years', '5 anos', 'the values of 5 years earlier', 'os valores de 5 anos atrás'],
  [hours(1), 168, '168 hours', '168 horas', 'the last week', 'a última semana'],
  [hours(0.25), 96, '24 hours', '24 horas', 'the last day', 'o último dia'],
  [hours(0.25), 5, '75 minutes', '75 minutos', 'the values of 75 minutes earlier', 'os valores de 75 minutos atrás'],
  [dated([0, 1, 2, 3]), 4, '4 steps', '4 passos', 'the values of 4 steps earlier', 'os valores de 4 passos atrás'],
  [{ moments: undefined }, 1, '1 step', '1 passo', 'the values of 1 step earlier', 'os valores de 1 passo atrás'],
] as const)('the rows of a season have the unit of the calendar: %#', (series, rows, en, pt, lastEn, lastPt) => {
  const step = series.moments && inferFrequency(series.moments);
  expect(spanText(rows, step, methodEnglish, english)).toBe(en);
  expect(spanText(rows, step, forecastPt, portuguese)).toBe(pt);
  expect(repeatsText('seasonalNaive', rows, step, methodEnglish, english)).toBe(`repeating ${lastEn}`);
  expect(repeatsText('seasonalNaive', rows, step, forecastPt, portuguese)).toBe(`repetir ${lastPt}`);
});
