import { describeDevice } from './device.ts';
import type { GuardedDevice } from './guarded_device.ts';

/** Of a large GPU, about: as many workgroups fill it. */
export const MULTIPROCESSORS = 128;

const known = new WeakMap<GPUDevice, number>();

/**
 * Workgroups of one dispatch that may wait for each other, because they run side by side. WebGPU promises none, so kernels that wait
 * must be able to give up, and are only used after a trial on that very device. None on software adapters.
 */
export const mostSideBySide = (device: GuardedDevice): number =>
  known.get(device.raw) ?? (describeDevice(device).software ? 0 : MULTIPROCESSORS);

/** Changes that number for a device: to 0 once one has given up on it. */
export function limitSideBySide(device: GuardedDevice, workgroups: number): void {
  known.set(device.raw, workgroups);
}
