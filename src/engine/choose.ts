import { ConfigError } from '../errors.ts';
import { type KernelFamily, kernelFamily } from './family.ts';
import { createNetworkPlan } from './network_plan.ts';
import type { PlanName, PlanOptions, TrainingPlan } from './plan.ts';
import { createResidentPlan, type ResidentKernel, residentKernel, whyNotResident } from './resident.ts';

interface PlanEntry {
  create: (options: PlanOptions) => Promise<TrainingPlan>;
  /** What the plan does not support, in words; undefined if it can run this. */
  whyNot: (options: PlanOptions) => string | undefined;
}

/** A new plan needs one file and one line here. */
const PLANS: Readonly<Record<PlanName, PlanEntry>> = {
  resident: { create: (options) => createResidentPlan(options), whyNot: whyNotResident },
  sequence: { create: (options) => createNetworkPlan('sequence', options), whyNot: () => undefined },
  timestep: { create: (options) => createNetworkPlan('timestep', options), whyNot: () => undefined },
};

/** Above this batch size another plan is faster, because a workgroup processes rows one after another; see bench/NOTES.md. */
const RESIDENT_MAX_BATCH: Readonly<Record<ResidentKernel, number>> = {
  tiled: 64,
  wide: 1,
  quads: Number.POSITIVE_INFINITY,
  rows: Number.POSITIVE_INFINITY,
};

/** Up to this batch size, `sequence` is faster than `timestep` on a software adapter; on a GPU it never is. */
const SEQUENCE_MAX_BATCH: Readonly<Record<KernelFamily, number>> = { software: 8, gpu: 0 };

/** What 'auto' takes. */
export interface PlanChoice {
  name: PlanName;
  /** As in {@link PlanOptions}. */
  persistent?: boolean;
  /** In words, unless the plan is resident. */
  whyNotResident?: string;
}

type PlanChooser = (options: PlanOptions) => Promise<PlanChoice>;

const choosers = new WeakMap<GPUDevice, PlanChooser>();

/** From now on, measures what 'auto' takes on a device. */
export const setPlanChooser = (device: GPUDevice, chooser: PlanChooser): void => void choosers.set(device, chooser);

/** The plan for a training: after `autotune`, the one that was measured to be the fastest. */
export const choosePlan = async (options: PlanOptions): Promise<PlanChoice> =>
  choosers.get(options.device.raw)?.(options) ?? planUnmeasured(options);

/** The plan for a training that nothing was measured for: `resident` if it fits and is not slower, else `timestep`, or `sequence` where that is faster. */
export function planUnmeasured(options: PlanOptions): PlanChoice {
  const { device, batchSize } = options;
  const reason = whyNotResident(options) ?? slowerThanOthers(options);
  if (!reason) return { name: 'resident' };
  const isSmall = batchSize <= SEQUENCE_MAX_BATCH[kernelFamily(device)];
  return { name: isSmall ? 'sequence' : 'timestep', whyNotResident: reason };
}

function slowerThanOthers(options: PlanOptions): string | undefined {
  const { batchSize } = options;
  const most = RESIDENT_MAX_BATCH[residentKernel(options)];
  return batchSize > most ? `a batch has ${batchSize} rows, and it is slower above ${most}` : undefined;
}

/** Creates a plan. @throws ConfigError with the reason if it cannot run this. */
export async function createPlan(name: PlanName, options: PlanOptions): Promise<TrainingPlan> {
  const reason = PLANS[name].whyNot(options);
  if (reason)
    throw new ConfigError(`plan: '${name}' cannot run this model: ${reason}. Use plan: 'sequence' or 'timestep'.`, {
      code: 'plan-unfit',
      details: { plan: name, reason },
    });
  return PLANS[name].create(options);
}
