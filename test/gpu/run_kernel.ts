import { DispatchBuilder, record, UNIFORM_SLOT_BYTES, writeUniform } from '../../src/gpu/dispatch.ts';
import type { Kernel } from '../../src/gpu/kernel.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { createTensor, writeTensor } from '../../src/gpu/tensor.ts';
import { MersenneTwister } from '../../src/model/init.ts';
import type { Step } from '../reference/step.ts';
import { guardedTestDevice } from './device.ts';

export type Values = Readonly<Record<string, Float32Array | Uint32Array>>;

/** A step other than the first: kernels must use its fields, not zeros. */
export const STEP: Step = {
  first: 2,
  rows: 1,
  slot: 3,
  number: 5,
  lr: 1e-2,
  step_size: 1e-3,
  bias_correction2_sqrt: 0.5,
  decay: 0.9,
};

/** One dispatch over new buffers with `inputs`, by binding name. @returns every writable binding's values. */
export async function runKernel<Dims extends Record<string, number>>(
  kernel: Kernel<Dims>,
  dims: Dims,
  inputs: Values,
  step: Step = STEP,
  overrides: Readonly<Record<string, number>> = {},
): Promise<Record<string, Float32Array>> {
  const device = guardedTestDevice();
  const loaded = await kernel.load(device, overrides);
  const slots = device.createBuffer({
    label: 'test steps',
    size: 2 * UNIFORM_SLOT_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const stepBinding = kernel.shader.bindings.find((binding) => binding.name === 'step');
  if (stepBinding) {
    const data = new DataView(new ArrayBuffer(2 * UNIFORM_SLOT_BYTES));
    writeUniform(kernel.name, stepBinding, data, UNIFORM_SLOT_BYTES, { ...step });
    device.queue.writeBuffer(slots, 0, data.buffer);
  }
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, values]) => {
      const tensor = createTensor(device, name, [values.length]);
      writeTensor(device, tensor, values);
      return [name, tensor];
    }),
  );
  const build = new DispatchBuilder(device, `test ${kernel.name}`, slots);
  try {
    const dispatch = build.dispatch(loaded, dims, tensors);
    build.upload();
    const encoder = device.createCommandEncoder({ label: 'test' });
    const pass = encoder.beginComputePass();
    record(pass, [dispatch], UNIFORM_SLOT_BYTES);
    pass.end();
    device.queue.submit(encoder);
    const outputs: Record<string, Float32Array> = {};
    for (const { name, type } of kernel.shader.bindings) {
      if (type !== 'storage') continue;
      const { buffer, sizeBytes } = tensors[name]!;
      outputs[name] = new Float32Array(await readBuffer(device, buffer, 0, sizeBytes));
    }
    return outputs;
  } finally {
    device.dispose();
  }
}

/** `count` values in [-1, 1) that depend only on the seed. */
export function randomValues(count: number, seed: number): Float32Array {
  const generator = new MersenneTwister(seed);
  return Float32Array.from({ length: count }, () => generator.uniform(-1, 1));
}

/** Garbage in a buffer before a kernel writes it with `=`. */
export const garbage = (count: number): Float32Array => new Float32Array(count).fill(Number.NaN);
