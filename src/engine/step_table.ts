import { UNIFORM_SLOT_BYTES, writeUniform } from '../gpu/dispatch.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import type { ShaderBinding } from '../gpu/shader.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import { adam } from '../kernels/index.ts';
import type { Optimizer } from './optimizers.ts';
import type { Slice } from './plan.ts';

/** The step uniform's layout, the same in all shaders. A function, because at top level it would keep Adam in every bundle. */
export const stepBinding = (): ShaderBinding => adam.shader.bindings.find(({ name }) => name === 'step')!;

const NO_UPDATE = { lr: 0, step_size: 0, bias_correction2_sqrt: 1, decay: 1 };

/** Writes a single step's slot, for work without training. */
export function writeStep(
  device: GuardedDevice,
  buffer: GPUBuffer,
  step: { first: number; rows: number; slot: number; number: number },
): void {
  const binding = stepBinding();
  const data = new DataView(new ArrayBuffer(binding.sizeBytes!));
  writeUniform('step', binding, data, 0, { ...step, ...NO_UPDATE });
  device.queue.writeBuffer(buffer, 0, data.buffer);
}

interface StepTableOptions {
  label: string;
  numModels: number;
  batchSize: number;
  /** Maximum number of samples of all models in one pass. */
  maxSamples: number;
  maxStepsPerSlice: number;
  /** Undefined without training. */
  optimizer: Pick<Optimizer, 'stepFields'> | undefined;
  /** Uniforms, chosen by dynamic offset, or one array that a shader iterates over. */
  kind: 'uniforms' | 'array';
}

/** The samples of each step of each model, and its fields for the optimizer: see shaders/shared/step.wgsl. Written once per slice. */
export class StepTable {
  /** The models' orders, concatenated. */
  readonly order: Tensor;
  /** [maxStepsPerSlice, models] of Step. */
  readonly steps: Tensor;
  readonly #device: GuardedDevice;
  readonly #options: StepTableOptions;
  readonly #binding = stepBinding();
  readonly #data: DataView;
  readonly #strideBytes: number;
  #orders: readonly { base: number; length: number }[] = [];

  constructor(device: GuardedDevice, options: StepTableOptions) {
    const { label, kind, maxSamples, maxStepsPerSlice, numModels } = options;
    this.#device = device;
    this.#options = options;
    this.#strideBytes = kind === 'uniforms' ? UNIFORM_SLOT_BYTES : this.#binding.sizeBytes!;
    const sizeBytes = maxStepsPerSlice * numModels * this.#strideBytes;
    this.#data = new DataView(new ArrayBuffer(sizeBytes));
    const buffer = device.createBuffer({
      label: `${label} steps`,
      size: sizeBytes,
      usage: (kind === 'uniforms' ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE) | GPUBufferUsage.COPY_DST,
    });
    this.steps = { name: 'steps', shape: [sizeBytes / 4], buffer, offsetBytes: 0, sizeBytes };
    this.order = createTensor(device, `${label} order`, [maxSamples]);
  }

  setOrder(orders: readonly Uint32Array[]): void {
    const joined = new Uint32Array(orders.reduce((sum, order) => sum + order.length, 0));
    let base = 0;
    this.#orders = orders.map((order) => {
      joined.set(order, base);
      base += order.length;
      return { base: base - order.length, length: order.length };
    });
    writeTensor(this.#device, { ...this.order, shape: [base], sizeBytes: base * 4 }, joined);
  }

  /** Samples of a model's batch; 0 for a model that has none left. */
  rows(step: number, model: number): number {
    const { batchSize } = this.#options;
    return Math.max(0, Math.min(batchSize, this.#orders[model]!.length - step * batchSize));
  }

  /** Queues the write of a slice's steps. */
  write({ firstStep, numSteps, models }: Slice): void {
    const { batchSize, optimizer, numModels } = this.#options;
    for (let k = 0; k < numSteps; k++)
      for (const [model, { stepsTaken, lr }] of models.entries()) {
        const number = stepsTaken + k;
        const slot = k * numModels + model;
        const fields = optimizer?.stepFields({ t: number + 1, lr: lr(number) }) ?? NO_UPDATE;
        writeUniform('step', this.#binding, this.#data, slot * this.#strideBytes, {
          first: this.#orders[model]!.base + (firstStep + k) * batchSize,
          rows: this.rows(firstStep + k, model),
          slot,
          number,
          ...fields,
        });
      }
    const sizeBytes = numSteps * numModels * this.#strideBytes;
    this.#device.queue.writeBuffer(this.steps.buffer, 0, this.#data.buffer, 0, sizeBytes);
  }
}
