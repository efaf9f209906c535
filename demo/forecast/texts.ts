import { type MethodWords, methodEnglish } from '../../src/report/method_text.ts';

/** The texts of a forecast without settings. */
export const forecastEn = {
  ...methodEnglish,
  forecast: 'Forecast',
  stages: { start: 'Preparing the models …', steps: 'Training the models …', end: 'Comparing the methods …' },
  done: (seconds: string) => `Forecast made in ${seconds}.`,
  stopped: 'The forecast was stopped.',
  failed: 'The forecast failed; see the message.',
  titleBefore: 'The series',
  title: 'The forecast',
  save: 'Forecast (CSV)',
  saveModel: 'Method (safetensors)',
  code: 'Code to reproduce this forecast (lstm-webgpu)',
  showAll: (rows: string) => `Show all ${rows} rows`,
  showFewer: 'Show fewer rows',
  rowsAhead: (length: string, span: string, level: string) =>
    `${length} ahead${span}. The band should contain about ${level} of future values.`,
  predicted: 'Forecast',
  low: 'Low',
  high: 'High',
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
  repeats: (plain: string, name: string) => `${plain} (${name})`,
  repeating: { naive: 'naive', seasonalNaive: 'seasonal naive' },
  methodsNote: (span: string) =>
    `MAE: the average error, in the units of the series. MASE: the same, divided by the usual change of the series over ${span}. ` +
    'Smaller is better; the order and the percentages follow MASE.',
};

export type ForecastTexts = typeof forecastEn;

const LAST_PT: Readonly<Record<Parameters<MethodWords['methodRepeatsUnit']>[0], string>> = {
  second: 'o último segundo',
  minute: 'o último minuto',
  hour: 'a última hora',
  day: 'o último dia',
  week: 'a última semana',
  month: 'o último mês',
  quarter: 'o último trimestre',
  year: 'o último ano',
};

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
  methodRepeatsValue: 'repetir o último valor',
  methodRepeatsUnit: (unit) => `repetir ${LAST_PT[unit]}`,
  methodRepeatsSpan: (span) => `repetir os valores de ${span} atrás`,
  spans: {
    quarter: (count, written) => `${written} ${count === 1 ? 'trimestre' : 'trimestres'}`,
    weekday: (count, written) => `${written} ${count === 1 ? 'dia útil' : 'dias úteis'}`,
    step: (count, written) => `${written} ${count === 1 ? 'passo' : 'passos'}`,
  },
  methodUnscored: (method) => `Método usado: ${method}; há poucas linhas para testar os métodos.`,
  methodBest: (method) => `O método que melhor prevê esta série é ${method}.`,
  methodTied: (method) => `Nenhum método prevê esta série melhor do que ${method}.`,
  methodChosen: (method) => `Método usado: ${method}.`,
  methodTests: (tests, span, errors) =>
    `Em ${tests === 1 ? 'um teste' : `${tests} testes`} com os dados mais recentes, ${tests === 1 ? '' : 'cada um '}de ${span}, ` +
    `errou ${errors.join(' e ')}.`,
  methodIgnores: 'As outras colunas não afetam esta previsão: o método lê só a série.',
  methodNext: 'o segundo melhor método',
  methodNever: (rival) => `mais que ${rival} (erro 0)`,
  methodAlike: (rival) => `tanto quanto ${rival}`,
  methodBetter: (rival, percent) => `${percent} menos que ${rival}`,
  methodWorse: (rival, percent) => `${percent} mais que ${rival}`,
};

export const forecastPt: ForecastTexts = {
  ...methodPortuguese,
  forecast: 'Prever',
  stages: { start: 'Preparando os modelos …', steps: 'Treinando os modelos …', end: 'Comparando os métodos …' },
  done: (seconds) => `Previsão feita em ${seconds}.`,
  stopped: 'A previsão foi interrompida.',
  failed: 'A previsão falhou; veja a mensagem.',
  titleBefore: 'A série',
  title: 'A previsão',
  save: 'Previsão (CSV)',
  saveModel: 'Método (safetensors)',
  code: 'Código para repetir esta previsão (lstm-webgpu)',
  showAll: (rows) => `Mostrar as ${rows} linhas`,
  showFewer: 'Mostrar menos linhas',
  rowsAhead: (length, span, level) =>
    `${length} à frente${span}. A faixa deve conter cerca de ${level} dos valores futuros.`,
  predicted: 'Previsão',
  low: 'Inferior',
  high: 'Superior',
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
  repeats: (plain, name) => `${plain} (${name})`,
  repeating: { naive: 'ingênuo', seasonalNaive: 'ingênuo sazonal' },
  methodsNote: (span) =>
    `MAE: o erro médio, na unidade da série. MASE: o mesmo, dividido pela mudança usual da série em ${span}. ` +
    'Quanto menor, melhor; a ordem e as porcentagens seguem o MASE.',
};
