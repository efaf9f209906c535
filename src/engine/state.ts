import { DeviceError, ShapeError } from '../errors.ts';
import { Arena } from '../gpu/arena.ts';
import { readBuffer } from '../gpu/readback.ts';
import { createStorage, writeTensor } from '../gpu/tensor.ts';
import type { ModelConfig } from '../model/config.ts';
import { type ParameterValue, parameterTable, type StateDict } from '../model/parameters.ts';

/** Copies of the state kept while training, so that a slice that went wrong can be taken back. */
export const NUM_SNAPSHOTS = 3;

/**
 * Models of one shape on the GPU: weights, their gradients, and Adam's moments, four arenas with one layout and a copy for
 * each model.
 */
export class ModelState {
  readonly device: GPUDevice;
  readonly config: ModelConfig;
  readonly numModels: number;
  readonly weights: Arena;
  readonly grads: Arena;
  readonly m: Arena;
  readonly v: Arena;
  readonly #snapshots: readonly (readonly GPUBuffer[])[];
  #kept: ArrayBuffer | undefined;

  constructor(device: GPUDevice, config: ModelConfig, numModels = 1) {
    const table = parameterTable(config);
    this.device = device;
    this.config = config;
    this.numModels = numModels;
    this.weights = new Arena(device, 'weights', table, numModels);
    this.grads = new Arena(device, 'grads', table, numModels);
    this.m = new Arena(device, 'm', table, numModels);
    this.v = new Arena(device, 'v', table, numModels);
    this.#snapshots = Array.from({ length: NUM_SNAPSHOTS }, (_, slot) =>
      this.#learned.map(({ name, buffer }) => createStorage(device, `${name} snapshot ${slot}`, buffer.size)),
    );
  }

  /**
   * Queues the upload of one model's weights, and zeroes its moments.
   * @throws ShapeError when a parameter is missing, unknown, or of another shape; nothing is uploaded then.
   */
  load(weights: StateDict, model = 0): void {
    const { names } = this.weights;
    for (const [name, { shape, data }] of weights) {
      const tensor = names.includes(name) ? this.weights.tensor(name, model) : undefined;
      const got = `[${shape.join(', ')}]`;
      if (!tensor) throw new ShapeError(`${name}: this model has no such parameter; it has ${names.join(', ')}.`);
      if (got !== `[${tensor.shape.join(', ')}]` || data.byteLength !== tensor.sizeBytes)
        throw new ShapeError(
          `${name}: got shape ${got} with ${data.length} values, expected [${tensor.shape.join(', ')}]. ` +
            'Create the model with the sizes that the weights were trained with.',
        );
    }
    const missing = names.find((name) => !weights.has(name));
    if (missing) throw new ShapeError(`${missing}: missing from the weights given; every parameter is needed.`);
    this.#kept = undefined;
    for (const [name, { data }] of weights) writeTensor(this.device, this.weights.tensor(name, model), data);
    const encoder = this.device.createCommandEncoder({ label: 'reset moments' });
    for (const { buffer, copyBytes } of [this.m, this.v]) encoder.clearBuffer(buffer, model * copyBytes, copyBytes);
    this.device.queue.submit([encoder.finish()]);
  }

  /**
   * Every model's weights as they are when all work submitted so far is done; when the device is lost, the last ones that
   * {@link keepWeights} was given. @throws DeviceError when there are none.
   */
  async readWeights(): Promise<StateDict[]> {
    try {
      return await this.#readArena(this.weights);
    } catch (error) {
      if (error instanceof DeviceError && this.#kept) return this.#parse(this.weights, this.#kept);
      throw error;
    }
  }

  /** Keeps a copy of the weight arena's bytes, for the case that the device is lost. */
  keepWeights(bytes: ArrayBuffer): void {
    this.#kept = bytes;
  }

  /** Every model's gradients of its last step, by parameter name; of the plans that keep any. */
  async readGradients(): Promise<StateDict[]> {
    return this.#readArena(this.grads);
  }

  /** Appends a copy of weights and moments into a slot. */
  snapshot(encoder: GPUCommandEncoder, slot: number): void {
    for (const [k, { buffer }] of this.#learned.entries())
      encoder.copyBufferToBuffer(buffer, 0, this.#snapshots[slot]![k]!, 0, buffer.size);
  }

  /** Appends the copy back. */
  restore(encoder: GPUCommandEncoder, slot: number): void {
    for (const [k, { buffer }] of this.#learned.entries())
      encoder.copyBufferToBuffer(this.#snapshots[slot]![k]!, 0, buffer, 0, buffer.size);
  }

  destroy(): void {
    for (const arena of [this.weights, this.grads, this.m, this.v]) arena.destroy();
    for (const buffer of this.#snapshots.flat()) buffer.destroy();
  }

  /** What training changes: all that a snapshot holds. */
  get #learned(): readonly Arena[] {
    return [this.weights, this.m, this.v];
  }

  async #readArena(arena: Arena): Promise<StateDict[]> {
    return this.#parse(arena, await readBuffer(this.device, arena.buffer, 0, arena.buffer.size));
  }

  #parse(arena: Arena, bytes: ArrayBuffer): StateDict[] {
    const value = (name: string, model: number): [string, ParameterValue] => {
      const { shape, offsetBytes, sizeBytes } = arena.tensor(name, model);
      return [name, { shape, data: new Float32Array(bytes.slice(offsetBytes, offsetBytes + sizeBytes)) }];
    };
    return Array.from({ length: this.numModels }, (_, model) => new Map(arena.names.map((name) => value(name, model))));
  }
}
