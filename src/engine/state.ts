import { DeviceLostError } from '../errors.ts';
import { Arena, type TensorTable } from '../gpu/arena.ts';
import { type DeviceScope, during, type GuardedDevice, owning } from '../gpu/guarded_device.ts';
import { ReadbackRing, readBuffer } from '../gpu/readback.ts';
import { createStorage } from '../gpu/tensor.ts';
import type { ModelConfig } from '../model/config.ts';
import { checkStateDict, parameterTable, type StateDict, type TensorValue } from '../model/parameters.ts';

/** Number of copies of the state kept in training, to restore after a bad slice; more if they are small. */
export const numSnapshots = (weightBytes: number): number => (weightBytes <= SMALL_BYTES ? 6 : 3);

const SMALL_BYTES = 2 ** 16;

/** Arenas of an optimizer. */
export const OPTIMIZER_ARENAS = ['m', 'v', 'extra'] as const;
export type OptimizerArena = (typeof OPTIMIZER_ARENAS)[number];

/**
 * Models of one shape on the GPU: weights, their gradients, and the optimizer's state, in arenas with the same layout and a
 * copy for each model. All but the weights are created on demand.
 */
export class ModelState {
  readonly device: GuardedDevice;
  readonly config: ModelConfig;
  readonly numModels: number;
  readonly weights: Arena;
  readonly #table: TensorTable;
  readonly #made = new Map<ArenaName, Arena>();
  #snapshots: Copies | undefined;
  #kept: ArrayBuffer | undefined;

  constructor(device: GuardedDevice, config: ModelConfig, numModels = 1) {
    this.#table = parameterTable(config);
    this.device = device;
    this.config = config;
    this.numModels = numModels;
    this.weights = new Arena(device, 'weights', this.#table, numModels);
  }

  get grads(): Arena {
    return this.#arena('grads');
  }

  /** An optimizer's buffers; optimizers.ts defines which ones it uses, and for what. */
  get m(): Arena {
    return this.#arena('m');
  }

  get v(): Arena {
    return this.#arena('v');
  }

  get extra(): Arena {
    return this.#arena('extra');
  }

  /** Allocates the arenas of an optimizer. */
  makeFor(optimizer: { readonly [Name in OptimizerArena]?: unknown }): void {
    for (const name of OPTIMIZER_ARENAS) if (optimizer[name]) this.#arena(name);
  }

  /**
   * Queues the upload of each model's weights, and zeroes the optimizer's state.
   * @throws ShapeError if a parameter is missing, unknown, or of another shape; nothing is uploaded then.
   */
  load(...models: readonly StateDict[]): void {
    for (const weights of models) checkStateDict(weights, this.#table);
    this.#kept = undefined;
    const { buffer, copyBytes } = this.weights;
    for (const [model, weights] of models.entries()) {
      const copy = new ArrayBuffer(copyBytes); // one write per model, because there may be thousands
      for (const [name, { data }] of weights)
        new Float32Array(copy, this.weights.tensor(name).offsetBytes, data.length).set(data);
      this.device.queue.writeBuffer(buffer, model * copyBytes, copy);
    }
    this.resetOptimizer();
  }

  /** Queues zeroing of the optimizer's state. */
  resetOptimizer(): void {
    const encoder = this.device.createCommandEncoder({ label: 'reset optimizer' });
    for (const { buffer } of this.#optimizerArenas) encoder.clearBuffer(buffer);
    this.device.queue.submit(encoder);
  }

  /**
   * Every model's weights once all submitted work is done; if the device is lost, the last ones passed to {@link keepWeights}.
   * @throws DeviceLostError if there are none.
   */
  async readWeights(): Promise<StateDict[]> {
    try {
      return await this.readArena(this.weights);
    } catch (error) {
      const kept = this.keptWeights;
      if (error instanceof DeviceLostError && kept) return kept;
      throw error;
    }
  }

  /** Keeps a copy of the weight arena's bytes, in case the device is lost. */
  keepWeights(bytes: ArrayBuffer): void {
    this.#kept = bytes;
  }

  /** The last weights passed to {@link keepWeights}. */
  get keptWeights(): StateDict[] | undefined {
    return this.#kept && this.#parse(this.weights, this.#kept);
  }

  /** Every model's gradients of its last step, by parameter name; for plans that store them. */
  async readGradients(): Promise<StateDict[]> {
    return this.readArena(this.grads);
  }

  /** One of the arenas, by parameter name, for every model. */
  async readArena(arena: Arena): Promise<StateDict[]> {
    return this.#parse(arena, await readBuffer(this.device, arena.buffer, 0, arena.buffer.size));
  }

  /**
   * Appends a copy of everything that training changes; the returned function, called after the submit, resolves to it. Every
   * arena has its own staging buffer, because together they may exceed the largest buffer.
   * @param device its scope frees them.
   */
  copyOut(device: GuardedDevice, encoder: GPUCommandEncoder): () => Promise<StateBytes> {
    const copies = this.#trained.map(({ name, flat }) => {
      const ring = new ReadbackRing(device, name, flat.sizeBytes, 1);
      return { name: name as TrainedName, read: ring.copy(encoder, flat) };
    });
    return async () => new Map(await Promise.all(copies.map(async ({ name, read }) => [name, await read()] as const)));
  }

  /** Everything that training changes, once all submitted work is done. */
  readBytes(): Promise<StateBytes> {
    return during(this.device, (scope) => {
      const encoder = this.device.createCommandEncoder({ label: 'read state' });
      const read = this.copyOut(scope, encoder);
      this.device.queue.submit(encoder);
      return read();
    });
  }

  /** Queues the upload of a copy from {@link copyOut}, on this device or another. */
  writeBytes(bytes: StateBytes): void {
    this.#kept = bytes.get('weights');
    for (const [name, data] of bytes) {
      const { buffer } = name === 'weights' ? this.weights : this.#arena(name);
      this.device.queue.writeBuffer(buffer, 0, data);
    }
  }

  /** Queues the upload of one model's part of a weight arena, leaving the optimizer's state as it is. */
  writeWeights(model: number, copy: ArrayBuffer): void {
    const at = model * this.weights.copyBytes;
    this.#kept = this.#kept?.slice(0); // it may be in use elsewhere
    if (this.#kept) new Uint8Array(this.#kept).set(new Uint8Array(copy), at);
    this.device.queue.writeBuffer(this.weights.buffer, at, copy);
  }

  /** An arena's bytes by parameter name, for every model. */
  parse(bytes: ArrayBuffer): StateDict[] {
    return this.#parse(this.weights, bytes); // all arenas have the same layout
  }

  /** The inverse of {@link parse}. @throws ShapeError if these are not the model's parameters. */
  unparse(models: readonly StateDict[]): ArrayBuffer {
    const bytes = new ArrayBuffer(this.weights.buffer.size);
    for (const [model, values] of models.entries()) {
      checkStateDict(values, this.#table);
      for (const [name, { data }] of values)
        new Float32Array(bytes, this.weights.tensor(name, model).offsetBytes, data.length).set(data);
    }
    return bytes;
  }

  get numSnapshots(): number {
    return numSnapshots(this.weights.flat.sizeBytes);
  }

  /** Appends a copy of everything that training changes into a slot. */
  snapshot(encoder: GPUCommandEncoder, slot: number): void {
    this.#snapshots ??= this.#makeSnapshots();
    for (const [{ buffer }, copy] of this.#snapshots.copies[slot]!)
      encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
  }

  /** Appends the copy back. */
  restore(encoder: GPUCommandEncoder, slot: number): void {
    for (const [{ buffer }, copy] of this.#snapshots!.copies[slot]!)
      encoder.copyBufferToBuffer(copy, 0, buffer, 0, buffer.size);
  }

  /** Releases arenas that the device had no room for; they are recreated on demand. */
  dropRefused(): void {
    const refused = ({ buffer }: Arena) => this.device.wasRefused(buffer);
    const copies = this.#snapshots?.copies.flatMap((snapshot) => [...snapshot.values()]) ?? [];
    const arenas = [...this.#made].filter(([, arena]) => refused(arena));
    if (arenas.length > 0 || copies.some((buffer) => this.device.wasRefused(buffer))) this.#disposeSnapshots();
    for (const [name, arena] of arenas) {
      arena.dispose();
      this.#made.delete(name);
    }
  }

  dispose(): void {
    for (const arena of [this.weights, ...this.#made.values()]) arena.dispose();
    this.#disposeSnapshots();
  }

  /** The arenas that training changes. */
  get #trained(): Arena[] {
    return [this.weights, ...this.#optimizerArenas];
  }

  get #optimizerArenas(): Arena[] {
    return OPTIMIZER_ARENAS.flatMap((name) => this.#made.get(name) ?? []);
  }

  #arena(name: ArenaName): Arena {
    const existing = this.#made.get(name);
    if (existing) return existing;
    const arena = new Arena(this.device, name, this.#table, this.numModels);
    this.#made.set(name, arena);
    this.#disposeSnapshots(); // later ones must include the new arena
    return arena;
  }

  #makeSnapshots(): Copies {
    return owning(this.device, (scope) => ({
      scope,
      copies: Array.from({ length: this.numSnapshots }, (_, slot) => {
        const copyOf = ({ name, buffer }: Arena) => createStorage(scope, `${name} snapshot ${slot}`, buffer.size);
        return new Map(this.#trained.map((arena) => [arena, copyOf(arena)]));
      }),
    }));
  }

  #disposeSnapshots(): void {
    this.#snapshots?.scope.dispose();
    this.#snapshots = undefined;
  }

  #parse(arena: Arena, bytes: ArrayBuffer): StateDict[] {
    const value = (name: string, model: number): [string, TensorValue] => {
      const { shape, offsetBytes, sizeBytes } = arena.tensor(name, model);
      return [name, { shape, data: new Float32Array(bytes.slice(offsetBytes, offsetBytes + sizeBytes)) }];
    };
    return Array.from({ length: this.numModels }, (_, model) => new Map(arena.names.map((name) => value(name, model))));
  }
}

/** Copies of what training changes, by slot. */
interface Copies {
  scope: DeviceScope;
  copies: readonly ReadonlyMap<Arena, GPUBuffer>[];
}

type ArenaName = 'grads' | OptimizerArena;
type TrainedName = 'weights' | OptimizerArena;

/** Weights and the optimizer's state: the bytes of whole arenas. */
export type StateBytes = ReadonlyMap<TrainedName, ArrayBuffer>;
