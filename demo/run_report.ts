import { flopsPerStep } from '../bench/flops.ts';
import type { FitReport } from '../src/index.ts';
import type { DeviceRun } from './device/device_card.ts';
import { format } from './format.ts';
import type { TrainSettings } from './settings.ts';
import { t } from './texts/index.ts';

/** What a training that has ended did; one that went on names its last part, which its seconds are of. */
export function doneText({ steps, seconds, epochs }: FitReport): string {
  const total = epochs.reduce((sum, epoch) => sum + epoch.steps, 0); // also before a reload
  const last = format.count(steps);
  const took = format.seconds(seconds);
  return total > steps ? t.doneGoingOn(format.count(total), last, took) : t.done(last, took);
}

/** What the training took of the device. @param inputSize values that the model reads of each row. */
export function speedOf(report: FitReport, settings: TrainSettings, inputSize: number): DeviceRun {
  const { steps, epochs, dispatches, plan } = report;
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0); // without compiling
  const taken = epochs.reduce((sum, epoch) => sum + epoch.seconds * epoch.stepsPerSecond, 0); // also before a reload
  const flops = taken * settings.ensemble * flopsPerStep({ ...settings, inputSize });
  return { plan, dispatchesPerStep: dispatches / steps, gflops: flops / seconds / 1e9 };
}
