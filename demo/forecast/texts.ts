import { type MethodWords, methodEnglish } from '../../src/report/method_text.ts';

/** The texts of a forecast without settings. */
export const forecastEn = {
  ...methodEnglish,
  forecast: 'Forecast',
  running: 'Forecasting …',
  done: (seconds: string) => `Forecast made in ${seconds}.`,
  stopped: 'The forecast was stopped.',
  failed: 'The forecast failed; the reason is above.',
  title: 'Read the forecast',
  save: 'Forecast (CSV)',
  saveModel: 'Model (safetensors)',
  code: 'Code to reproduce this forecast (lstm-webgpu)',
  showAll: (rows: string) => `Show all ${rows} rows`,
  showFewer: 'Show fewer rows',
  rowsAhead: (rows: string, span: string, level: string) =>
    `The next ${rows} steps${span}. The band should contain about ${level} of future values.`,
  predicted: 'Forecast',
  low: 'Low',
  high: 'High',
  bound: { low: (level: string) => `${level}, low`, high: (level: string) => `${level}, high` },
  chartOf: (column: string, rows: string, ahead: string) => `Chart of ${column}: ${rows} rows, and ${ahead} ahead`,
  values: 'The forecast, row by row',
  outliers: {
    group: 'Forecast',
    name: 'Outliers',
    help: 'Values far outside the range of all others, such as 999999 for a missing one: replace by the mean of their neighbors, or keep',
    replace: 'replace',
    keep: 'keep',
    one: (row: string, from: string, to: string) => `${from} (${row}) → ${to}`,
    note: (count: number, listed: readonly string[], more: number) =>
      `${count === 1 ? 'An outlier was replaced by the mean of its' : `${count} outliers were replaced by the mean of their`} ` +
      `neighbors: ${listed.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`,
    keepThem: (count: number) => `Keep ${count === 1 ? 'it' : 'them'} and forecast again`,
  },
  methodsTitle: 'Methods, the best first',
  method: 'Method',
  mase: 'Mean absolute error, divided by how much the rows before change from one season to the next, or from row to row',
};

export type ForecastTexts = typeof forecastEn;

const methodPortuguese: MethodWords = {
  methods: {
    model: 'a LSTM',
    modelAndEts: 'a média da LSTM e da suavização exponencial',
    ets: 'a suavização exponencial (ETS)',
    stlEts: 'a suavização exponencial depois da STL',
    theta: 'o método theta',
    seasonalNaive: 'o método ingênuo sazonal',
    naive: 'o método ingênuo',
    drift: 'o método da deriva',
    movingAverage: 'a média móvel',
  },
  methodUnscored: (method) => `Método escolhido: ${method}; há poucas linhas para avaliar os métodos.`,
  methodScored: (method, from, errors) => `Método escolhido: ${method}; ${from}, ${errors.join(', e ')}.`,
  methodFrom: (origins, rows, written) =>
    `a partir de ${origins} ${origins === 1 ? 'origem' : 'origens'} antes do fim, ${written} ${rows === 1 ? 'passo' : 'passos'} à frente`,
  methodNever: (rival) => `errou mais que ${rival}, que não errou nunca`,
  methodAlike: (rival) => `errou tanto quanto ${rival}`,
  methodBetter: (rival, percent) => `errou ${percent} menos que ${rival}`,
  methodWorse: (rival, percent) => `errou ${percent} mais que ${rival}`,
};

export const forecastPt: ForecastTexts = {
  ...methodPortuguese,
  forecast: 'Prever',
  running: 'Prevendo …',
  done: (seconds) => `Previsão feita em ${seconds}.`,
  stopped: 'A previsão foi interrompida.',
  failed: 'A previsão falhou; o motivo está acima.',
  title: 'Leia a previsão',
  save: 'Previsão (CSV)',
  saveModel: 'Modelo (safetensors)',
  code: 'Código para repetir esta previsão (lstm-webgpu)',
  showAll: (rows) => `Mostrar as ${rows} linhas`,
  showFewer: 'Mostrar menos linhas',
  rowsAhead: (rows, span, level) =>
    `Os próximos ${rows} passos${span}. A faixa deve conter cerca de ${level} dos valores futuros.`,
  predicted: 'Previsão',
  low: 'Inferior',
  high: 'Superior',
  bound: { low: (level) => `${level}, inferior`, high: (level) => `${level}, superior` },
  chartOf: (column, rows, ahead) => `Gráfico de ${column}: ${rows} linhas, e ${ahead} à frente`,
  values: 'A previsão, linha por linha',
  outliers: {
    group: 'Previsão',
    name: 'Valores discrepantes',
    help: 'Valores muito fora da faixa dos demais, como 999999 no lugar de um valor ausente: trocar pela média dos vizinhos, ou manter',
    replace: 'trocar',
    keep: 'manter',
    one: (row, from, to) => `${from} (${row}) → ${to}`,
    note: (count, listed, more) =>
      `${count === 1 ? 'Um valor discrepante foi trocado' : `${count} valores discrepantes foram trocados`} pela média dos ` +
      `vizinhos: ${listed.join('; ')}${more > 0 ? `; e mais ${more}` : ''}.`,
    keepThem: (count) => `${count === 1 ? 'Manter esse valor' : 'Manter esses valores'} e prever de novo`,
  },
  methodsTitle: 'Métodos, do melhor ao pior',
  method: 'Método',
  mase: 'Erro absoluto médio, dividido por quanto as linhas anteriores mudam de um período sazonal a outro, ou de uma linha à outra',
};
