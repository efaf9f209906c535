import type { ForecastMetrics } from '../data/metrics.ts';
import { type ErrorCode, LstmError } from '../errors.ts';
import type { Fold } from '../forecast/fitted.ts';
import type { PackResult } from '../forecast/pack.ts';
import { messageOf } from '../shown.ts';
import { VERSION } from '../version.ts';
import type { SweepJob } from './jobs.ts';
import type { Configuration } from './plan.ts';

/** How a job ended. */
export type Outcome = TrainedJob | FailedJob;

/** The result of a job that was trained. */
export interface TrainedJob {
  ok: true;
  /** Over the test set, from each origin over all steps ahead that the configuration is scored on. */
  metrics: ForecastMetrics;
  /** The same for forecasts that need no training, by name. */
  baselines: Extract<PackResult, { ok: true }>['baselines'];
  epochs: number;
  /** Mean training loss of the last epoch. */
  loss: number;
  /** The device that trained it, and how long the whole pack took. */
  device: string;
  seconds: number;
  /** Jobs that trained together. */
  packed: number;
  /** The bytes of a model file, as from `Forecaster.save`. */
  model: Uint8Array;
}

/** The series, the configuration, or both together cannot be trained: another try would fail as well, but see {@link mayPass}. */
export interface FailedJob {
  ok: false;
  reason: string;
  /** Of the error that was thrown; undefined for a reason that the caller gave. */
  code?: ErrorCode;
}

export const failed = (error: unknown): FailedJob => ({
  ok: false,
  reason: messageOf(error),
  ...(error instanceof LstmError && { code: error.code }),
});

/** Whether the reason may have passed by the next try: other programs also use the device's memory. */
export const mayPass = (outcome: Outcome): outcome is FailedJob =>
  !outcome.ok && (outcome.code === 'out-of-memory' || outcome.code === 'command-refused');

/** The job of a result. */
export interface JobDescription {
  key: string;
  /** Id of the series. */
  series: string;
  configuration: Configuration;
  seed: number;
  fold: Fold | null;
  /** Of the engine. */
  version: string;
}

/** A result of a sweep, for one job. */
export type SweepResult = JobDescription & Outcome;

export function describeJob({ key, series, configuration, seed, fold }: SweepJob): JobDescription {
  return { key, series: series.id, configuration, seed, fold: fold ?? null, version: VERSION };
}
