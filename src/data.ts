// The public API without a GPU: CSV, scaling, windows, scores, naive forecasts, and weights as safetensors.
export { naiveForecast } from './data/baselines.ts';
export {
  type Column,
  type CsvOptions,
  type MissingPolicy,
  parseCsv,
  readSeries,
  type Series,
  type SeriesOptions,
  selectColumn,
  type Table,
} from './data/csv.ts';
export { type ForecastData, type ForecastMetrics, forecastMetrics } from './data/metrics.ts';
export type { DecimalMark } from './data/numbers.ts';
export { memberMean, memberQuantiles, type Quantile } from './data/quantiles.ts';
export { MinMaxScaler, type MinMaxScalerOptions, type MinMaxScalerState } from './data/scaler.ts';
export { guessSeason } from './data/season.ts';
export { type Split, type SplitOptions, splitSamples } from './data/windows.ts';
export * from './errors.ts';
export {
  readSafetensors,
  type SafetensorsDtype,
  type SafetensorsFile,
  type StoredTensor,
  type TensorValue,
  writeSafetensors,
} from './io/safetensors.ts';
export type { StateDict } from './model/parameters.ts';
