import shader from '../../shaders/resident_predict.wgsl';
import { defineKernel } from '../gpu/kernel.ts';
import type { ResidentLayout } from './resident.ts';

/** Windows of one model that a workgroup takes: reading the weights costs about as much as two of them. */
const WINDOWS_PER_GROUP = 16;
const MAX_GROUPS = 65_535;

/** series, starts -> predictions of W windows of every model. Equations and shapes are in the shader's header. */
export const residentPredict = defineKernel<{ models: number; T: number; H: number; W: number } & ResidentLayout>({
  shader,
  grid: ({ models, W }) => [models, Math.min(MAX_GROUPS, Math.ceil(W / WINDOWS_PER_GROUP))],
});
