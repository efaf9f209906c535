import type { PlanName, PlanOptions, TrainingPlan } from './plan.ts';
import { chooseKernel, createResidentPlan, type ResidentKernel, whyNotResident } from './resident.ts';
import { createTimestepPlan } from './timestep.ts';

/** A new plan is one file and one line here. */
const PLANS: Readonly<Record<PlanName, (options: PlanOptions) => Promise<TrainingPlan>>> = {
  resident: createResidentPlan,
  timestep: createTimestepPlan,
};

export const PLAN_NAMES = Object.keys(PLANS) as PlanName[];

/** Above so many rows, which a workgroup takes one after the other, a dispatch a time step is faster; see bench/NOTES.md. */
const RESIDENT_MAX_BATCH: Readonly<Record<ResidentKernel, number>> = { tiled: 64, wide: 1 };

/**
 * The plan for a model: `resident` when one workgroup holds it and the batch is small, else `timestep`, which takes
 * everything.
 * @returns its name, and why not `resident`, in words.
 */
export function choosePlan({ device, state, batchSize }: PlanOptions): { name: PlanName; whyNotResident?: string } {
  const tooLarge = whyNotResident(device, state.config);
  if (tooLarge) return { name: 'timestep', whyNotResident: tooLarge };
  const most = RESIDENT_MAX_BATCH[chooseKernel(device, state.config)];
  if (batchSize > most)
    return { name: 'timestep', whyNotResident: `a batch has ${batchSize} rows, and above ${most} it is slower` };
  return { name: 'resident' };
}

/** Makes a plan. @throws ConfigError when it cannot run the model. */
export function createPlan(name: PlanName, options: PlanOptions): Promise<TrainingPlan> {
  return PLANS[name](options);
}
