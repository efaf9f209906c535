import type { Dispatch, DispatchBuilder } from '../gpu/dispatch.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { allLoaded } from '../gpu/kernel.ts';
import { createTensor, type Tensor } from '../gpu/tensor.ts';
import type { HeadDims } from '../kernels/dims.ts';
import { linearBackwardInput, linearBackwardWeight, linearForward } from '../kernels/index.ts';
import { outputFeatures } from '../model/config.ts';
import { outputTable } from './memory.ts';
import type { loadPersistent } from './persistent.ts';
import { Recurrent } from './recurrent.ts';
import type { ModelState } from './state.ts';

export interface NetworkOptions {
  /** T */
  windowLength: number;
  /** N */
  batchSize: number;
  /** Has a backward, and applies the model's dropout. */
  training: boolean;
  /** All time steps in one dispatch, instead of one each. */
  fused: boolean;
  /** Given if it may also have persistent kernels; see {@link Network.failed}. */
  loadPersistent?: typeof loadPersistent;
  /** Seeds of dropout's random numbers, u32, for each model. */
  seeds: readonly number[];
}

const loadKernels = (device: GuardedDevice, training: boolean) =>
  allLoaded({
    forward: linearForward.load(device),
    input: training ? linearBackwardInput.load(device) : undefined,
    weight: training ? linearBackwardWeight.load(device) : undefined,
  });

/** Recurrent layers from a zero state, and the linear head on the last step or on every one. */
export class Network {
  /** [N, O], or [T, N, O] for a head on every step. */
  readonly y: Tensor;
  /** Like y, in training. */
  readonly dY: Tensor | undefined;
  readonly #state: ModelState;
  readonly #options: NetworkOptions;
  readonly #kernels: Awaited<ReturnType<typeof loadKernels>>;
  readonly #recurrent: Recurrent;

  /** @param device its scope frees it. */
  static async create(device: GuardedDevice, state: ModelState, options: NetworkOptions): Promise<Network> {
    const { training, seeds } = options;
    const dropoutSeeds = training && state.config.dropout > 0 ? seeds : undefined;
    const [kernels, recurrent] = await Promise.all([
      loadKernels(device, training),
      // states start at zero and the final ones are unused, so rows that have ended need not be carried to the end
      Recurrent.create(device, state, { ...options, states: false, ragged: false, dropoutSeeds }),
    ]);
    return new Network(device, state, options, { kernels, recurrent });
  }

  private constructor(
    device: GuardedDevice,
    state: ModelState,
    options: NetworkOptions,
    { kernels, recurrent }: { kernels: Awaited<ReturnType<typeof loadKernels>>; recurrent: Recurrent },
  ) {
    this.#state = state;
    this.#options = options;
    this.#kernels = kernels;
    this.#recurrent = recurrent;
    const [y, dY] = outputTable(state.config, options).map(({ name, shape }) => createTensor(device, name, shape));
    this.y = y!;
    this.dY = dY;
  }

  /** [T, N, I] */
  get x(): Tensor {
    return this.#recurrent.x;
  }

  /** [N] u32; T from the start. */
  get lengths(): Tensor {
    return this.#recurrent.lengths;
  }

  /** [1] u32, if it has persistent kernels: not 0 once one has given up, and all results are invalid. */
  get failed(): Tensor | undefined {
    return this.#recurrent.failed;
  }

  /** x -> y with the weights of one model. @param isPersistent with its persistent kernels. */
  forward(build: DispatchBuilder, model = 0, isPersistent = false): Dispatch[] {
    const { h } = this.#recurrent.layers.at(-1)!;
    const { weight, bias } = this.#head('weights', model);
    return [
      // x -> h
      ...this.#recurrent.forward(build, model, isPersistent),
      // y = h W^T + b
      build.dispatch(this.#kernels.forward, this.#dims, { h, lengths: this.lengths, weight, bias, y: this.y }),
    ];
  }

  /** dY -> the gradient of every parameter of the model of the forward pass, written with =. */
  backward(build: DispatchBuilder, model = 0, isPersistent = false): Dispatch[] {
    const { input: byInput, weight: byWeight } = this.#kernels;
    const { dY, lengths } = this;
    if (!byInput || !byWeight || !dY) throw new Error('Network: created for prediction, it has no backward');
    const { h, dH } = this.#recurrent.layers.at(-1)!;
    const { weight } = this.#head('weights', model);
    const { weight: dWeight, bias: dBias } = this.#head('grads', model);
    return [
      // dW = dY^T h, db = sum of dY
      build.dispatch(byWeight, this.#dims, { d_y: dY, h, lengths, d_weight: dWeight, d_bias: dBias }),
      // dH = dY W
      build.dispatch(byInput, this.#dims, { d_y: dY, weight, lengths, d_h: dH }),
      // dH -> gradients of the recurrence
      ...this.#recurrent.backward(build, model, isPersistent),
    ];
  }

  /** The head's sizes. */
  get #dims(): HeadDims {
    const { windowLength: T, batchSize: N } = this.#options;
    const { config } = this.#state;
    return { N, T, H: outputFeatures(config), O: config.outputSize, every: config.head === 'every' ? 1 : 0 };
  }

  #head(arena: 'weights' | 'grads', model: number) {
    return { weight: this.#state[arena].tensor('fc.weight', model), bias: this.#state[arena].tensor('fc.bias', model) };
  }
}
