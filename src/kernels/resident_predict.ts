import shader from '../../shaders/resident_predict.wgsl';
import { defineKernel } from '../gpu/kernel.ts';

/** Windows of one model that a workgroup takes: reading the weights costs about as much as two of them. */
const WINDOWS_PER_GROUP = 16;
const MAX_GROUPS = 65_535;

/** The shader's uniform; offsets in elements of an arena. */
type ResidentPredictDims = {
  models: number;
  T: number;
  H: number;
  W: number;
  arena: number;
  weight_ih: number;
  weight_hh: number;
  bias_ih: number;
  bias_hh: number;
  fc_weight: number;
  fc_bias: number;
};

/** series, starts -> predictions of W windows of every model. Equations and shapes are in the shader's header. */
export const residentPredict = defineKernel<ResidentPredictDims>({
  shader,
  grid: ({ models, W }) => [models, Math.min(MAX_GROUPS, Math.ceil(W / WINDOWS_PER_GROUP))],
});
