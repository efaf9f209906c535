import { ModelState } from '../engine/state.ts';
import { StateError } from '../errors.ts';
import { GuardedDevice } from '../gpu/guarded_device.ts';
import { Lifetime } from '../lifetime.ts';
import type { ModelConfig } from '../model/config.ts';
import { initialWeights } from '../model/init.ts';
import type { StateDict } from '../model/parameters.ts';
import { within } from '../placing.ts';

/**
 * Models of one shape on a device, shared by many calls, only one of which may train. GPU memory is freed when the last call
 * has ended.
 */
export class Models {
  /** Name of the object they belong to, for messages. */
  readonly #name: string;
  readonly config: ModelConfig;
  /** For each model. */
  readonly seeds: readonly number[];
  readonly lifetime: Lifetime;
  readonly #stopper = new AbortController();
  #device: GuardedDevice;
  #state: ModelState;
  /** The device replaced a lost one, so it is destroyed with the models. */
  #ownsDevice = false;
  #isTraining = false;

  /** @param name of the object they belong to, for messages. @throws DeviceError if they do not fit the device. */
  constructor(
    device: GPUDevice,
    { config, seeds, name }: { config: ModelConfig; seeds: readonly number[]; name: string },
  ) {
    this.#name = name;
    this.config = config;
    this.seeds = seeds;
    this.#device = new GuardedDevice(device);
    this.#state = new ModelState(this.#device, config, seeds.length);
    this.lifetime = new Lifetime(name, { free: () => this.free(), idle: () => this.#device.forget() });
  }

  get device(): GuardedDevice {
    return this.#device;
  }

  get state(): ModelState {
    return this.#state;
  }

  get isTraining(): boolean {
    return this.#isTraining;
  }

  /** Aborts when the models are disposed. */
  get stopped(): AbortSignal {
    return this.#stopper.signal;
  }

  /** Queues weights of each model, or the initial ones of its seed, and resets the optimizer. */
  load(weights?: readonly StateDict[]): void {
    this.#state.load(...(weights ?? this.seeds.map((seed) => this.initialWeights(seed))));
  }

  /** PyTorch's initial weights for a seed. */
  protected initialWeights(seed: number): StateDict {
    return initialWeights(this.config, seed);
  }

  /** @param load queues their weights. @throws CommandError if the device has no room for the models, which are then freed. */
  async start(load: () => void): Promise<void> {
    try {
      load();
      await this.#device.settled();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** @throws StateError during training, or after disposal. */
  checkIdle(method: string): void {
    this.lifetime.check(method);
    if (this.#isTraining)
      throw new StateError(`${method}: this ${this.#name} is training already; wait for it, or create a new one.`, {
        code: 'already-training',
        details: { method },
      });
  }

  /** Claims the models for a training until the returned function is called. @throws as {@link checkIdle}. */
  claim(method: string): () => void {
    this.checkIdle(method);
    this.#isTraining = true;
    const leave = this.lifetime.enter(method);
    return () => {
      this.#isTraining = false;
      leave();
    };
  }

  /** Moves to another device and allocates the models there, without weights. */
  moveTo(device: GPUDevice): void {
    const guarded = within('recover', () => new GuardedDevice(device));
    if (this.#ownsDevice) this.#device.raw.destroy();
    this.#device = guarded;
    this.#ownsDevice = true;
    this.#state = new ModelState(this.#device, this.config, this.seeds.length);
  }

  /** Frees everything on the device, and the device if it was requested here; a training in progress ends first. */
  dispose(): void {
    const message = `fit: this ${this.#name} was disposed during training.`;
    this.#stopper.abort(new StateError(message, { code: 'disposed', details: { method: 'fit' } }));
    this.lifetime.end();
  }

  protected free(): void {
    this.#state.dispose();
    if (this.#ownsDevice) this.#device.raw.destroy();
  }
}
