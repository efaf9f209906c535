import type { GuardedDevice } from '../gpu/guarded_device.ts';
import type { Errors } from './compare.ts';

/** Something that a device has to compute correctly. */
export interface Check {
  name: string;
  /** Largest relative error allowed. */
  tolerance: number;
  run(device: GuardedDevice): Promise<Errors>;
}

/** Relative errors that rounding explains; test/gpu/expect.ts uses the same for the engine. */
export const TOLERANCES = {
  /** Values are moved, not computed. */
  copied: 0,
  /** Outputs and gradients of f32. */
  gradient: 1e-5,
  /** Losses during training: rounding accumulates with every optimizer step. */
  trace: 1e-4,
  /** Adam divides by the gradient, so the relative error of a small gradient is passed on. */
  update: 3e-4,
} as const;
