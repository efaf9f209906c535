import type { LoadedKernel } from '../gpu/compile.ts';
import type { Dispatch, DispatchBuilder } from '../gpu/dispatch.ts';
import type { GuardedDevice } from '../gpu/guarded_device.ts';
import { allLoaded } from '../gpu/kernel.ts';
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

export interface LayersOptions extends DirectionOptions {
  /** Has a backward. */
  training: boolean;
  /** Keys of dropout's random numbers, u32, for each model; undefined: no dropout. Reads the step uniform. */
  dropoutSeeds: readonly number[] | undefined;
}

/** Buffers of a layer. Time t is in row t + 1 of h, c and dH; rows 0 and T + 1 are the directions' initial states. */
export interface LayerTensors {
  /** [T+2, N, D * (P or H)] */
  h: Tensor;
  /** [T+2, N, D * H], for cells that have one. */
  c: Tensor | undefined;
  /** [D, T, N, slots, H]; backward overwrites them with their gradients. */
  gates: Tensor;
  /** The cells' output before its projection, [D, T, N, H]. */
  raw: Tensor | undefined;
  /** Total gradient of h. */
  dH: Tensor | undefined;
  /** [N, D * H] */
  dC: Tensor | undefined;
  /** h after dropout, for the layer above, and its gradient: [T, N, D * (P or H)]. */
  dropped: Tensor | undefined;
  dDropped: Tensor | undefined;
}

const loadKernels = (device: GuardedDevice, config: ModelConfig, options: LayersOptions) =>
  allLoaded({
    direction: loadDirectionKernels(device, config, options),
    dropping: options.dropoutSeeds === undefined ? undefined : dropout.load(device),
  });

/**
 * Layers and directions of a recurrent module as two lists of dispatches. Backward is forward in reverse: it starts from the
 * gradient that the caller wrote into the top layer's dH.
 */
export class Recurrent {
  /** [T, N, I] */
  readonly x: Tensor;
  /** [T, N, I], if initial states are given. */
  readonly dX: Tensor | undefined;
  /** [N] u32: steps of each row, initially T. */
  readonly lengths: Tensor;
  readonly layers: readonly LayerTensors[];
  /** [1] u32, if it has persistent kernels: not 0 once one has given up, and all results are invalid. */
  readonly failed: Tensor | undefined;
  readonly #state: ModelState;
  readonly #options: LayersOptions;
  readonly #kernels: Awaited<ReturnType<typeof loadKernels>>;
  /** [layer][direction] */
  readonly #directions: readonly (readonly Direction[])[];
  readonly #noBias: Tensor;
  /** By the names of the table. */
  readonly #own: ReadonlyMap<string, Tensor>;

  /** @param device its scope frees it. */
  static async create(device: GuardedDevice, state: ModelState, options: LayersOptions): Promise<Recurrent> {
    return new Recurrent(device, state, options, await loadKernels(device, state.config, options));
  }

  private constructor(
    device: GuardedDevice,
    state: ModelState,
    options: LayersOptions,
    kernels: Awaited<ReturnType<typeof loadKernels>>,
  ) {
    const { config } = state;
    const { windowLength: T, batchSize: N, states, training } = options;
    const drops = kernels.dropping !== undefined;
    const packs = kernels.direction.packing !== undefined;
    const persistent = kernels.direction.persistent !== undefined;
    const sizes = { windowLength: T, batchSize: N, training, states, drops, packs, persistent };
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
    this.failed = maybe('failed');
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
    this.#directions = this.layers.map((layer, l) =>
      Array.from({ length: numDirections(config) }, (_, direction) => {
        const tensors = {
          lengths: this.lengths,
          input: this.#inputOf(l),
          h: layer.h,
          c: layer.c,
          gates: layer.gates,
          raw: layer.raw,
          vectors: maybe('vectors'),
          failed: this.failed,
        };
        const gradients = layer.dH && {
          dH: layer.dH,
          dC: layer.dC,
          dRaw: maybe('dRaw'),
          dGates: maybe('dGates'),
          dInput: this.#inputGradientOf(l, direction),
        };
        return new Direction(config, options, kernels.direction, direction, tensors, gradients);
      }),
    );
  }

  /** x -> h and c of every layer, with the weights of one model. @param isPersistent with its persistent kernels. */
  forward(build: DispatchBuilder, model = 0, isPersistent = false): Dispatch[] {
    const { sequenceForward } = this.#kernels.direction;
    const list: Dispatch[] = [];
    for (const [layer, { h, dropped }] of this.layers.entries()) {
      const directions = this.#directions[layer]!;
      const weights = directions.map((_, direction) => this.#parameters('weights', { layer, direction }, model));
      // gates = input W_ih^T
      for (const [d, one] of directions.entries()) list.push(...one.inputProducts(build, weights[d]!));
      // gates, initial states -> h, c
      if (sequenceForward) list.push(this.#sequence(build, sequenceForward, layer, model));
      else
        for (const [d, one] of directions.entries()) list.push(...one.stepsForward(build, weights[d]!, isPersistent));
      // h -> input of the layer above
      if (dropped)
        list.push(
          this.#drop(
            build,
            { layer, model },
            { tensor: h, offset: this.#firstStep },
            { tensor: dropped, offset: 0, accumulate: false },
          ),
        );
    }
    return list;
  }

  /** The top layer's dH, rows 1 to T -> the gradient of every parameter of the model of the forward pass, written with =. */
  backward(build: DispatchBuilder, model = 0, isPersistent = false): Dispatch[] {
    const { sequenceBackward } = this.#kernels.direction;
    const list: Dispatch[] = [];
    for (let layer = this.layers.length - 1; layer >= 0; layer--) {
      const directions = this.#directions[layer]!;
      const weights = directions.map((_, direction) => this.#parameters('weights', { layer, direction }, model));
      const grads = directions.map((_, direction) => this.#parameters('grads', { layer, direction }, model));
      // dH from above, gates, h, c -> dG in place of gates, all of dH
      if (sequenceBackward) list.push(this.#sequence(build, sequenceBackward, layer, model));
      else
        for (const [d, one] of directions.entries()) list.push(...one.stepsBackward(build, weights[d]!, isPersistent));
      // dG -> dW, db, and the gradient of the layer's input
      for (const [d, one] of directions.entries())
        list.push(...one.gradients(build, weights[d]!, grads[d]!, isPersistent));
      // its gradient -> dH of the layer below
      const below = this.layers[layer - 1];
      if (below?.dDropped)
        list.push(
          this.#drop(
            build,
            { layer: layer - 1, model },
            { tensor: below.dDropped, offset: 0 },
            { tensor: below.dH!, offset: this.#firstStep, accumulate: this.#options.states },
          ),
        );
    }
    return list;
  }

  /** Elements before time 0 in h and dH. */
  get #firstStep(): number {
    return this.#options.batchSize * outputFeatures(this.#state.config);
  }

  /** A layer's input: x, or the outputs of the layer below, after dropout. */
  #inputOf(layer: number): Matrix {
    const { config } = this.#state;
    const rows = this.#options.windowLength * this.#options.batchSize;
    if (layer === 0) return { tensor: this.x, rows, columns: config.inputSize };
    const { h, dropped } = this.layers[layer - 1]!;
    const columns = outputFeatures(config);
    return dropped ? { tensor: dropped, rows, columns } : { tensor: h, rows, columns, offset: this.#firstStep };
  }

  /** Where to write the gradient of a layer's input, if needed: the reverse direction's is added to the forward one's. */
  #inputGradientOf(layer: number, direction: number): (Matrix & { accumulate: boolean }) | undefined {
    const input = this.#inputOf(layer);
    if (layer === 0) return this.dX && { ...input, tensor: this.dX, accumulate: direction > 0 };
    const { dH, dDropped } = this.layers[layer - 1]!;
    if (dDropped) return { ...input, tensor: dDropped, accumulate: direction > 0 };
    // the gradients of final states, given by the caller, are in dH already
    return dH && { ...input, tensor: dH, accumulate: this.#options.states || direction > 0 };
  }

  /** All time steps of a layer, its directions side by side. */
  #sequence(build: DispatchBuilder, kernel: LoadedKernel<SequenceDims>, layer: number, model: number): Dispatch {
    const { config, weights } = this.#state;
    const { windowLength: T, batchSize: N, ragged, states } = this.#options;
    const D = numDirections(config);
    const { h, c, gates, raw, dH, dC } = this.layers[layer]!;
    const at = (role: string, direction = 0) =>
      weights.tensor(parameterName(config, role, { layer, direction })).offsetBytes / 4;
    const unused = this.#noBias; // bound where a kernel has a binding that this model does not need
    return build.dispatch(
      kernel,
      {
        N,
        T,
        H: config.hiddenSize,
        P: stateSize(config),
        D,
        weight_hh: at('weight_hh'),
        weight_hr: config.projSize > 0 ? at('weight_hr') : 0,
        bias_ih: config.bias ? at('bias_ih') : 0,
        bias_hh: config.bias ? at('bias_hh') : 0,
        bias: config.bias ? 1 : 0,
        reverse: D === 2 ? at('weight_hh', 1) - at('weight_hh') : 0, // the same for all: directions have equal shapes
        ragged: ragged ? 1 : 0,
        states: states ? 1 : 0,
      },
      {
        weights: weights.copy(model),
        lengths: this.lengths,
        h,
        c,
        gates,
        raw: raw ?? unused,
        d_h: dH,
        d_c: dC,
        d_raw: this.#own.get('dRaw') ?? unused,
      },
    );
  }

  /** Dropout after a layer, on its outputs or on their gradient. Offsets in elements. */
  #drop(
    build: DispatchBuilder,
    { layer, model }: { layer: number; model: number },
    x: { tensor: Tensor; offset: number },
    y: { tensor: Tensor; offset: number; accumulate: boolean },
  ): Dispatch {
    return build.dispatch(
      this.#kernels.dropping!,
      {
        count: this.#options.windowLength * this.#firstStep,
        x_offset: x.offset,
        y_offset: y.offset,
        accumulate: y.accumulate ? 1 : 0,
        seed: this.#options.dropoutSeeds![model]! >>> 0,
        layer,
        p: this.#state.config.dropout,
      },
      { x: x.tensor, y: y.tensor },
    );
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
