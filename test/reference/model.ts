import { matmulDims } from '../../src/kernels/matmul_dims.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { parameterTable } from '../../src/model/parameters.ts';
import { biasReduce } from './bias_reduce.ts';
import { linearBackwardInput } from './linear_backward_input.ts';
import { linearBackwardWeight } from './linear_backward_weight.ts';
import { linearForward } from './linear_forward.ts';
import { lstmCellBackward } from './lstm_cell_backward.ts';
import { lstmCellForward } from './lstm_cell_forward.ts';
import { matmul } from './matmul.ts';
import { mseLoss } from './mse_loss.ts';

/** Parameters, or their gradients, by PyTorch's names. */
export type Parameters = ReadonlyMap<string, Float64Array>;

export interface Batch {
  N: number;
  T: number;
  /** [T, N, I] */
  x: Float64Array;
  /** [N, O] */
  target: Float64Array;
}

interface Layer {
  gates: Float64Array;
  c: Float64Array;
  h: Float64Array;
}

interface Result {
  /** [N, O] */
  y: Float64Array;
  loss: number;
  /** [N, O] */
  dY: Float64Array;
  layers: Layer[];
}

/** Windows that start at `starts` of a series [rows, I], as a batch; the first C columns are forecast, O / C steps ahead. */
export function batchOf(
  series: ArrayLike<number>,
  starts: ArrayLike<number>,
  T: number,
  { inputSize: I, outputSize: O }: ModelConfig,
  C = O,
): Batch {
  const N = starts.length;
  const x = Float64Array.from({ length: T * N * I }, (_, k) => {
    const [t, n, i] = [Math.floor(k / (N * I)), Math.floor(k / I) % N, k % I];
    return series[(starts[n]! + t) * I + i]!;
  });
  const target = Float64Array.from({ length: N * O }, (_, k) => {
    const [n, o] = [Math.floor(k / O), k % O];
    return series[(starts[n]! + T + Math.floor(o / C)) * I + (o % C)]!;
  });
  return { N, T, x, target };
}

/** Row t of [T+2, N, H] is the state before step t, row t + 1 the one after it; see shaders/shared/cell.wgsl. */
const cellDims = (N: number, H: number, t: number) => {
  const [before, after] = [t * N * H, (t + 1) * N * H];
  const h = { h_before: before, h_after: after, h_stride: H };
  return { N, H, t, gates: 0, ...h, c_before: before, c_after: after, c_stride: H };
};

/** LSTM layers from a zero state, the linear head on the last state, the mean squared error; all in float64. */
export function forward(config: ModelConfig, weights: Parameters, { N, T, x, target }: Batch): Result {
  const { inputSize: I, hiddenSize: H, numLayers: L, outputSize: O } = config;
  const layers: Layer[] = [];
  const lengths = new Float64Array(N).fill(T);
  let [input, columns] = [x, I];
  for (let layer = 0; layer < L; layer++) {
    const weight = (name: string) => weights.get(`lstm.${name}_l${layer}`)!;
    const gates = new Float64Array(T * N * 4 * H);
    const c = new Float64Array((T + 2) * N * H);
    const h = new Float64Array((T + 2) * N * H);
    const fromInput = matmulDims({ rows: T * N, columns }, { rows: 4 * H, columns, transposed: true });
    matmul(fromInput, { a: input, b: weight('weight_ih'), c: gates });
    for (let t = 0; t < T; t++) {
      const fromState = matmulDims(
        { rows: N, columns: H, offset: t * N * H },
        { rows: 4 * H, columns: H, transposed: true },
        { offset: t * N * 4 * H, accumulate: true },
      );
      matmul(fromState, { a: h, b: weight('weight_hh'), c: gates });
      const biases = { bias_ih: weight('bias_ih'), bias_hh: weight('bias_hh') };
      lstmCellForward(cellDims(N, H, t), { ...biases, gates, c, h, lengths });
    }
    layers.push({ gates, c, h });
    [input, columns] = [h.subarray(N * H), H];
  }
  const [y, dY, losses] = [new Float64Array(N * O), new Float64Array(N * O), new Float64Array(1)];
  const head = { weight: weights.get('fc.weight')!, bias: weights.get('fc.bias')! };
  linearForward({ N, T, H, O, every: 0 }, { h: layers.at(-1)!.h, lengths, ...head, y });
  const step = { first: 0, rows: N, slot: 0, number: 0, lr: 0, step_size: 0, bias_correction2_sqrt: 1, decay: 1 };
  mseLoss({ R: N, N, O, Q: 1, mean: 1 }, { y, target_rows: target, lengths, d_y: dY, losses }, step);
  return { y, loss: losses[0]!, dY, layers };
}

/** The gradient of the loss for every parameter. */
export function gradients(config: ModelConfig, weights: Parameters, batch: Batch): Parameters {
  const { inputSize: I, hiddenSize: H, numLayers: L, outputSize: O } = config;
  const { N, T, x } = batch;
  const { dY, layers } = forward(config, weights, batch);
  const grads = new Map<string, Float64Array>();
  for (const { name } of parameterTable(config)) grads.set(name, new Float64Array(weights.get(name)!.length));
  const lengths = new Float64Array(N).fill(T);
  let dH = new Float64Array((T + 2) * N * H);
  const head = { d_weight: grads.get('fc.weight')!, d_bias: grads.get('fc.bias')! };
  const dims = { N, T, H, O, every: 0 };
  linearBackwardWeight(dims, { d_y: dY, h: layers.at(-1)!.h, lengths, ...head });
  linearBackwardInput(dims, { d_y: dY, weight: weights.get('fc.weight')!, lengths, d_h: dH });
  for (let layer = L - 1; layer >= 0; layer--) {
    const { gates, c, h } = layers[layer]!;
    const weight = (name: string) => weights.get(`lstm.${name}_l${layer}`)!;
    const grad = (name: string) => grads.get(`lstm.${name}_l${layer}`)!;
    const dC = new Float64Array(N * H);
    for (let t = T - 1; t >= 0; t--) {
      const from = { d_h_before: t * N * H, d_h_after: (t + 1) * N * H, d_h_stride: H };
      const cell = { ...cellDims(N, H, t), ...from, d_c: 0, d_c_stride: H, fresh: t === T - 1 ? 1 : 0, to_before: 1 };
      lstmCellBackward(cell, { gates, c, lengths, d_h: dH, d_c: dC });
      const toState = matmulDims(
        { rows: N, columns: 4 * H, offset: t * N * 4 * H },
        { rows: 4 * H, columns: H },
        { offset: t * N * H, accumulate: true },
      );
      matmul(toState, { a: gates, b: weight('weight_hh'), c: dH });
    }
    const input = layer === 0 ? x : layers[layer - 1]!.h.subarray(N * H, (T + 1) * N * H);
    const columns = layer === 0 ? I : H;
    const byGate = { rows: T * N, columns: 4 * H, transposed: true };
    matmul(matmulDims(byGate, { rows: T * N, columns }), { a: gates, b: input, c: grad('weight_ih') });
    matmul(matmulDims(byGate, { rows: T * N, columns: H }), { a: gates, b: h, c: grad('weight_hh') });
    const biases = { d_bias: grad('bias_ih'), d_twin: grad('bias_hh') };
    biasReduce({ R: T * N, row: 4 * H, first: 0, G: 4 * H, to: 0, twin: 1 }, { d_gates: gates, ...biases });
    if (layer === 0) break;
    dH = new Float64Array((T + 2) * N * H);
    const toInput = matmulDims({ rows: T * N, columns: 4 * H }, { rows: 4 * H, columns: H }, { offset: N * H });
    matmul(toInput, { a: gates, b: weight('weight_ih'), c: dH });
  }
  return grads;
}

/** Every partial derivative of the loss, by central differences. */
export function finiteDifferences(config: ModelConfig, weights: Parameters, batch: Batch): Parameters {
  const step = 1e-5; // truncation and rounding are both near 1e-11 in float64
  const own = new Map([...weights].map(([name, values]) => [name, values.slice()]));
  const derivative = (values: Float64Array, k: number): number => {
    const [value, lossAt] = [values[k]!, () => forward(config, own, batch).loss];
    values[k] = value + step;
    const above = lossAt();
    values[k] = value - step;
    const below = lossAt();
    values[k] = value;
    return (above - below) / (2 * step);
  };
  return new Map([...own].map(([name, values]) => [name, values.map((_, k) => derivative(values, k))]));
}
