import type { GuardedDevice } from '../gpu/guarded_device.ts';
import type { Dispatch, DispatchBuilder, LoadedKernel } from '../gpu/kernel.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import type { SequenceDims } from '../kernels/dims.ts';
import { dropout } from '../kernels/index.ts';
import { type ModelConfig, numDirections, outputFeatures, stateSize } from '../model/config.ts';
import { type LayerPlace, parameterName } from '../model/parameters.ts';
import { Direction, type LayerParameters } from './direction.ts';
import { type DirectionOptions, loadDirectionKernels } from './direction_kernels.ts';
import type { Matrix } from './layout.ts';
import { activationTable, checkMemory } from './memory.ts';
import type { ModelState } from './state.ts';

export interface RecurrentOptions extends DirectionOptions {
  /** Has a backward. */
  training: boolean;
  /** Keys of dropout's random numbers, u32, of each model; undefined: nothing is dropped. Reads the step uniform. */
  dropoutSeeds: readonly number[] | undefined;
}

/** Buffers of a layer. Time t lies in row t + 1 of h, c and dH; rows 0 and T + 1 are the directions' initial states. */
export interface LayerTensors {
  /** [T+2, N, D * (P or H)] */
  h: Tensor;
  /** [T+2, N, D * H], of cells that have one. */
  c: Tensor | undefined;
  /** [D, T, N, slots, H]; backward puts their gradients in their place. */
  gates: Tensor;
  /** The cells' output before its projection, [D, T, N, H]. */
  raw: Tensor | undefined;
  /** Total gradient of h. */
  dH: Tensor | undefined;
  /** [N, D * H] */
  dC: Tensor | undefined;
  /** What is left of h, for the layer above, and its gradient: [T, N, D * (P or H)]. */
  dropped: Tensor | undefined;
  dDropped: Tensor | undefined;
}

async function loadKernels(device: GuardedDevice, config: ModelConfig, options: RecurrentOptions) {
  const [direction, dropping] = await Promise.all([
    loadDirectionKernels(device, config, options),
    options.dropoutSeeds === undefined ? undefined : dropout.load(device),
  ]);
  return { direction, dropping };
}

/**
 * Layers and directions of a recurrent module as two lists of dispatches. Backward is forward read from the bottom: it
 * starts from what the caller wrote into the top layer's dH.
 */
export class Recurrent {
  /** [T, N, I] */
  readonly x: Tensor;
  /** [T, N, I], where states and their gradients come and go. */
  readonly dX: Tensor | undefined;
  /** [N] u32: steps of each row; T from the start. */
  readonly lengths: Tensor;
  readonly layers: readonly LayerTensors[];
  readonly #state: ModelState;
  readonly #options: RecurrentOptions;
  readonly #kernels: Awaited<ReturnType<typeof loadKernels>>;
  /** [layer][direction] */
  readonly #directions: readonly (readonly Direction[])[];
  readonly #noBias: Tensor;
  /** By the names of the table. */
  readonly #own: ReadonlyMap<string, Tensor>;

  static async create(state: ModelState, options: RecurrentOptions): Promise<Recurrent> {
    return new Recurrent(state, options, await loadKernels(state.device, state.config, options));
  }

  private constructor(state: ModelState, options: RecurrentOptions, kernels: Awaited<ReturnType<typeof loadKernels>>) {
    const { config, device } = state;
    const { windowLength: T, batchSize: N, states, training } = options;
    const sizes = { windowLength: T, batchSize: N, training, states, drops: kernels.dropping !== undefined };
    const table = activationTable(config, sizes);
    checkMemory(device, table, sizes);
    this.#own = new Map(table.map(({ name, shape }) => [name, createTensor(device, name, shape)]));
    const tensor = (name: string) => this.#own.get(name)!;
    const maybe = (name: string) => this.#own.get(name);
    this.#state = state;
    this.#options = options;
    this.#kernels = kernels;
    this.x = tensor('x');
    this.dX = maybe('dX');
    this.lengths = tensor('lengths');
    writeTensor(device, this.lengths, new Uint32Array(N).fill(T));
    this.#noBias = tensor('no bias');
    this.layers = Array.from({ length: config.numLayers }, (_, layer) => ({
      h: tensor(`h_l${layer}`),
      c: maybe(`c_l${layer}`),
      gates: tensor(`gates_l${layer}`),
      raw: maybe(`raw_l${layer}`),
      dH: maybe(`dH_l${layer}`),
      dC: maybe(`dC_l${layer}`),
      dropped: maybe(`dropped_l${layer}`),
      dDropped: maybe(`dDropped_l${layer}`),
    }));
    const dRaw = maybe('dRaw');
    this.#directions = this.layers.map(({ h, c, gates, raw, dH, dC }, layer) =>
      Array.from({ length: numDirections(config) }, (_, direction) => {
        const tensors = { lengths: this.lengths, input: this.#inputOf(layer), h, c, gates, raw };
        const dInput = this.#inputGradientOf(layer);
        const gradients = dH && {
          dH,
          dC,
          dRaw,
          dInput: dInput && { ...dInput, accumulate: dInput.accumulate || direction > 0 },
        };
        return new Direction(config, options, kernels.direction, direction, tensors, gradients);
      }),
    );
  }

  /** x -> h and c of every layer, with the weights of one model. */
  forward(build: DispatchBuilder, model = 0): Dispatch[] {
    return this.layers.flatMap(({ h, dropped }, layer) => {
      const directions = this.#directions[layer]!.map((one, direction) => ({
        one,
        weights: this.#parameters('weights', { layer, direction }, model),
      }));
      const fromH = { tensor: h, offset: this.#firstStep };
      return [
        ...directions.flatMap(({ one, weights }) => one.inputProducts(build, weights)),
        ...(this.#kernels.direction.sequenceForward
          ? [this.#sequence(build, this.#kernels.direction.sequenceForward, layer, model)]
          : directions.flatMap(({ one, weights }) => one.stepsForward(build, weights))),
        ...(dropped ? [this.#drop(build, { layer, model }, fromH, { tensor: dropped })] : []),
      ];
    });
  }

  /** The top layer's dH, rows 1 to T -> the gradient of every parameter of the model that went forward, written with =. */
  backward(build: DispatchBuilder, model = 0): Dispatch[] {
    const list: Dispatch[] = [];
    for (let layer = this.layers.length - 1; layer >= 0; layer--) {
      const directions = this.#directions[layer]!.map((one, direction) => ({
        one,
        weights: this.#parameters('weights', { layer, direction }, model),
        grads: this.#parameters('grads', { layer, direction }, model),
      }));
      list.push(
        ...(this.#kernels.direction.sequenceBackward
          ? [this.#sequence(build, this.#kernels.direction.sequenceBackward, layer, model)]
          : directions.flatMap(({ one, weights }) => one.stepsBackward(build, weights))),
        ...directions.flatMap(({ one, weights, grads }) => one.gradients(build, weights, grads)),
      );
      const below = this.layers[layer - 1];
      if (below?.dDropped) {
        const to = { tensor: below.dH!, offset: this.#firstStep, accumulate: this.#options.states };
        list.push(this.#drop(build, { layer: layer - 1, model }, { tensor: below.dDropped }, to));
      }
    }
    return list;
  }

  destroy(): void {
    for (const { buffer } of this.#own.values()) buffer.destroy();
  }

  /** Elements before time 0 in h and dH. */
  get #firstStep(): number {
    return this.#options.batchSize * outputFeatures(this.#state.config);
  }

  /** What a layer reads: x, or the outputs of the layer below, or what dropout left of them. */
  #inputOf(layer: number): Matrix {
    const { windowLength: T, batchSize: N } = this.#options;
    const { config } = this.#state;
    if (layer === 0) return { tensor: this.x, rows: T * N, columns: config.inputSize };
    const { h, dropped } = this.layers[layer - 1]!;
    const rows = { rows: T * N, columns: outputFeatures(config) };
    return dropped ? { tensor: dropped, ...rows } : { tensor: h, offset: this.#firstStep, ...rows };
  }

  /** Where the gradient of a layer's input goes. What comes from outside, for final states, lies in dH already. */
  #inputGradientOf(layer: number): (Matrix & { accumulate: boolean }) | undefined {
    const { tensor: input, ...rows } = this.#inputOf(layer);
    if (layer === 0) return this.dX && { tensor: this.dX, ...rows, accumulate: false };
    const { dH, dDropped, dropped } = this.layers[layer - 1]!;
    const tensor = input === dropped ? dDropped : dH;
    return tensor && { tensor, ...rows, accumulate: tensor === dH && this.#options.states };
  }

  /** All time steps of a layer, its directions side by side. */
  #sequence(build: DispatchBuilder, kernel: LoadedKernel<SequenceDims>, layer: number, model: number): Dispatch {
    const { config, weights } = this.#state;
    const { windowLength: T, batchSize: N, ragged, states } = this.#options;
    const D = numDirections(config);
    const at = (role: string, direction = 0) =>
      weights.tensor(parameterName(config, role, { layer, direction })).offsetBytes / 4;
    const dims = {
      ...{ N, T, H: config.hiddenSize, P: stateSize(config), D },
      ...{ weight_hh: at('weight_hh'), weight_hr: config.projSize > 0 ? at('weight_hr') : 0 },
      ...{
        bias_ih: config.bias ? at('bias_ih') : 0,
        bias_hh: config.bias ? at('bias_hh') : 0,
        bias: config.bias ? 1 : 0,
      },
      reverse: D === 2 ? at('weight_hh', 1) - at('weight_hh') : 0, // the same for all: directions have equal shapes
      ...{ ragged: ragged ? 1 : 0, states: states ? 1 : 0 },
    };
    const { h, c, gates, raw, dH, dC } = this.layers[layer]!;
    const unused = this.#noBias; // where a kernel has a place for what this model does not have
    const forward = { weights: weights.copy(model), lengths: this.lengths, h, gates, raw: raw ?? unused };
    const backward = { d_h: dH ?? unused, d_raw: this.#own.get('dRaw') ?? unused };
    return build.dispatch(kernel, dims, { ...forward, ...backward, c: c ?? unused, d_c: dC ?? unused });
  }

  #drop(
    build: DispatchBuilder,
    { layer, model }: { layer: number; model: number },
    x: { tensor: Tensor; offset?: number },
    y: { tensor: Tensor; offset?: number; accumulate?: boolean },
  ): Dispatch {
    const { windowLength: T } = this.#options;
    const dims = {
      count: T * this.#firstStep,
      x_offset: x.offset ?? 0,
      y_offset: y.offset ?? 0,
      accumulate: y.accumulate ? 1 : 0,
      seed: this.#options.dropoutSeeds![model]! >>> 0,
      layer,
      p: this.#state.config.dropout,
    };
    return build.dispatch(this.#kernels.dropping!, dims, { x: x.tensor, y: y.tensor });
  }

  #parameters(arena: 'weights' | 'grads', place: LayerPlace, model: number): LayerParameters {
    const { config } = this.#state;
    const tensor = (role: string) => this.#state[arena].tensor(parameterName(config, role, place), model);
    return {
      weightIh: tensor('weight_ih'),
      weightHh: tensor('weight_hh'),
      biasIh: config.bias ? tensor('bias_ih') : this.#noBias,
      biasHh: config.bias ? tensor('bias_hh') : this.#noBias,
      weightHr: config.projSize > 0 ? tensor('weight_hr') : undefined,
    };
  }
}
