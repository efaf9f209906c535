import { ShapeError } from '../errors.ts';
import { Arena } from '../gpu/arena.ts';
import { readBuffer } from '../gpu/readback.ts';
import { createStorage, writeTensor } from '../gpu/tensor.ts';
import type { ModelConfig } from '../model/config.ts';
import { type ParameterValue, parameterTable, type StateDict } from '../model/parameters.ts';

/** Copies of the state kept while training, so that a slice that went wrong can be taken back. */
export const NUM_SNAPSHOTS = 3;

/** A model on the GPU: weights, their gradients, and Adam's moments, four arenas with one layout. */
export class ModelState {
  readonly device: GPUDevice;
  readonly config: ModelConfig;
  readonly weights: Arena;
  readonly grads: Arena;
  readonly m: Arena;
  readonly v: Arena;
  readonly #snapshots: readonly (readonly GPUBuffer[])[];

  constructor(device: GPUDevice, config: ModelConfig) {
    const table = parameterTable(config);
    this.device = device;
    this.config = config;
    this.weights = new Arena(device, 'weights', table);
    this.grads = new Arena(device, 'grads', table);
    this.m = new Arena(device, 'm', table);
    this.v = new Arena(device, 'v', table);
    this.#snapshots = Array.from({ length: NUM_SNAPSHOTS }, (_, slot) =>
      this.#learned.map(({ name, buffer }) => createStorage(device, `${name} snapshot ${slot}`, buffer.size)),
    );
  }

  /**
   * Queues the upload of weights, and zeroes both moments.
   * @throws ShapeError when a parameter is missing, unknown, or of another shape; nothing is uploaded then.
   */
  load(weights: StateDict): void {
    for (const [name, { shape, data }] of weights) {
      const tensor = this.weights.tensors.get(name);
      const got = `[${shape.join(', ')}]`;
      if (!tensor)
        throw new ShapeError(
          `${name}: this model has no such parameter; it has ${[...this.weights.tensors.keys()].join(', ')}.`,
        );
      if (got !== `[${tensor.shape.join(', ')}]` || data.byteLength !== tensor.sizeBytes)
        throw new ShapeError(
          `${name}: got shape ${got} with ${data.length} values, expected [${tensor.shape.join(', ')}]. ` +
            'Create the model with the sizes that the weights were trained with.',
        );
    }
    const missing = [...this.weights.tensors.keys()].find((name) => !weights.has(name));
    if (missing) throw new ShapeError(`${missing}: missing from the weights given; every parameter is needed.`);
    for (const [name, { data }] of weights) writeTensor(this.device, this.weights.tensor(name), data);
    this.resetMoments();
  }

  resetMoments(): void {
    const encoder = this.device.createCommandEncoder({ label: 'reset moments' });
    encoder.clearBuffer(this.m.buffer);
    encoder.clearBuffer(this.v.buffer);
    this.device.queue.submit([encoder.finish()]);
  }

  /** The weights as they are when all work submitted so far is done. */
  async readWeights(): Promise<StateDict> {
    return this.#readArena(this.weights);
  }

  /** The gradients of the last step, by parameter name. */
  async readGradients(): Promise<StateDict> {
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

  async #readArena(arena: Arena): Promise<StateDict> {
    const bytes = await readBuffer(this.device, arena.buffer, 0, arena.buffer.size);
    const values = new Map<string, ParameterValue>();
    for (const [name, { shape, offsetBytes, sizeBytes }] of arena.tensors)
      values.set(name, { shape, data: new Float32Array(bytes.slice(offsetBytes, offsetBytes + sizeBytes)) });
    return values;
  }
}
