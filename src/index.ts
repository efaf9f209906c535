export * from './data.ts';
export type { LossName, LossOptions } from './engine/losses.ts';
export { estimateMemory, type MemoryEstimate, type MemoryOptions } from './engine/memory.ts';
export type {
  AdamOptions,
  AdamSettings,
  AdamWOptions,
  OptimizerOptions,
  RMSpropOptions,
  SGDOptions,
} from './engine/optimizers.ts';
export type { ClipOptions, PlanName } from './engine/plan.ts';
export { autotune, type ProductTiming } from './engine/product.ts';
export { type BacktestFold, type BacktestOptions, type BacktestReport, backtest } from './forecast/backtest.ts';
export type { BaselineScore, EvaluateOptions, Evaluation, StepEvaluation } from './forecast/evaluation.ts';
export type { Fold } from './forecast/fitted.ts';
export { Forecaster } from './forecast/forecaster.ts';
export type { OneSeries, SeriesFrame, SeriesInput } from './forecast/frame.ts';
export type {
  DeviceLostEvent,
  FitOptions,
  ForecasterOptions,
  IntervalForecast,
  IntervalOptions,
  PredictOptions,
  RecoveryOptions,
  ResumeOptions,
} from './forecast/options.ts';
export { type PackJob, type PackResult, type PackSettings, trainPack } from './forecast/pack.ts';
export type { ForecastShape } from './forecast/shape.ts';
export type { TogetherControls } from './forecast/together.ts';
export {
  type DeviceDescription,
  type DeviceFacts,
  type DeviceOptions,
  describeDevice,
  deviceFacts,
  requestDevice,
} from './gpu/device.ts';
export { type ByteStore, openStore, type StoreOptions } from './io/store.ts';
export type { CellName, HeadName, ModelConfig, ModelOptions, RecurrentOptions } from './model/config.ts';
export { initialWeights } from './model/init.ts';
export type { MatchOptions } from './model/state_dict.ts';
export type { GRUOptions, LSTMOptions, ModuleOptions, RNNOptions } from './nn/module_options.ts';
export {
  type ForwardOptions,
  type ForwardResult,
  GRU,
  LSTM,
  type ModuleGradients,
  RecurrentModule,
  RNN,
  type UpstreamGradients,
} from './nn/recurrent.ts';
export { Trainer } from './nn/trainer.ts';
export type { SampleData, TrainerFitOptions, TrainerOptions, TrainerResumeOptions } from './nn/trainer_options.ts';
export { type SelfTestCheck, type SelfTestOptions, type SelfTestReport, selfTest } from './self_test/self_test.ts';
export type { SweepSeries } from './sweep/jobs.ts';
export type { Configuration, Grid, SweepPlan } from './sweep/plan.ts';
export type { Failed, JobDescription, Outcome, SweepResult, Trained } from './sweep/results.ts';
export {
  type ConfigurationSummary,
  type Score,
  type SeriesSummary,
  type SummaryInput,
  type SweepSummary,
  summarize,
  type Undone,
} from './sweep/summary.ts';
export { type SweepOptions, sweep } from './sweep/sweep.ts';
export type { EarlyStoppingOptions } from './train/early_stopping.ts';
export type { FitControls } from './train/fit.ts';
export { type FitReport, FitRun, type FitStart } from './train/run.ts';
export type {
  CosineAnnealingLROptions,
  CountedSchedule,
  LinearLROptions,
  ReduceLROnPlateauOptions,
  ScheduleOptions,
  SequentialLROptions,
  StepLROptions,
} from './train/schedules.ts';
export type { EpochLoss, EpochReport, ModelEpoch, Progress } from './train/trainer.ts';
