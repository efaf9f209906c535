import shader from '../../shaders/resident_wide.wgsl';
import { defineKernel } from '../gpu/kernel.ts';
import type { AdamDims } from './adam.ts';
import type { ResidentLayout } from './resident.ts';

/** The sizes its workgroup arrays have room for; H is an invocation each, so the device may hold fewer. */
export const RESIDENT_WIDE_LIMITS = { hiddenSize: 256, outputSize: 256, numLayers: 1 } as const;

/** Many optimizer steps of `models` models, one workgroup each, a lane a unit. Equations are in the shader's header. */
export const residentWide = defineKernel<
  { models: number; T: number; I: number; C: number } & ResidentLayout & AdamDims
>({
  shader,
  grid: ({ models }) => [models],
});
