import { ConfigError } from '../errors.ts';
import type { PlanName, PlanOptions, TrainingPlan } from './plan.ts';
import { chooseKernel, createResidentPlan, type ResidentKernel, whyNotResident } from './resident.ts';
import { createTimestepPlan } from './timestep.ts';

interface PlanEntry {
  create: (options: PlanOptions) => Promise<TrainingPlan>;
  /** What the plan does not support, in words; undefined when it can run this. */
  whyNot: (options: PlanOptions) => string | undefined;
}

/** A new plan is one file and one line here. */
const PLANS: Readonly<Record<PlanName, PlanEntry>> = {
  resident: { create: createResidentPlan, whyNot: whyNotResident },
  timestep: { create: createTimestepPlan, whyNot: () => undefined },
};

export const PLAN_NAMES = Object.keys(PLANS) as PlanName[];

/** Above so many rows, which a workgroup takes one after the other, a dispatch a time step is faster; see bench/NOTES.md. */
const RESIDENT_MAX_BATCH: Readonly<Record<ResidentKernel, number>> = { tiled: 64, wide: 1 };

/**
 * The plan for a model: `resident` when one workgroup holds it and the batch is small, else `timestep`, which takes
 * everything.
 * @returns its name, and why not `resident`, in words.
 */
export function choosePlan(options: PlanOptions): { name: PlanName; whyNotResident?: string } {
  const { device, state, batchSize } = options;
  const unsupported = whyNotResident(options);
  if (unsupported) return { name: 'timestep', whyNotResident: unsupported };
  const most = RESIDENT_MAX_BATCH[chooseKernel(device, state.config)];
  if (batchSize > most)
    return { name: 'timestep', whyNotResident: `a batch has ${batchSize} rows, and above ${most} it is slower` };
  return { name: 'resident' };
}

/** Makes a plan. @throws ConfigError saying why, when it cannot run this. */
export async function createPlan(name: PlanName, options: PlanOptions): Promise<TrainingPlan> {
  const reason = PLANS[name].whyNot(options);
  if (reason) throw new ConfigError(`plan: '${name}' cannot run this model: ${reason}. Use plan: 'timestep'.`);
  return PLANS[name].create(options);
}
