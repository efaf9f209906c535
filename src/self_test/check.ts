import type { GuardedDevice } from '../gpu/guarded_device.ts';
import type { Errors } from './compare.ts';

/** A thing that a device has to get right. */
export interface Check {
  name: string;
  /** Largest relative error allowed. */
  tolerance: number;
  run(device: GuardedDevice): Promise<Errors>;
}

/** Relative errors that differences in rounding explain; test/gpu/expect.ts holds the engine to the same. */
export const TOLERANCES = {
  /** Values are moved, not computed. */
  copied: 0,
  /** Outputs and gradients of f32. */
  gradient: 1e-5,
  /** Losses while training: rounding, carried on by every optimizer step. */
  trace: 1e-4,
  /** Adam divides by the gradient, so a small gradient passes its relative error on. */
  update: 3e-4,
} as const;
