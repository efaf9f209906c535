import { describeDevice } from '../gpu/device.ts';
import type { LoadedKernel } from '../gpu/kernel.ts';
import { type MatmulDims, matmul } from '../kernels/matmul.ts';
import { matmulQuad } from '../kernels/matmul_quad.ts';

/** The matrix product that is the faster one on a device; see bench/NOTES.md. */
export function loadProduct(device: GPUDevice): Promise<LoadedKernel<MatmulDims>> {
  const quads = describeDevice(device).software && device.features.has('subgroups');
  return (quads ? matmulQuad : matmul).load(device);
}
