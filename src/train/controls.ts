import type { PlanName } from '../engine/plan.ts';
import { check, type Settled } from '../kinds.ts';
import type { OptionNames } from '../options.ts';
import type { Progress } from './report.ts';
import { CONTROLS } from './settings.ts';

/** Controls of a fit, for any kind of model. */
export interface FitControls {
  /** Passes over the training samples. */
  epochs?: number;
  /** Samples per optimizer step. */
  batchSize?: number;
  /** Visit the samples in a new, seeded order every epoch. */
  shuffle?: boolean;
  /** Which plan runs the steps. Default 'auto'. */
  plan?: PlanName | 'auto';
  /** Target duration of one piece of GPU work in milliseconds. Default 50, which keeps pages responsive. */
  sliceMs?: number;
  /** Stops training after the current slice; the fit then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called before every slice, which waits for the promise it returns: this can pause training without changing results. */
  beforeSlice?: () => PromiseLike<void> | undefined;
  /** Called after every slice. If this function, or any other one here, throws or rejects, the fit rejects with that error. */
  onProgress?: (progress: Progress) => void;
}

/** Controls of calls that train many models. */
export type TogetherControls = Pick<FitControls, 'signal' | 'beforeSlice' | 'onProgress'>;

/** How a fit survives the loss of its device or process. */
export interface RecoveryOptions {
  /**
   * When the device is lost, continue from the last slice on a new one: `true` requests one like `requestDevice`, a function
   * provides it. Default false: the fit rejects with a DeviceLostError. It also does after three devices lost in a row without
   * completing a slice.
   */
  recover?: boolean | (() => Promise<GPUDevice>);
  /** Called when the device is lost, whether or not training continues. */
  onDeviceLost?: (event: DeviceLostEvent) => void;
  /** Called with a checkpoint (see `checkpoint()`) every `checkpointEveryMs`, and awaited. */
  onCheckpoint?: (bytes: Uint8Array<ArrayBuffer>) => void | PromiseLike<void>;
  /** >= 0. Default 10,000. */
  checkpointEveryMs?: number;
}

/** The device is gone. */
export interface DeviceLostEvent {
  /** As in GPUDeviceLostInfo: 'destroyed' if that was on purpose. */
  reason: GPUDeviceLostReason;
  message: string;
  /** Training continues on a new device. */
  recovers: boolean;
  /** Where it continues: the epoch, from 1, and the number of its steps that are done. One more than `epochs` if all are done. */
  epoch: number;
  step: number;
}

/** Options when resuming from a checkpoint; everything else is in the checkpoint. */
export interface ResumeOptions extends TogetherControls, RecoveryOptions, Pick<FitControls, 'sliceMs'> {}

/** The compiler requires every option, here and below. */
export const TOGETHER_CONTROLS: OptionNames<TogetherControls> = { signal: true, beforeSlice: true, onProgress: true };

export const RESUME_OPTIONS: OptionNames<ResumeOptions> = {
  ...{ ...TOGETHER_CONTROLS, sliceMs: true },
  ...{ recover: true, onDeviceLost: true, onCheckpoint: true, checkpointEveryMs: true },
};

/** The settings among {@link FitControls} that affect results or speed. */
export type ControlSettings = Settled<typeof CONTROLS>;

/** The settings of a checkpoint, with what a resume may change. @throws ConfigError */
export function resumedSettings<Settings extends ControlSettings>(
  settings: Settings,
  { sliceMs = settings.sliceMs }: Pick<ResumeOptions, 'sliceMs'>,
): Settings {
  check('sliceMs', sliceMs, CONTROLS.sliceMs.kind);
  return { ...settings, sliceMs };
}
