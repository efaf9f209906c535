import shader from '../../shaders/resident.wgsl';
import { defineKernel } from '../gpu/kernel.ts';

/** The shader's uniform; offsets in elements of an arena, `one_minus_*` rounded from float64 as PyTorch's are. */
type ResidentDims = {
  models: number;
  T: number;
  H: number;
  arena: number;
  weight_ih: number;
  weight_hh: number;
  bias_ih: number;
  bias_hh: number;
  fc_weight: number;
  fc_bias: number;
  beta1: number;
  one_minus_beta1: number;
  beta2: number;
  one_minus_beta2: number;
  eps: number;
};

/** The sizes one workgroup holds: what the shader's private tiles have room for. */
export const RESIDENT_LIMITS = { hiddenSize: 32, inputSize: 4, outputSize: 4, numLayers: 1 } as const;

/** Many optimizer steps of `models` models, one workgroup each. Equations and shapes are in the shader's header. */
export const resident = defineKernel<ResidentDims>({
  shader,
  grid: ({ models }) => [models],
});
