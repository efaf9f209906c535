import type { CellName, ModelConfig, StateDict } from '../../src/index.ts';
import { initialWeights } from '../../src/model/init.ts';
import { parameterTable, recurrentPrefix } from '../../src/model/parameters.ts';
import { createModule } from '../../src/nn/recurrent.ts';
import { firstLayer, type Layer, type Picture, picturesOf } from './layer.ts';

/** How much of the gradient of a model's output reaches each hidden state of its first layer. */
export interface Flow {
  cell: CellName;
  /** false: a model with PyTorch's initial weights. */
  trained: boolean;
  /** |dy/dh_t| over |dy/dh_T|, [T]. */
  norms: Float64Array;
}

/** What a model does with one window. */
export interface Inside extends Layer {
  pictures: Picture[];
  /** The gradient of the first output of the last step: what the forecast still depends on. */
  kept: Gradient;
  /** This model as it is now, and untrained ones. */
  flow: Flow[];
  /** Mean of the untrained LSTM's forget gate over the window. */
  initialForget: number;
}

/** Of a model's first output at the last step. */
interface Gradient {
  /** dy/dx, [T, I]. */
  input: Float32Array;
  /** |dy/dh_t| of the first layer, the 2-norm over its units, [T]. */
  state: Float64Array;
}

type Untrained = Pick<Inside, 'flow' | 'initialForget'>;

/** Looks into models on one device. */
export class Inspector {
  /** Untrained models are the same until the window or the sizes change. */
  #untrained: { key: string; made: Promise<Untrained> } | undefined;
  readonly #device: GPUDevice;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /**
   * @param weights of the model, by PyTorch's names. @param window scaled inputs, [T, I].
   * @param seed of the untrained models whose gradient is shown next to the trained one's.
   */
  async inspect(config: ModelConfig, weights: StateDict, window: Float32Array, seed: number): Promise<Inside> {
    const layer = firstLayer(config, weights, window);
    const kept = await gradientOf(this.#device, config, weights, window);
    const { flow, initialForget } = await this.#untrainedOf(config, window, seed);
    const own = { cell: config.cell, trained: true, norms: relative(kept.state) };
    const untrained = flow.map((one) => ({ ...one, norms: one.norms.slice() })); // a worker's answer takes its arrays along
    return { ...layer, pictures: picturesOf(layer), kept, flow: [...untrained, own], initialForget };
  }

  #untrainedOf(config: ModelConfig, window: Float32Array, seed: number): Promise<Untrained> {
    const key = JSON.stringify([config, seed, ...window]);
    if (this.#untrained?.key !== key) this.#untrained = { key, made: this.#makeUntrained(config, window, seed) };
    return this.#untrained.made;
  }

  async #makeUntrained(config: ModelConfig, window: Float32Array, seed: number): Promise<Untrained> {
    const flow: Flow[] = [];
    for (const cell of new Set<CellName>(['RNN_TANH', 'LSTM', config.cell])) {
      const own = { ...config, cell };
      const { state } = await gradientOf(this.#device, own, initialWeights(own, seed), window);
      flow.push({ cell, trained: false, norms: relative(state) });
    }
    const lstm = { ...config, cell: 'LSTM' } as const;
    const pictures = picturesOf(firstLayer(lstm, initialWeights(lstm, seed), window));
    const forget = pictures.find(({ name }) => name === 'f')!.values;
    return { flow, initialForget: forget.reduce((sum, value) => sum + value, 0) / forget.length };
  }
}

const relative = (norms: Float64Array): Float64Array => norms.map((norm) => norm / norms.at(-1)!);

/** The gradient of a model's first output at the last step, by the device's own backward pass through all layers. */
async function gradientOf(
  device: GPUDevice,
  config: ModelConfig,
  weights: StateDict,
  window: Float32Array,
): Promise<Gradient> {
  const { cell, inputSize, hiddenSize, numLayers } = config;
  const module = await createModule({ device, cell, inputSize, hiddenSize, numLayers });
  try {
    module.loadStateDict(recurrentPart(config, weights));
    const steps = window.length / inputSize;
    await module.forward({ shape: [steps, 1, inputSize], data: window });
    const output = { shape: [steps, 1, hiddenSize], data: new Float32Array(steps * hiddenSize) };
    output.data.set(weights.get('fc.weight')!.data.subarray(0, hiddenSize), (steps - 1) * hiddenSize);
    const { input } = await module.backward({ output });
    const [state] = await module.gradientFlow({ output });
    return { input: input.data, state: state! };
  } finally {
    module.dispose();
  }
}

/** Weights without the head's, by the names that a bare module has. */
function recurrentPart(config: ModelConfig, weights: StateDict): StateDict {
  const specs = parameterTable({ ...config, head: 'none' });
  return new Map(specs.map(({ name }) => [name, weights.get(recurrentPrefix(config) + name)!]));
}
