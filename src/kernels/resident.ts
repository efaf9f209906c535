import shader from '../../shaders/resident.wgsl';
import { defineKernel } from '../gpu/kernel.ts';
import type { AdamDims } from './adam.ts';

/** Where a resident kernel finds a model's parameters: offsets in elements of an arena, and its stride. */
export type ResidentLayout = {
  arena: number;
  weight_ih: number;
  weight_hh: number;
  bias_ih: number;
  bias_hh: number;
  fc_weight: number;
  fc_bias: number;
};

/** The sizes one workgroup holds: what the shader's private tiles have room for. */
export const RESIDENT_LIMITS = { hiddenSize: 32, inputSize: 4, outputSize: 4, numLayers: 1 } as const;

/** Many optimizer steps of `models` models, one workgroup each. Equations and shapes are in the shader's header. */
export const resident = defineKernel<{ models: number; T: number; H: number } & ResidentLayout & AdamDims>({
  shader,
  grid: ({ models }) => [models],
});
