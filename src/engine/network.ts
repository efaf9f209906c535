import type { Dispatch, DispatchBuilder } from '../gpu/kernel.ts';
import { createTensor, type Tensor } from '../gpu/tensor.ts';
import { biasReduce } from '../kernels/bias_reduce.ts';
import { linearBackwardInput } from '../kernels/linear_backward_input.ts';
import { linearBackwardWeight } from '../kernels/linear_backward_weight.ts';
import { linearForward } from '../kernels/linear_forward.ts';
import { lstmCellBackward } from '../kernels/lstm_cell_backward.ts';
import { lstmCellForward } from '../kernels/lstm_cell_forward.ts';
import { matmul, matmulDims } from '../kernels/matmul.ts';
import type { ModelState } from './state.ts';

/** The kernels of a network, compiled for the state's device. */
async function loadKernels(device: GPUDevice, training: boolean) {
  const [product, cell, head] = await Promise.all([
    matmul.load(device),
    lstmCellForward.load(device),
    linearForward.load(device),
  ]);
  if (!training) return { product, cell, head, backward: undefined };
  const [cellBackward, headInput, headWeight, bias] = await Promise.all([
    lstmCellBackward.load(device),
    linearBackwardInput.load(device),
    linearBackwardWeight.load(device),
    biasReduce.load(device),
  ]);
  return { product, cell, head, backward: { cellBackward, headInput, headWeight, bias } };
}

/** Activations of one layer, and their gradients when training. Row t of c and h is the state before step t. */
interface LayerActivations {
  gates: Tensor;
  c: Tensor;
  h: Tensor;
  dGates: Tensor | undefined;
  dOut: Tensor | undefined;
}

/**
 * LSTM layers and the linear head as two lists of dispatches over tensors in [T, N, features] order, one time step a
 * dispatch. Backward is forward read from the bottom.
 */
export class Network {
  /** [T, N, I] */
  readonly x: Tensor;
  /** [N, O] */
  readonly y: Tensor;
  /** [N, O], when training. */
  readonly dY: Tensor | undefined;
  readonly #state: ModelState;
  readonly #kernels: Awaited<ReturnType<typeof loadKernels>>;
  readonly #layers: readonly LayerActivations[];
  readonly #dH: Tensor | undefined;
  readonly #dC: Tensor | undefined;
  readonly #N: number;
  readonly #T: number;

  static async create(state: ModelState, windowLength: number, batchSize: number, training: boolean): Promise<Network> {
    return new Network(state, await loadKernels(state.device, training), windowLength, batchSize);
  }

  private constructor(state: ModelState, kernels: Awaited<ReturnType<typeof loadKernels>>, T: number, N: number) {
    const { inputSize: I, hiddenSize: H, numLayers: L, outputSize: O } = state.config;
    const tensor = (name: string, ...shape: number[]) => createTensor(state.device, name, shape);
    const training = kernels.backward !== undefined;
    this.#state = state;
    this.#kernels = kernels;
    this.#N = N;
    this.#T = T;
    this.x = tensor('x', T, N, I);
    this.y = tensor('y', N, O);
    this.dY = training ? tensor('dY', N, O) : undefined;
    this.#dH = training ? tensor('dH', N, H) : undefined;
    this.#dC = training ? tensor('dC', N, H) : undefined;
    this.#layers = Array.from({ length: L }, (_, layer) => ({
      gates: tensor(`gates_l${layer}`, T, N, 4, H),
      c: tensor(`c_l${layer}`, T + 1, N, H),
      h: tensor(`h_l${layer}`, T + 1, N, H),
      dGates: training ? tensor(`dGates_l${layer}`, T, N, 4, H) : undefined,
      dOut: training ? tensor(`dOut_l${layer}`, T, N, H) : undefined,
    }));
  }

  /** x -> y with the weights of one model. */
  forward(build: DispatchBuilder, model = 0): Dispatch[] {
    const { product, cell, head } = this.#kernels;
    const { inputSize: I, hiddenSize: H, outputSize: O } = this.#state.config;
    const [N, T] = [this.#N, this.#T];
    const list: Dispatch[] = [];
    for (const [layer, { gates, c, h }] of this.#layers.entries()) {
      const weights = this.#layerTensors(layer, model);
      const input = this.#inputOf(layer);
      const columns = layer === 0 ? I : H;
      // gates = input W_ih^T, for all t at once
      list.push(
        build.dispatch(
          product,
          matmulDims({ rows: T * N, columns, offset: input.offset }, { rows: 4 * H, columns, transposed: true }),
          { a: input.tensor, b: weights.weightIh, c: gates },
        ),
      );
      for (let t = 0; t < T; t++) {
        // gates[t] += h[t] W_hh^T; h[0] is zero
        if (t > 0)
          list.push(
            build.dispatch(
              product,
              matmulDims(
                { rows: N, columns: H, offset: t * N * H },
                { rows: 4 * H, columns: H, transposed: true },
                { offset: t * N * 4 * H, accumulate: true },
              ),
              { a: h, b: weights.weightHh, c: gates },
            ),
          );
        list.push(build.dispatch(cell, { N, H, t }, { gates, c, h, bias_ih: weights.biasIh, bias_hh: weights.biasHh }));
      }
    }
    const { h } = this.#layers.at(-1)!;
    const { weight, bias } = this.#headTensors(model);
    list.push(build.dispatch(head, { N, H, O, t: T }, { h, weight, bias, y: this.y }));
    return list;
  }

  /** dY -> the gradient of every parameter of the model that went forward, written with =. Only for a network created for training. */
  backward(build: DispatchBuilder, model = 0): Dispatch[] {
    const { product, backward } = this.#kernels;
    const [dY, dH, dC] = [this.dY, this.#dH, this.#dC];
    if (!backward || !dY || !dH || !dC) throw new Error('Network: created for prediction, it has no backward');
    const { inputSize: I, hiddenSize: H, numLayers: L, outputSize: O } = this.#state.config;
    const [N, T] = [this.#N, this.#T];
    const list: Dispatch[] = [];
    const top = this.#layers.at(-1)!;
    const head = this.#headTensors(model);
    const headGrads = this.#headTensors(model, 'grads');
    list.push(
      build.dispatch(
        backward.headWeight,
        { N, H, O, t: T },
        { d_y: dY, h: top.h, d_weight: headGrads.weight, d_bias: headGrads.bias },
      ),
      build.dispatch(backward.headInput, { N, H, O, t: T - 1 }, { d_y: dY, weight: head.weight, d_out: top.dOut! }),
    );
    for (let layer = L - 1; layer >= 0; layer--) {
      const { gates, c, h, dGates, dOut } = this.#layers[layer]!;
      const weights = this.#layerTensors(layer, model);
      const grads = this.#layerTensors(layer, model, 'grads');
      for (let t = T - 1; t >= 0; t--) {
        list.push(
          build.dispatch(
            backward.cellBackward,
            { N, T, H, t },
            { gates, c, d_out: dOut!, d_h: dH, d_c: dC, d_gates: dGates! },
          ),
        );
        // d_h = d_gates[t] W_hh, for step t - 1
        if (t > 0)
          list.push(
            build.dispatch(
              product,
              matmulDims({ rows: N, columns: 4 * H, offset: t * N * 4 * H }, { rows: 4 * H, columns: H }),
              { a: dGates!, b: weights.weightHh, c: dH },
            ),
          );
      }
      // d_W = d_gates^T input and d_gates^T h[0 .. T-1], over all t at once
      const input = this.#inputOf(layer);
      const columns = layer === 0 ? I : H;
      const transposed = { rows: T * N, columns: 4 * H, transposed: true };
      list.push(
        build.dispatch(product, matmulDims(transposed, { rows: T * N, columns, offset: input.offset }), {
          a: dGates!,
          b: input.tensor,
          c: grads.weightIh,
        }),
        build.dispatch(product, matmulDims(transposed, { rows: T * N, columns: H }), {
          a: dGates!,
          b: h,
          c: grads.weightHh,
        }),
        build.dispatch(
          backward.bias,
          { R: T * N, G: 4 * H },
          { d_gates: dGates!, d_bias_ih: grads.biasIh, d_bias_hh: grads.biasHh },
        ),
      );
      // d_out of the layer below = d_gates W_ih
      if (layer > 0)
        list.push(
          build.dispatch(product, matmulDims({ rows: T * N, columns: 4 * H }, { rows: 4 * H, columns: H }), {
            a: dGates!,
            b: weights.weightIh,
            c: this.#layers[layer - 1]!.dOut!,
          }),
        );
    }
    return list;
  }

  destroy(): void {
    const own = [this.x, this.y, this.dY, this.#dH, this.#dC, ...this.#layers.flatMap((layer) => Object.values(layer))];
    for (const tensor of own) (tensor as Tensor | undefined)?.buffer.destroy();
  }

  /** What a layer reads: x, or the states of the layer below from row 1 on. */
  #inputOf(layer: number): { tensor: Tensor; offset: number } {
    if (layer === 0) return { tensor: this.x, offset: 0 };
    return { tensor: this.#layers[layer - 1]!.h, offset: this.#N * this.#state.config.hiddenSize };
  }

  #layerTensors(layer: number, model: number, arena: 'weights' | 'grads' = 'weights') {
    const tensor = (name: string) => this.#state[arena].tensor(`lstm.${name}_l${layer}`, model);
    return {
      weightIh: tensor('weight_ih'),
      weightHh: tensor('weight_hh'),
      biasIh: tensor('bias_ih'),
      biasHh: tensor('bias_hh'),
    };
  }

  #headTensors(model: number, arena: 'weights' | 'grads' = 'weights') {
    return { weight: this.#state[arena].tensor('fc.weight', model), bias: this.#state[arena].tensor('fc.bias', model) };
  }
}
