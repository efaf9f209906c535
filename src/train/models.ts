import { ModelState } from '../engine/state.ts';
import { StateError } from '../errors.ts';
import { GuardedDevice } from '../gpu/guarded_device.ts';
import { Lifetime } from '../lifetime.ts';
import type { ModelConfig } from '../model/config.ts';
import { initialWeights } from '../model/init.ts';
import type { StateDict } from '../model/parameters.ts';
import { within } from '../placing.ts';

/**
 * Models of one shape on a device, and who may use them: many calls at once, of which one may train. What is on the device is
 * freed when the last call has ended.
 */
export class Models {
  /** Of the object that they belong to, for messages. */
  readonly #name: string;
  readonly config: ModelConfig;
  /** Of each model. */
  readonly seeds: readonly number[];
  readonly lifetime: Lifetime;
  readonly #stopper = new AbortController();
  #device: GuardedDevice;
  #state: ModelState;
  /** The device came as a replacement of a lost one, so it is destroyed with the models. */
  #ownsDevice = false;
  #isTraining = false;

  /** @param name of the object that they belong to, for messages. @throws DeviceError when they do not fit the device. */
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

  /** Aborts when the models are to be freed. */
  get stopped(): AbortSignal {
    return this.#stopper.signal;
  }

  /** Queues weights of each model, or the initial ones of its seed; an optimizer has kept nothing then. */
  load(weights?: readonly StateDict[]): void {
    this.#state.load(...(weights ?? this.seeds.map((seed) => this.initialWeights(seed))));
  }

  /** PyTorch's of a seed. */
  protected initialWeights(seed: number): StateDict {
    return initialWeights(this.config, seed);
  }

  /** @param load what they start with. @throws CommandError where the device has no room for the models, which are freed. */
  async start(load: () => void): Promise<void> {
    try {
      load();
      await this.#device.settled();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** @throws StateError while a training is under way, or when they were freed. */
  checkIdle(method: string): void {
    this.lifetime.check(method);
    if (this.#isTraining)
      throw new StateError(`${method}: this ${this.#name} is training already; wait for it, or create another.`, {
        code: 'already-training',
        details: { method },
      });
  }

  /** Whoever comes first has them until the returned function is called. @throws as {@link checkIdle}. */
  claim(method: string): () => void {
    this.checkIdle(method);
    this.#isTraining = true;
    const leave = this.lifetime.enter(method);
    return () => {
      this.#isTraining = false;
      leave();
    };
  }

  /** Goes on on another device, on which nothing is yet but room for the models. */
  moveTo(device: GPUDevice): void {
    const guarded = within('recover', () => new GuardedDevice(device));
    if (this.#ownsDevice) this.#device.raw.destroy();
    this.#device = guarded;
    this.#ownsDevice = true;
    this.#state = new ModelState(this.#device, this.config, this.seeds.length);
  }

  /** Frees everything on the device, and the device where it was asked for here; a training under way ends before. */
  dispose(): void {
    const message = `fit: this ${this.#name} was disposed while it trained.`;
    this.#stopper.abort(new StateError(message, { code: 'disposed', details: { method: 'fit' } }));
    this.lifetime.end();
  }

  protected free(): void {
    this.#state.dispose();
    if (this.#ownsDevice) this.#device.raw.destroy();
  }
}
