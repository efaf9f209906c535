import type { CellName, ModelConfig, StateDict } from '../../src/index.ts';
import { parameterName } from '../../src/model/parameters.ts';

/** A gate or a state: an LSTM's i, f, g, o, c and h, a GRU's r, z, n and h, a plain RNN's h. */
export type GateName = 'i' | 'f' | 'g' | 'o' | 'c' | 'h' | 'r' | 'z' | 'n';

/** A gate or a state over time: values[unit * steps + t]. */
export interface Picture {
  name: GateName;
  values: Float32Array;
  /** 'unit': from 0 to 1; 'signed': from -1 to 1; 'free': around 0, without a bound. */
  range: 'unit' | 'signed' | 'free';
}

/** A recurrent layer and the window that it reads. */
export interface Layer {
  cell: CellName;
  /** T, I and H. */
  steps: number;
  inputs: number;
  hidden: number;
  /** What it reads, [T, I]; scaled inputs in the first layer. */
  window: Float32Array;
  /** As torch.nn has them: [gates * H, I], [gates * H, H], [gates * H] twice. */
  weights: Record<'ih' | 'hh' | 'biasIh' | 'biasHh', Float32Array>;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** What a gate's sum goes through. */
export const ACTIVATIONS = { sigmoid, tanh: Math.tanh, relu: (x: number): number => Math.max(0, x) };

/** Gates in the order of PyTorch's rows, and the states that follow from them. */
const NAMES: Readonly<Record<CellName, readonly GateName[]>> = {
  LSTM: ['i', 'f', 'g', 'o', 'c', 'h'],
  GRU: ['r', 'z', 'n', 'h'],
  RNN_TANH: ['h'],
  RNN_RELU: ['h'],
};

/** One unit's step: sums of the input's and of the state's part by gate -> what the pictures show, in the order of NAMES. */
type Step = (input: readonly number[], state: readonly number[], h: number, c: number) => number[];

const STEPS: Readonly<Record<CellName, Step>> = {
  LSTM: (x, s, _, c) => {
    const [i, f, o] = [sigmoid(x[0]! + s[0]!), sigmoid(x[1]! + s[1]!), sigmoid(x[3]! + s[3]!)];
    const g = Math.tanh(x[2]! + s[2]!);
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
 * A layer of a model, before a window.
 * @param weights of the model, by PyTorch's names. @param window what the layer reads, [T, I]: scaled inputs, or states of the layer
 *   below. @param layer from 0.
 */
export function layerAt(config: ModelConfig, weights: StateDict, window: Float32Array, layer = 0): Layer {
  const { cell, inputSize, hiddenSize: hidden } = config;
  const inputs = layer === 0 ? inputSize : hidden;
  const of = (role: string) => weights.get(parameterName(config, role, { layer, direction: 0 }))!.data;
  const own = { ih: of('weight_ih'), hh: of('weight_hh'), biasIh: of('bias_ih'), biasHh: of('bias_hh') };
  return { cell, steps: window.length / inputs, inputs, hidden, window, weights: own };
}

/** Gates and states of a layer over its window, from zero states, by the equations of torch.nn.LSTM, GRU and RNN. */
export function picturesOf({ cell, steps, inputs, hidden: H, window, weights }: Layer): Picture[] {
  const { ih, hh, biasIh, biasHh } = weights;
  const gates = Array.from({ length: biasIh.length / H }, (_, gate) => gate * H);
  const pictures = NAMES[cell].map((name): Picture => {
    const isFree = name === 'c' || (name === 'h' && cell === 'RNN_RELU');
    const range = isFree ? 'free' : name === 'g' || name === 'n' || name === 'h' ? 'signed' : 'unit';
    return { name, values: new Float32Array(H * steps), range };
  });
  const cellState = NAMES[cell].indexOf('c');
  let [h, c] = [new Float64Array(H), new Float64Array(H)];
  for (let t = 0; t < steps; t++) {
    const x = window.subarray(t * inputs, (t + 1) * inputs);
    const [nextH, nextC] = [new Float64Array(H), new Float64Array(H)];
    for (let j = 0; j < H; j++) {
      const input = gates.map((row) => biasIh[row + j]! + product(ih, row + j, x));
      const state = gates.map((row) => biasHh[row + j]! + product(hh, row + j, h));
      const values = STEPS[cell](input, state, h[j]!, c[j]!);
      for (const [k, value] of values.entries()) pictures[k]!.values[j * steps + t] = value;
      nextH[j] = values.at(-1)!;
      if (cellState >= 0) nextC[j] = values[cellState]!;
    }
    [h, c] = [nextH, nextC];
  }
  return pictures;
}

/** A row of a matrix times a vector. */
function product(matrix: Float32Array, row: number, vector: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < vector.length; k++) sum += matrix[row * vector.length + k]! * vector[k]!;
  return sum;
}

/** The cell that another one is compared with. */
export const rivalOf = (cell: CellName): CellName => (cell.startsWith('RNN') ? 'LSTM' : 'RNN_TANH');
