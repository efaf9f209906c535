export { type Column, parseCsv, readSeries, selectColumn, type Table } from './data/csv.ts';
export { type ForecastMetrics, forecastMetrics } from './data/metrics.ts';
export { memberMean, memberQuantiles, type Quantile } from './data/quantiles.ts';
export { MinMaxScaler } from './data/scaler.ts';
export type { PlanName } from './engine/plan.ts';
export * from './errors.ts';
export type { SeriesInput } from './forecast/fitted.ts';
export { Forecaster } from './forecast/forecaster.ts';
export type {
  EvaluateOptions,
  Evaluation,
  FitOptions,
  ForecasterOptions,
  PredictOptions,
} from './forecast/options.ts';
export { type FitReport, FitRun } from './forecast/run.ts';
export { type DeviceDescription, type DeviceOptions, describeDevice, requestDevice } from './gpu/device.ts';
export { readSafetensors, writeSafetensors } from './io/safetensors.ts';
export type { ModelConfig } from './model/config.ts';
export { initialWeights } from './model/init.ts';
export type { ParameterValue, StateDict } from './model/parameters.ts';
export type { AdamOptions } from './train/optimizer.ts';
export type { EpochLoss, EpochReport, Progress } from './train/trainer.ts';
