import { UNIFORM_SLOT_BYTES, writeUniform } from '../gpu/kernel.ts';
import { adam } from '../kernels/adam.ts';
import type { AdamConfig, Slice } from './plan.ts';

/** The step uniform's layout, as any shader that uses it has it. */
const STEP = adam.shader.bindings.find((binding) => binding.name === 'step')!;

/** The step uniforms of one slice (shaders/shared/step.wgsl): one slot a step, written once a slice. */
export class StepSlots {
  readonly buffer: GPUBuffer;
  readonly #device: GPUDevice;
  readonly #data: DataView;

  constructor(device: GPUDevice, label: string, maxSteps: number) {
    this.#device = device;
    this.#data = new DataView(new ArrayBuffer(maxSteps * UNIFORM_SLOT_BYTES));
    this.buffer = device.createBuffer({
      label: `${label} steps`,
      size: this.#data.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
  }

  /** Queues the write of a slice's slots. `numSamples` is the length of the order: the last batch may be short. */
  write(slice: Slice, batchSize: number, numSamples: number, { betas }: Pick<AdamConfig, 'betas'>): void {
    for (let slot = 0; slot < slice.numSteps; slot++) {
      const first = (slice.firstStep + slot) * batchSize;
      const t = slice.stepsTaken + slot + 1;
      writeUniform('step', STEP, this.#data, slot * UNIFORM_SLOT_BYTES, {
        first,
        rows: Math.min(batchSize, numSamples - first),
        slot,
        step_size: slice.lr / (1 - betas[0] ** t),
        bias_correction2_sqrt: Math.sqrt(1 - betas[1] ** t),
      });
    }
    this.#device.queue.writeBuffer(this.buffer, 0, this.#data.buffer, 0, slice.numSteps * UNIFORM_SLOT_BYTES);
  }

  destroy(): void {
    this.buffer.destroy();
  }
}
