import { describe, expect, test } from 'vitest';
import { forecastEn, forecastPt } from '../../demo/forecast/texts.ts';
import type { ForecastMethod } from '../../src/recipe/method_names.ts';
import type { ForecastResult } from '../../src/recipe/plan.ts';
import { numberFormats } from '../../src/report/format.ts';
import { methodText } from '../../src/report/method_text.ts';

/** The description of a forecast, in the command and on the page. */
function textsOf(
  method: ForecastMethod,
  mases: Partial<Record<ForecastMethod, number | null>>,
  folds = 3,
  horizon = 12,
) {
  const scores = Object.entries(mases).map(([name, mase]) => ({ method: name as ForecastMethod, mae: 10, mase }));
  const result = { method, scores, folds, predicted: new Float64Array(horizon) } as ForecastResult;
  return {
    command: methodText(result),
    en: methodText(result, forecastEn, numberFormats('en')),
    pt: methodText(result, forecastPt, numberFormats('pt-BR')),
  };
}

describe('the method of a forecast', () => {
  test.each([
    [
      'the model, compared with the naive rule and the best other method',
      textsOf('model', { model: 0.8, ets: 1, naive: 2 }),
      'Forecast by the LSTM: from 3 origins before the end, 12 steps ahead, its error was 60% smaller than that of the naive ' +
        'forecast, and 20% smaller than that of exponential smoothing (ETS).',
      'Método escolhido: a LSTM; a partir de 3 origens antes do fim, 12 passos à frente, errou 60% menos que o método ingênuo, ' +
        'e errou 20% menos que a suavização exponencial (ETS).',
    ],
    [
      'a statistical method, compared with the model',
      textsOf('theta', { theta: 0.985, model: 1 }, 1, 1),
      'Forecast by the theta method: from 1 origin before the end, 1 step ahead, its error was 1.5% smaller than that of the LSTM.',
      'Método escolhido: o método theta; a partir de 1 origem antes do fim, 1 passo à frente, errou 1,5% menos que a LSTM.',
    ],
    [
      'the model, though it was worse',
      textsOf('model', { drift: 1, model: 1.25 }, 2, 1000),
      'Forecast by the LSTM: from 2 origins before the end, 1,000 steps ahead, its error was 25% larger than that of drift.',
      'Método escolhido: a LSTM; a partir de 2 origens antes do fim, 1.000 passos à frente, errou 25% mais que o método da deriva.',
    ],
    [
      'one of two equally good ones',
      textsOf('movingAverage', { movingAverage: null, seasonalNaive: null }),
      'Forecast by the moving average: from 3 origins before the end, 12 steps ahead, its error was as large as that of the ' +
        'seasonal naive forecast.',
      'Método escolhido: a média móvel; a partir de 3 origens antes do fim, 12 passos à frente, errou tanto quanto o método ' +
        'ingênuo sazonal.',
    ],
    [
      'the model, compared with one that was never wrong',
      textsOf('model', { naive: 0, model: 1 }),
      'Forecast by the LSTM: from 3 origins before the end, 12 steps ahead, its error was larger than that of the naive forecast, ' +
        'which was never wrong.',
      'Método escolhido: a LSTM; a partir de 3 origens antes do fim, 12 passos à frente, errou mais que o método ingênuo, que ' +
        'não errou nunca.',
    ],
    [
      'one without scores',
      textsOf('naive', {}),
      'Forecast by the naive forecast: there are too few rows to score methods on.',
      'Método escolhido: o método ingênuo; há poucas linhas para avaliar os métodos.',
    ],
  ])('is described by the command and the page: %s', (_, { command, en, pt }, english, portuguese) => {
    expect(command).toBe(english);
    expect(en).toBe(english);
    expect(pt).toBe(portuguese);
  });
});
