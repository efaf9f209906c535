import type { CellName, ModelConfig, StateDict } from '../../src/index.ts';
import { initialWeights } from '../../src/model/init.ts';
import { gradientByStep, gradientOfHead, type LayerGradient } from './gradient.ts';
import { type Layer, layerAt, type Picture, picturesOf } from './layer.ts';

/** How much of the gradient of a model's output reaches each step of its first layer. */
export interface Flow {
  cell: CellName;
  /** false: a model with PyTorch's initial weights. */
  trained: boolean;
  /** |dy/d(h_t, c_t)| over |dy/dh_T|, [T]. */
  norms: Float64Array;
}

/** What a model does with one window. */
export interface Inside extends Layer {
  pictures: Picture[];
  /** Of the first output of the last step: what the forecast still depends on. */
  kept: LayerGradient;
  /** This model as it is now, and untrained ones. */
  flow: Flow[];
  /** Mean of the untrained LSTM's forget gate over the window. */
  initialForget: number;
}

type Untrained = Pick<Inside, 'flow' | 'initialForget'>;

/** Looks into models. */
export class Inspector {
  /** Untrained models are the same until the window or the sizes change. */
  #untrained: { key: string; made: Untrained } | undefined;

  /**
   * @param weights of the model, by PyTorch's names. @param window scaled inputs, [T, I].
   * @param seed of the untrained models whose gradient is shown next to the trained one's.
   */
  inspect(config: ModelConfig, weights: StateDict, window: Float32Array, seed: number): Inside {
    const { layer, kept } = lookInto(config, weights, window);
    const { flow, initialForget } = this.#untrainedOf(config, window, seed);
    const own = { cell: config.cell, trained: true, norms: relative(kept) };
    const untrained = flow.map((one) => ({ ...one, norms: one.norms.slice() })); // a worker's answer takes its arrays along
    return { ...layer, kept, flow: [...untrained, own], initialForget };
  }

  #untrainedOf(config: ModelConfig, window: Float32Array, seed: number): Untrained {
    const key = JSON.stringify([config, seed, ...window]);
    if (this.#untrained?.key !== key) this.#untrained = { key, made: untrainedOf(config, window, seed) };
    return this.#untrained.made;
  }
}

function untrainedOf(config: ModelConfig, window: Float32Array, seed: number): Untrained {
  const flow: Flow[] = [];
  let initialForget = Number.NaN;
  for (const cell of new Set<CellName>(['RNN_TANH', 'LSTM', config.cell])) {
    const own = { ...config, cell };
    const { layer, kept } = lookInto(own, initialWeights(own, seed), window);
    flow.push({ cell, trained: false, norms: relative(kept) });
    if (cell !== 'LSTM') continue;
    const forget = layer.pictures.find(({ name }) => name === 'f')!.values;
    initialForget = forget.reduce((sum, value) => sum + value, 0) / forget.length;
  }
  return { flow, initialForget };
}

const relative = ({ state }: LayerGradient): Float64Array => state.map((norm) => norm / state.at(-1)!);

/** The first layer of a model over a window, and the gradient of the model's first output at the last step, through all layers. */
function lookInto(config: ModelConfig, weights: StateDict, window: Float32Array) {
  const layers: (Layer & Pick<Inside, 'pictures'>)[] = [];
  for (let k = 0; k < config.numLayers; k++) {
    const below = layers.at(-1);
    const layer = layerAt(config, weights, below ? outputOf(below) : window, k);
    layers.push({ ...layer, pictures: picturesOf(layer) });
  }
  const [layer] = layers as [(typeof layers)[number]];
  let above = gradientOfHead(layer, weights.get('fc.weight')!.data);
  let kept: LayerGradient | undefined;
  for (const one of layers.toReversed()) {
    kept = gradientByStep(one, one.pictures, above);
    above = kept.input;
  }
  return { layer, kept: kept! };
}

/** The states of a layer as the layer above reads them, [T, H]. */
function outputOf({ steps, hidden, pictures }: Layer & Pick<Inside, 'pictures'>): Float32Array {
  const h = pictures.at(-1)!.values;
  return Float32Array.from({ length: steps * hidden }, (_, k) => h[(k % hidden) * steps + Math.floor(k / hidden)]!);
}
