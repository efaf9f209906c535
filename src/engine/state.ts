import { DeviceLostError } from '../errors.ts';
import { Arena, type TensorTable } from '../gpu/arena.ts';
import { type DeviceScope, during, type GuardedDevice, owning } from '../gpu/guarded_device.ts';
import { ReadbackRing, readBuffer } from '../gpu/readback.ts';
import { createStorage } from '../gpu/tensor.ts';
import type { ModelConfig } from '../model/config.ts';
import { checkStateDict, parameterTable, type StateDict, type TensorValue } from '../model/parameters.ts';

/** Copies of the state kept while training, so that a slice that went wrong can be taken back; more where they are small. */
export const numSnapshots = (weightBytes: number): number => (weightBytes <= SMALL_BYTES ? 6 : 3);

const SMALL_BYTES = 2 ** 16;

/** Of an optimizer. */
export const OPTIMIZER_ARENAS = ['m', 'v', 'extra'] as const;
export type OptimizerArena = (typeof OPTIMIZER_ARENAS)[number];

/**
 * Models of one shape on the GPU: weights, their gradients, and what an optimizer keeps, arenas with one layout and a copy
 * for each model. All but the weights are made when they are first asked for.
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

  /** An optimizer's buffers; which of them it uses, and for what, is in optimizers.ts. */
  get m(): Arena {
    return this.#arena('m');
  }

  get v(): Arena {
    return this.#arena('v');
  }

  get extra(): Arena {
    return this.#arena('extra');
  }

  /** Makes room for what an optimizer keeps. */
  makeFor(optimizer: { readonly [Name in OptimizerArena]?: unknown }): void {
    for (const name of OPTIMIZER_ARENAS) if (optimizer[name]) this.#arena(name);
  }

  /**
   * Queues the upload of each model's weights, and zeroes what an optimizer kept.
   * @throws ShapeError when a parameter is missing, unknown, or of another shape; nothing is uploaded then.
   */
  load(...models: readonly StateDict[]): void {
    for (const weights of models) checkStateDict(weights, this.#table);
    this.#kept = undefined;
    const { buffer, copyBytes } = this.weights;
    for (const [model, weights] of models.entries()) {
      const copy = new ArrayBuffer(copyBytes); // one write a model: there may be thousands
      for (const [name, { data }] of weights)
        new Float32Array(copy, this.weights.tensor(name).offsetBytes, data.length).set(data);
      this.device.queue.writeBuffer(buffer, model * copyBytes, copy);
    }
    this.resetOptimizer();
  }

  /** Queues the zeroing of what an optimizer kept. */
  resetOptimizer(): void {
    const encoder = this.device.createCommandEncoder({ label: 'reset optimizer' });
    for (const { buffer } of this.#optimizerArenas) encoder.clearBuffer(buffer);
    this.device.queue.submit(encoder);
  }

  /**
   * Every model's weights as they are when all work submitted so far is done; when the device is lost, the last ones that
   * {@link keepWeights} was given. @throws DeviceLostError when there are none.
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

  /** Keeps a copy of the weight arena's bytes, for the case that the device is lost. */
  keepWeights(bytes: ArrayBuffer): void {
    this.#kept = bytes;
  }

  /** What {@link keepWeights} was given last. */
  get keptWeights(): StateDict[] | undefined {
    return this.#kept && this.#parse(this.weights, this.#kept);
  }

  /** Every model's gradients of its last step, by parameter name; of the plans that keep any. */
  async readGradients(): Promise<StateDict[]> {
    return this.readArena(this.grads);
  }

  /** One of the arenas, by parameter name, for every model. */
  async readArena(arena: Arena): Promise<StateDict[]> {
    return this.#parse(arena, await readBuffer(this.device, arena.buffer, 0, arena.buffer.size));
  }

  /**
   * Appends a copy of all that training changes; the returned function, called after the submit, resolves to it. Every arena
   * has a staging buffer of its own: together they may be more than one buffer holds.
   * @param device whose scope frees them.
   */
  copyOut(device: GuardedDevice, encoder: GPUCommandEncoder): () => Promise<StateBytes> {
    const copies = this.#trained.map(({ name, flat }) => {
      const ring = new ReadbackRing(device, name, flat.sizeBytes, 1);
      return { name: name as TrainedName, read: ring.copy(encoder, flat) };
    });
    return async () => new Map(await Promise.all(copies.map(async ({ name, read }) => [name, await read()] as const)));
  }

  /** All that training changes, as it is when all work submitted so far is done. */
  readBytes(): Promise<StateBytes> {
    return during(this.device, (scope) => {
      const encoder = this.device.createCommandEncoder({ label: 'read state' });
      const read = this.copyOut(scope, encoder);
      this.device.queue.submit(encoder);
      return read();
    });
  }

  /** Queues the upload of what {@link copyOut} gave, here or on another device. */
  writeBytes(bytes: StateBytes): void {
    this.#kept = bytes.get('weights');
    for (const [name, data] of bytes) {
      const { buffer } = name === 'weights' ? this.weights : this.#arena(name);
      this.device.queue.writeBuffer(buffer, 0, data);
    }
  }

  /** Queues the upload of one model's part of a weight arena, and leaves what an optimizer kept. */
  writeWeights(model: number, copy: ArrayBuffer): void {
    const at = model * this.weights.copyBytes;
    this.#kept = this.#kept?.slice(0); // another may hold it, too
    if (this.#kept) new Uint8Array(this.#kept).set(new Uint8Array(copy), at);
    this.device.queue.writeBuffer(this.weights.buffer, at, copy);
  }

  /** An arena's bytes by parameter name, for every model. */
  parse(bytes: ArrayBuffer): StateDict[] {
    return this.#parse(this.weights, bytes); // all arenas have its layout
  }

  /** The arena bytes that {@link parse} reads as these. @throws ShapeError when they are not the model's parameters. */
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

  /** Appends a copy of all that training changes into a slot. */
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

  /** Gives up what the device had no room for, so that it is made anew when it is asked for next. */
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

  /** What training changes. */
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
    this.#disposeSnapshots(); // the next ones hold it, too
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

/** Of what training changes, slot by slot. */
interface Copies {
  scope: DeviceScope;
  copies: readonly ReadonlyMap<Arena, GPUBuffer>[];
}

type ArenaName = 'grads' | OptimizerArena;
type TrainedName = 'weights' | OptimizerArena;

/** Weights, and what an optimizer keeps: the bytes of whole arenas. */
export type StateBytes = ReadonlyMap<TrainedName, ArrayBuffer>;
