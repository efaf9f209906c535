import { choosePlan, createPlan, PLAN_NAMES } from '../engine/choose.ts';
import type { PlanName, PlanOptions, TrainingPlan } from '../engine/plan.ts';
import { CommandError, ConfigError } from '../errors.ts';
import { checkAlive, explainLoss } from '../gpu/readback.ts';
import { checkBetween, checkBoolean, checkPositiveInteger } from '../model/config.ts';
import { shown } from '../shown.ts';
import { checkStep } from './checkpoint.ts';
import type { FitReport, FitStart } from './run.ts';
import { noCounts, type TrainCounts } from './slice_runner.ts';
import { type EpochReport, type Progress, type TrainOptions, train } from './trainer.ts';

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
  /** Called after every slice. */
  onProgress?: (progress: Progress) => void;
}

type Optional = 'signal' | 'beforeSlice' | 'onProgress';
type Checked = Required<Omit<FitControls, Optional>> & Pick<FitControls, Optional>;

/** Fills in defaults. @throws ConfigError naming the first option that cannot be. */
export function checkControls(controls: FitControls, defaults: { batchSize: number; shuffle: boolean }): Checked {
  const { epochs = 20, batchSize = defaults.batchSize, shuffle = defaults.shuffle } = controls;
  const { plan = 'auto', sliceMs = 50, signal, beforeSlice, onProgress } = controls;
  checkPositiveInteger('epochs', epochs);
  checkPositiveInteger('batchSize', batchSize);
  checkBoolean('shuffle', shuffle);
  checkBetween('sliceMs', sliceMs, 0, Infinity);
  if (plan !== 'auto' && !PLAN_NAMES.includes(plan))
    throw new ConfigError(`plan: got ${shown(plan)}, expected 'auto', '${PLAN_NAMES.join("', '")}'.`);
  return { epochs, batchSize, shuffle, plan, sliceMs, signal, beforeSlice, onProgress };
}

/**
 * Makes the plan, trains with it, and frees it: yields every epoch's report, returns the whole fit's.
 * @param about where the fit started and when; what was counted and reported until then, where it goes on; both are added to.
 * @throws as {@link train}; DeviceLostError also where the device is lost when all is done.
 */
export async function* runFit(
  planName: PlanName | 'auto',
  planOptions: PlanOptions,
  trainOptions: TrainOptions,
  about: { from: FitStart; counts?: TrainCounts; reports?: EpochReport[]; startMs?: number },
): AsyncGenerator<EpochReport, FitReport, undefined> {
  const { from: start, counts = noCounts(), reports = [], startMs = performance.now() } = about;
  const { device, state } = planOptions;
  const chosen = planName === 'auto' ? choosePlan(planOptions) : { name: planName };
  let plan: TrainingPlan | undefined;
  try {
    const { from, models, snapshots } = trainOptions;
    try {
      const samples = models.map(({ starts }) => starts.length);
      if (from) checkStep(from.position, samples, planOptions.batchSize);
      plan = await createPlan(chosen.name, planOptions);
      await device.settled(); // there is room for all of it
    } catch (caught) {
      const error = await explainLoss(device, caught);
      snapshots?.fail(error); // nobody waits for a training that cannot begin
      throw error;
    }
    for await (const report of train(state, plan, trainOptions, counts)) {
      reports.push(report);
      yield report;
    }
    await trainOptions.atEnd?.();
    await checkAlive(device); // the last thing that a fit waits for
    const seconds = (performance.now() - startMs) / 1000;
    return { from: start, ...counts, epochs: reports, plan: plan.name, whyNotResident: chosen.whyNotResident, seconds };
  } catch (error) {
    if (error instanceof CommandError) state.dropRefused();
    throw error;
  } finally {
    plan?.destroy();
  }
}
