// The public API: the names that users import. Further types are reached through those of options and results; everything about
// data is in data.ts.
export type { NumericArray, TensorInput, TensorValue } from './arrays.ts';
export { readSeries, type Series, type SeriesOptions } from './data/csv.ts';
export { type Frame, type FrameOptions, readFrame, readManySeries } from './data/frame.ts';
export { type ForecastMetrics, forecastMetrics } from './data/metrics.ts';
export { noteText } from './data/notes.ts';
export { guessSeason } from './data/season.ts';
export { autotune } from './engine/autotune.ts';
export type { LossOptions } from './engine/losses.ts';
export { estimateMemory, type MemoryEstimate } from './engine/memory.ts';
export type { OptimizerOptions } from './engine/optimizers.ts';
export type { ClipOptions, PlanName } from './engine/plan.ts';
export {
  CommandError,
  ConfigError,
  DataError,
  DeviceError,
  DeviceLostError,
  type ErrorCode,
  LstmError,
  ShaderError,
  ShapeError,
  StateError,
  TrainingError,
  WorkerError,
} from './errors.ts';
export { type BacktestOptions, type BacktestReport, backtest } from './forecast/backtest.ts';
export type { EvaluateOptions, Evaluation } from './forecast/evaluation.ts';
export { Forecaster } from './forecast/forecaster.ts';
export type { OneSeries, SeriesFrame, SeriesInput } from './forecast/frame.ts';
export type { FitOptions, ForecasterOptions } from './forecast/options.ts';
export type { IntervalForecast, PredictOptions, SeriesForecast } from './forecast/outlook.ts';
export { type PackJob, type PackResult, type PackSettings, trainPack } from './forecast/pack.ts';
export { type DeviceDescription, type DeviceOptions, describeDevice, requestDevice } from './gpu/device.ts';
export type { ByteStore } from './io/byte_store.ts';
export type { BytesInput } from './io/bytes.ts';
export { readSafetensors, writeSafetensors } from './io/safetensors.ts';
export { openStore } from './io/store.ts';
export type { CellName, ModelConfig, ModelOptions } from './model/config.ts';
export { initialWeights } from './model/init.ts';
export type { StateDict } from './model/parameters.ts';
export type { MatchOptions } from './model/state_dict.ts';
export type { GRUOptions, LSTMOptions, RNNOptions } from './nn/module_options.ts';
export { type ForwardResult, GRU, LSTM, type ModuleGradients, RecurrentModule, RNN } from './nn/recurrent.ts';
export { Trainer } from './nn/trainer.ts';
export type { SampleData, TrainerFitOptions, TrainerOptions, TrainerResumeOptions } from './nn/trainer_options.ts';
export { type ForecastOptions, forecast } from './recipe/forecast.ts';
export type { ForecastResult } from './recipe/plan.ts';
export { recipeSettings } from './recipe/preset.ts';
export type { DatedSeries } from './recipe/series.ts';
export type { SelfTestReport } from './self_test/report.ts';
export { selfTest } from './self_test/self_test.ts';
export type { SweepResult } from './sweep/results.ts';
export { type SweepSummary, summarize } from './sweep/summary.ts';
export { type SweepOptions, sweep } from './sweep/sweep.ts';
export type { DeviceLostEvent, ResumeOptions } from './train/controls.ts';
export type { EarlyStoppingOptions } from './train/early_stopping.ts';
export type { EpochReport, FitReport, Progress } from './train/report.ts';
export { FitRun } from './train/run.ts';
export type { ScheduleOptions } from './train/schedules.ts';
