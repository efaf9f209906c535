import type { PlanName, PlanOptions, TrainingPlan } from './plan.ts';
import { createResidentPlan, whyNotResident } from './resident.ts';
import { createTimestepPlan } from './timestep.ts';

/** A new plan is one file and one line here. */
const PLANS: Readonly<Record<PlanName, (options: PlanOptions) => Promise<TrainingPlan>>> = {
  resident: createResidentPlan,
  timestep: createTimestepPlan,
};

export const PLAN_NAMES = Object.keys(PLANS) as PlanName[];

/** Above this many rows a step has enough work of its own to fill a GPU one time step at a time. */
const RESIDENT_MAX_BATCH = 64;

/**
 * Makes the plan asked for, or, for 'auto', the one that fits: `resident` when one workgroup holds the model and the
 * batch is small, else `timestep`, which takes everything.
 * @throws ConfigError when a plan is forced that cannot run the model.
 */
export function createPlan(name: PlanName | 'auto', options: PlanOptions): Promise<TrainingPlan> {
  if (name !== 'auto') return PLANS[name](options);
  const fits =
    whyNotResident(options.device, options.state.config) === undefined && options.batchSize <= RESIDENT_MAX_BATCH;
  return PLANS[fits ? 'resident' : 'timestep'](options);
}
