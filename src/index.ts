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
export type { SeriesInput } from './forecast/fitted.ts';
export { Forecaster } from './forecast/forecaster.ts';
export type {
  EvaluateOptions,
  Evaluation,
  FitOptions,
  ForecasterOptions,
  PredictOptions,
} from './forecast/options.ts';
export { type DeviceDescription, type DeviceOptions, describeDevice, requestDevice } from './gpu/device.ts';
export type { CellName, HeadName, ModelConfig, ModelOptions, RecurrentOptions } from './model/config.ts';
export { initialWeights } from './model/init.ts';
export {
  type ForwardOptions,
  type ForwardResult,
  GRU,
  type GRUOptions,
  LSTM,
  type LSTMOptions,
  type ModuleGradients,
  type ModuleOptions,
  RecurrentModule,
  RNN,
  type RNNOptions,
  type UpstreamGradients,
} from './nn/recurrent.ts';
export { type SampleData, Trainer, type TrainerFitOptions, type TrainerOptions } from './nn/trainer.ts';
export type { FitControls } from './train/fit.ts';
export { type FitReport, FitRun } from './train/run.ts';
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
