import type { ForecastChartWords } from '../src/charts/forecast_chart.ts';
import type { LossChartWords } from '../src/charts/loss_chart.ts';
import { language } from './language.ts';
import { t } from './texts/index.ts';

export const forecastWords: ForecastChartWords = {
  language,
  ...{ row: t.row, date: t.date, actual: t.actual, predicted: t.predicted, ahead: t.ahead, testPart: t.testPartLabel },
  rule: (season) => (season === 1 ? t.naive : t.seasonalNaive(season)),
  quantile: t.spread,
  interval: t.interval,
  dense: t.dense,
  describe: (series, predicted) => (series ? t.chartOf(series.column, series.values.length, predicted) : t.chartEmpty),
};

export const lossWords: LossChartWords = {
  ...{ epoch: t.epoch, mean: t.epochMean, testPart: t.testSet, lastBatch: t.lastBatch, withinEpoch: t.withinEpoch },
  describe: (epochs) => (epochs > 0 ? t.lossChartOf(epochs) : t.lossChartEmpty),
};
