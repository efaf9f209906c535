import shader from '../../shaders/resident_wide.wgsl';
import { defineKernel } from '../gpu/kernel.ts';

/** The shader's uniform; offsets in elements of an arena, `one_minus_*` rounded from float64 as PyTorch's are. */
type ResidentWideDims = {
  models: number;
  T: number;
  I: number;
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

/** The sizes its workgroup arrays have room for; H is an invocation each, so the device may hold fewer. */
export const RESIDENT_WIDE_LIMITS = { hiddenSize: 256, outputSize: 256, numLayers: 1 } as const;

/** Many optimizer steps of `models` models, one workgroup each, a lane a unit. Equations are in the shader's header. */
export const residentWide = defineKernel<ResidentWideDims>({
  shader,
  grid: ({ models }) => [models],
});
