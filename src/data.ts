// The public API for data, without a GPU: CSV, scaling, windows, scores, naive forecasts, and the errors of these.
export type { NumericArray } from './arrays.ts';
export { type BaselineName, type BaselineOptions, baselineForecast, naiveForecast } from './data/baselines.ts';
export type { Choice } from './data/columns.ts';
export { conformalRadius } from './data/conformal.ts';
export {
  type Column,
  type CsvOptions,
  type GapPolicy,
  type MissingPolicy,
  parseCsv,
  readSeries,
  type Series,
  type SeriesOptions,
  selectColumn,
  type Table,
} from './data/csv.ts';
export { type Frame, type FrameOptions, readFrame, readManySeries } from './data/frame.ts';
export { type ForecastData, type ForecastMetrics, forecastMetrics } from './data/metrics.ts';
export { type FoundBy, type Note, type NoteWords, noteText } from './data/notes.ts';
export type { DecimalMark } from './data/numbers.ts';
export { memberMean, memberQuantiles, type Quantile } from './data/quantiles.ts';
export {
  type CenteredScaler,
  type CenteredScalerState,
  createScaler,
  MinMaxScaler,
  type MinMaxScalerOptions,
  type MinMaxScalerState,
  RobustScaler,
  type Scaler,
  type ScalerFitOptions,
  type ScalerName,
  type ScalerState,
  StandardScaler,
  scalerFromJSON,
} from './data/scaler.ts';
export { guessSeason } from './data/season.ts';
export type { TableInput } from './data/text.ts';
export { applyTransform, invertTransform, type TransformName, transformLag } from './data/transforms.ts';
export { type Split, type SplitOptions, splitSamples } from './data/windows.ts';
export {
  ConfigError,
  DataError,
  type ErrorAbout,
  type ErrorCode,
  type ErrorDetails,
  LstmError,
  ShapeError,
  StateError,
} from './errors.ts';
