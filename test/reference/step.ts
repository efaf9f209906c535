export type { StepDims as Step } from '../../src/kernels/dims.ts';
