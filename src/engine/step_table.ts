import { UNIFORM_SLOT_BYTES, writeUniform } from '../gpu/dispatch.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import type { ShaderBinding } from '../gpu/shader.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import type { StepDims } from '../kernels/dims.ts';
import { adam } from '../kernels/index.ts';
import type { Optimizer } from './optimizers.ts';
import type { Slice } from './plan.ts';

/** The step uniform's layout, the same in all shaders. A function, because at top level it would keep Adam in every bundle. */
export const stepBinding = (): ShaderBinding => adam.shader.bindings.find(({ name }) => name === 'step')!;

const NO_UPDATE = { lr: 0, step_size: 0, bias_correction2_sqrt: 1, decay: 1 };

/** The position of each field, in values of four bytes: a table has many slots, too many to write them by name. */
function placesOf({ fields }: ShaderBinding): Readonly<Record<keyof StepDims, number>> {
  return Object.fromEntries(Object.keys(fields!).map((name, k) => [name, k])) as Record<keyof StepDims, number>;
}

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
  /** Position of each field in a slot. */
  readonly #at = placesOf(stepBinding());
  readonly #integers: Uint32Array<ArrayBuffer>;
  readonly #floats: Float32Array<ArrayBuffer>;
  readonly #strideBytes: number;
  #orders: readonly { base: number; length: number }[] = [];

  constructor(device: GuardedDevice, options: StepTableOptions) {
    const { label, kind, maxSamples, maxStepsPerSlice, numModels } = options;
    this.#device = device;
    this.#options = options;
    this.#strideBytes = kind === 'uniforms' ? UNIFORM_SLOT_BYTES : stepBinding().sizeBytes!;
    const sizeBytes = maxStepsPerSlice * numModels * this.#strideBytes;
    this.#integers = new Uint32Array(sizeBytes / 4);
    this.#floats = new Float32Array(this.#integers.buffer);
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

  /** Queues the write of a slice's steps. Models that took as many steps with the same learning rate share the optimizer's fields. */
  write({ firstStep, numSteps, models }: Slice): void {
    const { batchSize, optimizer, numModels } = this.#options;
    const { first, rows, slot, number, lr, step_size, bias_correction2_sqrt, decay } = this.#at;
    const [integers, floats, stride] = [this.#integers, this.#floats, this.#strideBytes / 4];
    for (let k = 0; k < numSteps; k++) {
      const from = (firstStep + k) * batchSize;
      let fields = NO_UPDATE;
      let of = { number: -1, lr: Number.NaN };
      for (let model = 0; model < numModels; model++) {
        const { stepsTaken, lr: lrAt } = models[model]!;
        const now = { number: stepsTaken + k, lr: lrAt(stepsTaken + k) };
        if (optimizer && (now.number !== of.number || now.lr !== of.lr)) {
          fields = optimizer.stepFields({ t: now.number + 1, lr: now.lr });
          of = now;
        }
        const { base, length } = this.#orders[model]!;
        const at = (k * numModels + model) * stride;
        integers[at + first] = base + from;
        integers[at + rows] = Math.max(0, Math.min(batchSize, length - from));
        integers[at + slot] = k * numModels + model;
        integers[at + number] = now.number;
        floats[at + lr] = fields.lr;
        floats[at + step_size] = fields.step_size;
        floats[at + bias_correction2_sqrt] = fields.bias_correction2_sqrt;
        floats[at + decay] = fields.decay;
      }
    }
    const sizeBytes = numSteps * numModels * this.#strideBytes;
    this.#device.queue.writeBuffer(this.steps.buffer, 0, this.#integers.buffer, 0, sizeBytes);
  }
}
