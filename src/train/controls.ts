import type { PlanName } from '../engine/plan.ts';
import { check, type Settled } from '../kinds.ts';
import type { OptionNames } from '../options.ts';
import type { Progress } from './report.ts';
import { CONTROLS } from './settings.ts';

/** How a fit goes, whatever is trained. */
export interface FitControls {
  /** Passes over the training samples. */
  epochs?: number;
  /** Samples per optimizer step. */
  batchSize?: number;
  /** Visit the samples in a new, seeded order every epoch. */
  shuffle?: boolean;
  /** Which plan runs the steps. Default 'auto'. */
  plan?: PlanName | 'auto';
  /** Target duration of one piece of GPU work in milliseconds. Default 50: pages stay live. */
  sliceMs?: number;
  /** Stops training after the slice under way; the fit then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called before every slice, which waits for what it returns: training can be paused without changing a number. */
  beforeSlice?: () => PromiseLike<void> | undefined;
  /** Called after every slice. What it throws, or rejects with, ends the fit, as of every function here. */
  onProgress?: (progress: Progress) => void;
}

/** What a call that trains many models may be told while it does. */
export type TogetherControls = Pick<FitControls, 'signal' | 'beforeSlice' | 'onProgress'>;

/** How a fit outlives its device, and its process. */
export interface RecoveryOptions {
  /**
   * When the device is lost, go on from the last slice on a new one: `true` asks for it as `requestDevice` does, a function
   * gives it. Default false: the fit rejects with a DeviceLostError, as it does for the third device that is lost in a row
   * without a slice done in between.
   */
  recover?: boolean | (() => Promise<GPUDevice>);
  /** Called when the device is lost, whether or not training goes on. */
  onDeviceLost?: (event: DeviceLostEvent) => void;
  /** Called with a checkpoint (see `checkpoint()`) every `checkpointEveryMs`, and awaited. */
  onCheckpoint?: (bytes: Uint8Array<ArrayBuffer>) => void | PromiseLike<void>;
  /** >= 0. Default 10,000. */
  checkpointEveryMs?: number;
}

/** The device is gone. */
export interface DeviceLostEvent {
  /** As in GPUDeviceLostInfo: 'destroyed' where somebody asked for it. */
  reason: GPUDeviceLostReason;
  message: string;
  /** Training goes on, on a new device. */
  recovers: boolean;
  /** Where it goes on: the epoch, from 1, and steps of it that are done. One more than `epochs`: all are done. */
  epoch: number;
  step: number;
}

/** What a fit that goes on from a checkpoint may still be told; everything else is in the checkpoint. */
export interface ResumeOptions extends TogetherControls, RecoveryOptions, Pick<FitControls, 'sliceMs'> {}

/** The compiler asks for every option, here and below. */
export const TOGETHER_CONTROLS: OptionNames<TogetherControls> = { signal: true, beforeSlice: true, onProgress: true };

export const RESUME_OPTIONS: OptionNames<ResumeOptions> = {
  ...{ ...TOGETHER_CONTROLS, sliceMs: true },
  ...{ recover: true, onDeviceLost: true, onCheckpoint: true, checkpointEveryMs: true },
};

/** What {@link FitControls} set of a training's numbers. */
export type ControlSettings = Settled<typeof CONTROLS>;

/** The settings of a checkpoint, as a resume may change them. @throws ConfigError */
export function resumedSettings<Settings extends ControlSettings>(
  settings: Settings,
  { sliceMs = settings.sliceMs }: Pick<ResumeOptions, 'sliceMs'>,
): Settings {
  check('sliceMs', sliceMs, CONTROLS.sliceMs.kind);
  return { ...settings, sliceMs };
}
