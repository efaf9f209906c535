import { stepBinding } from '../engine/step_table.ts';
import { type Dispatch, DispatchBuilder, record, UNIFORM_SLOT_BYTES, writeUniform } from '../gpu/dispatch.ts';
import { during, type GuardedDevice } from '../gpu/guarded_device.ts';
import { readRegions } from '../gpu/readback.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';

/** A step that is not the first: kernels must use its fields, not zeros. */
export const SOME_STEP = {
  ...{ first: 2, rows: 2, slot: 3, number: 5 },
  ...{ lr: 1e-2, step_size: 1e-3, bias_correction2_sqrt: 0.5, decay: 0.9 },
};

/** Initial content of a buffer that a kernel writes with `=`. */
export const garbage = (count: number): Float32Array<ArrayBuffer> => new Float32Array(count).fill(Number.NaN);

/**
 * Runs dispatches on new buffers with `inputs`, dispatch k with step k.
 * @returns the content of the buffers in `outputs` afterwards.
 */
export function runDispatches<Name extends string>(
  device: GuardedDevice,
  inputs: Readonly<Record<string, Float32Array | Uint32Array>>,
  outputs: readonly Name[],
  dispatchesOf: (build: DispatchBuilder, tensors: Readonly<Record<string, Tensor>>) => Dispatch[],
  steps: readonly (typeof SOME_STEP)[] = [SOME_STEP],
): Promise<Record<Name, Float32Array>> {
  const slots = new DataView(new ArrayBuffer(steps.length * UNIFORM_SLOT_BYTES));
  for (const [k, step] of steps.entries()) writeUniform('step', stepBinding(), slots, k * UNIFORM_SLOT_BYTES, step);
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  return during(device, async (scope) => {
    const stepBuffer = scope.createBuffer({ label: 'self-test steps', size: slots.byteLength, usage });
    device.queue.writeBuffer(stepBuffer, 0, slots.buffer);
    const build = new DispatchBuilder(scope, 'self-test', stepBuffer);
    const tensors: Record<string, Tensor> = {};
    for (const [name, values] of Object.entries(inputs)) {
      tensors[name] = createTensor(scope, name, [values.length]);
      writeTensor(device, tensors[name], values);
    }
    const dispatches = dispatchesOf(build, tensors);
    build.upload();
    const regions = outputs.map((name) => tensors[name]!);
    const read = await readRegions(device, regions, (encoder) => {
      const pass = encoder.beginComputePass({ label: 'self-test' });
      for (const [k, dispatch] of dispatches.entries())
        record(pass, [dispatch], Math.min(k, steps.length - 1) * UNIFORM_SLOT_BYTES);
      pass.end();
    });
    return Object.fromEntries(outputs.map((name, k) => [name, read[k]!])) as Record<Name, Float32Array>;
  });
}
