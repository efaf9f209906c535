import type { CellName, ModelConfig, RecurrentModule, StateDict } from '../../src/index.ts';
import { parameterName, parameterTable, recurrentPrefix } from '../../src/model/parameters.ts';
import { createModule } from '../../src/nn/recurrent.ts';

const FIRST = { layer: 0, direction: 0 };

/** A gate or a state over time: values[unit * steps + t]. */
export interface Picture {
  name: 'i' | 'f' | 'g' | 'o' | 'c' | 'h' | 'r' | 'z' | 'n';
  values: Float32Array;
  /** 'unit': from 0 to 1; 'signed': around 0. */
  range: 'unit' | 'signed';
}

/** What a recurrent layer does with one window. */
export interface Inside {
  cell: CellName;
  steps: number;
  hidden: number;
  pictures: Picture[];
  /** |dL/dh_t| for L = the sum of the last h, over the last one's; [steps] each. */
  flow: { name: 'RNN' | 'LSTM' | 'trained'; norms: Float64Array }[];
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Gates' names in the order of PyTorch's rows, and the states that follow from them. */
const NAMES: Readonly<Record<CellName, readonly Picture['name'][]>> = {
  LSTM: ['i', 'f', 'g', 'o', 'c', 'h'],
  GRU: ['r', 'z', 'n', 'h'],
  RNN_TANH: ['h'],
  RNN_RELU: ['h'],
};

/** One unit's step: sums of the input's and of the state's part by gate -> what the pictures show, in the order of NAMES. */
type Step = (input: readonly number[], state: readonly number[], h: number, c: number) => number[];

const STEPS: Readonly<Record<CellName, Step>> = {
  LSTM: (x, s, _, c) => {
    const [i, f, g, o] = [
      sigmoid(x[0]! + s[0]!),
      sigmoid(x[1]! + s[1]!),
      Math.tanh(x[2]! + s[2]!),
      sigmoid(x[3]! + s[3]!),
    ];
    const next = f * c + i * g;
    return [i, f, g, o, next, o * Math.tanh(next)];
  },
  GRU: (x, s, h) => {
    const [r, z] = [sigmoid(x[0]! + s[0]!), sigmoid(x[1]! + s[1]!)];
    const n = Math.tanh(x[2]! + r * s[2]!);
    return [r, z, n, (1 - z) * n + z * h];
  },
  RNN_TANH: (x, s) => [Math.tanh(x[0]! + s[0]!)],
  RNN_RELU: (x, s) => [Math.max(0, x[0]! + s[0]!)],
};

/**
 * Gates and states of the first layer over a window, by the equations of torch.nn.LSTM, GRU and RNN.
 * @param weights by PyTorch's names. @param window scaled inputs, [T].
 */
function gatesOf(config: ModelConfig, weights: StateDict, window: Float32Array): Picture[] {
  const { cell, hiddenSize: H } = config;
  const of = (role: string) => weights.get(parameterName(config, role, FIRST))!.data;
  const [wIh, wHh, bIh, bHh] = [of('weight_ih'), of('weight_hh'), of('bias_ih'), of('bias_hh')];
  const steps = window.length;
  const numGates = bIh.length / H;
  const pictures = NAMES[cell].map((name): Picture => {
    const range = name === 'g' || name === 'n' || name === 'c' || name === 'h' ? 'signed' : 'unit';
    return { name, values: new Float32Array(H * steps), range };
  });
  const cellState = NAMES[cell].indexOf('c');
  let h = new Float64Array(H);
  let c = new Float64Array(H);
  for (const [t, x] of window.entries()) {
    const [nextH, nextC] = [new Float64Array(H), new Float64Array(H)];
    for (let j = 0; j < H; j++) {
      const input = Array.from({ length: numGates }, (_, gate) => wIh[gate * H + j]! * x + bIh[gate * H + j]!);
      const state = Array.from({ length: numGates }, (_, gate) => {
        const row = gate * H + j;
        let sum = bHh[row]!;
        for (let k = 0; k < H; k++) sum += wHh[row * H + k]! * h[k]!;
        return sum;
      });
      const values = STEPS[cell](input, state, h[j]!, c[j]!);
      for (const [k, value] of values.entries()) pictures[k]!.values[j * steps + t] = value;
      nextH[j] = values.at(-1)!;
      if (cellState >= 0) nextC[j] = values[cellState]!;
    }
    [h, c] = [nextH, nextC];
  }
  return pictures;
}

/** @param seed of the untrained layers whose gradient flow stands beside the trained one's. */
export async function inspect(
  device: GPUDevice,
  config: ModelConfig,
  weights: StateDict,
  window: Float32Array,
  seed: number,
): Promise<Inside> {
  const { cell, hiddenSize } = config;
  const sizes = { device, inputSize: 1, hiddenSize, seed };
  const flow: Inside['flow'] = [];
  for (const [name, of] of [
    ['RNN', 'RNN_TANH'],
    ['LSTM', 'LSTM'],
    ['trained', cell],
  ] as const) {
    const module = await createModule({ ...sizes, cell: of });
    if (name === 'trained') module.loadStateDict(firstLayerOf(config, weights));
    flow.push({ name, norms: await flowOf(module, window) });
  }
  return { cell, steps: window.length, hidden: hiddenSize, pictures: gatesOf(config, weights, window), flow };
}

/** The first layer's weights, by the names of a module by itself. */
function firstLayerOf(config: ModelConfig, weights: StateDict): StateDict {
  const alone = { ...config, head: 'none', numLayers: 1 } as const;
  const specs = parameterTable(alone);
  return new Map(specs.map(({ name }) => [name, weights.get(recurrentPrefix(config) + name)!]));
}

async function flowOf(module: RecurrentModule, window: Float32Array): Promise<Float64Array> {
  try {
    const { hn } = await module.forward({ shape: [window.length, 1, 1], data: window });
    const [norms] = await module.gradientFlow({
      hn: { shape: hn.shape, data: new Float32Array(hn.data.length).fill(1) },
    });
    const last = norms!.at(-1)!;
    return norms!.map((norm) => norm / last);
  } finally {
    module.dispose();
  }
}
