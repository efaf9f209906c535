import { UNIFORM_SLOT_BYTES, writeUniform } from '../gpu/kernel.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { adam } from '../kernels/adam.ts';
import type { AdamConfig, Slice } from './plan.ts';

/** The step uniform's layout, as any shader that uses it has it. */
const STEP = adam.shader.bindings.find((binding) => binding.name === 'step')!;

/**
 * The steps of one slice (shaders/shared/step.wgsl), written once a slice: as uniforms, chosen by dynamic offset, or as
 * one array that a shader walks by itself.
 */
export class StepSlots {
  readonly tensor: Tensor;
  readonly #device: GPUDevice;
  readonly #data: DataView;
  readonly #strideBytes: number;

  constructor(device: GPUDevice, label: string, maxSteps: number, kind: 'uniforms' | 'array') {
    this.#device = device;
    this.#strideBytes = kind === 'uniforms' ? UNIFORM_SLOT_BYTES : STEP.sizeBytes!;
    const sizeBytes = maxSteps * this.#strideBytes;
    this.#data = new DataView(new ArrayBuffer(sizeBytes));
    const buffer = device.createBuffer({
      label: `${label} steps`,
      size: sizeBytes,
      usage: (kind === 'uniforms' ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE) | GPUBufferUsage.COPY_DST,
    });
    this.tensor = { name: 'steps', shape: [sizeBytes / 4], buffer, offsetBytes: 0, sizeBytes };
  }

  get buffer(): GPUBuffer {
    return this.tensor.buffer;
  }

  /** Queues the write of a slice's slots. `numSamples` is the length of the order: the last batch may be short. */
  write(slice: Slice, batchSize: number, numSamples: number, { betas }: Pick<AdamConfig, 'betas'>): void {
    for (let slot = 0; slot < slice.numSteps; slot++) {
      const first = (slice.firstStep + slot) * batchSize;
      const t = slice.stepsTaken + slot + 1;
      writeUniform('step', STEP, this.#data, slot * this.#strideBytes, {
        first,
        rows: Math.min(batchSize, numSamples - first),
        slot,
        step_size: slice.lr / (1 - betas[0] ** t),
        bias_correction2_sqrt: Math.sqrt(1 - betas[1] ** t),
      });
    }
    this.#device.queue.writeBuffer(this.buffer, 0, this.#data.buffer, 0, slice.numSteps * this.#strideBytes);
  }

  destroy(): void {
    this.buffer.destroy();
  }
}
