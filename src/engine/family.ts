import { describeDevice } from '../gpu/device.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';

/**
 * Two kinds of device with opposite costs. A GPU has thousands of lanes, cheap barriers and a wait for every dispatch; on a
 * software adapter lanes run one after another and a load costs as much as ten multiply-adds. Where one kernel cannot serve
 * both, shaders/gpu and shaders/software have one each, with the same results except for rounding.
 */
export type KernelFamily = 'gpu' | 'software';

const forced = new WeakMap<GPUDevice, KernelFamily>();
let forcedEverywhere: KernelFamily | undefined;

/** The kernels that a device runs. The only place that decides it. */
export const kernelFamily = (device: GuardedDevice): KernelFamily =>
  forced.get(device.raw) ?? forcedEverywhere ?? (describeDevice(device).software ? 'software' : 'gpu');

/**
 * Runs a family's kernels on a device of either kind, for tests and benches. Affects what is created on it from then on.
 * @param device undefined: all devices that are not forced themselves.
 */
export function forceFamily(device: GuardedDevice | undefined, family: KernelFamily): void {
  if (device) forced.set(device.raw, family);
  else forcedEverywhere = family;
}
