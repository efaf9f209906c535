import { matmulDims } from '../../src/kernels/matmul_dims.ts';
import type { CellName, ModelConfig } from '../../src/model/config.ts';
import { parameterName, parameterTable } from '../../src/model/parameters.ts';
import { biasReduce } from './bias_reduce.ts';
import { linearBackwardInput } from './linear_backward_input.ts';
import { linearBackwardWeight } from './linear_backward_weight.ts';
import { linearForward } from './linear_forward.ts';
import { matmul } from './matmul.ts';
import { mseLoss } from './mse_loss.ts';
import { type CellTwins, gru, lstm, rnn } from './sequence.ts';

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

const CELLS: Readonly<Record<CellName, CellTwins>> = {
  LSTM: lstm,
  GRU: gru,
  RNN_TANH: rnn(false),
  RNN_RELU: rnn(true),
};

/** The name of a parameter of a layer. */
const nameOf = (config: ModelConfig, layer: number) => (role: string) =>
  parameterName(config, role, { layer, direction: 0 });

/** Row t of [T+2, N, H] is the state before step t, row t + 1 the one after it; see shaders/shared/cell.wgsl. */
const cellDims = (N: number, H: number, t: number) => {
  const [before, after] = [t * N * H, (t + 1) * N * H];
  const h = { h_before: before, h_after: after, h_stride: H };
  return { N, H, t, gates: 0, ...h, c_before: before, c_after: after, c_stride: H };
};

/** Layers of a cell from a zero state, the linear head on the last state, the mean squared error; all in float64. */
export function forward(config: ModelConfig, weights: Parameters, { N, T, x, target }: Batch): Result {
  const { inputSize: I, hiddenSize: H, numLayers: L, outputSize: O } = config;
  const { gates: numGates, slots, slotOf, isAdded, ...cell } = CELLS[config.cell];
  const layers: Layer[] = [];
  const lengths = new Float64Array(N).fill(T);
  let [input, columns] = [x, I];
  for (let layer = 0; layer < L; layer++) {
    const name = nameOf(config, layer);
    const weight = (role: string) => weights.get(name(role)) ?? new Float64Array(numGates * H); // no bias
    const gates = new Float64Array(T * N * slots * H);
    const c = new Float64Array((T + 2) * N * H);
    const h = new Float64Array((T + 2) * N * H);
    for (let gate = 0; gate < numGates; gate++) {
      const rows = { rows: H, columns, transposed: true, offset: gate * H * columns };
      const fromInput = matmulDims({ rows: T * N, columns }, rows, { offset: gate * H, stride: slots * H });
      matmul(fromInput, { a: input, b: weight('weight_ih'), c: gates });
    }
    for (let t = 0; t < T; t++) {
      for (let gate = 0; gate < numGates; gate++) {
        const fromState = matmulDims(
          { rows: N, columns: H, offset: t * N * H },
          { rows: H, columns: H, transposed: true, offset: gate * H * H },
          { offset: (t * N * slots + slotOf(gate)) * H, stride: slots * H, accumulate: isAdded(gate) },
        );
        matmul(fromState, { a: h, b: weight('weight_hh'), c: gates });
      }
      const tensors = { bias_ih: weight('bias_ih'), bias_hh: weight('bias_hh'), gates, c, h, lengths };
      cell.forward(cellDims(N, H, t), tensors as never);
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
  const { gates: numGates, slots, slotOf, ...cell } = CELLS[config.cell];
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
    const name = nameOf(config, layer);
    const weight = (role: string) => weights.get(name(role))!;
    const grad = (role: string) => grads.get(name(role))!;
    const dC = new Float64Array(N * H);
    for (let t = T - 1; t >= 0; t--) {
      const from = { d_h_before: t * N * H, d_h_after: (t + 1) * N * H, d_h_stride: H };
      const step = { ...cellDims(N, H, t), ...from, d_c: 0, d_c_stride: H, fresh: t === T - 1 ? 1 : 0, to_before: 1 };
      cell.backward(step, { gates, c, h, lengths, d_h: dH, d_c: dC } as never);
      for (let gate = 0; gate < numGates; gate++) {
        const toState = matmulDims(
          { rows: N, columns: H, offset: (t * N * slots + slotOf(gate)) * H, stride: slots * H },
          { rows: H, columns: H, offset: gate * H * H },
          { offset: t * N * H, accumulate: true },
        );
        matmul(toState, { a: gates, b: weight('weight_hh'), c: dH });
      }
    }
    const input = layer === 0 ? x : layers[layer - 1]!.h.subarray(N * H, (T + 1) * N * H);
    const columns = layer === 0 ? I : H;
    if (layer > 0) dH = new Float64Array((T + 2) * N * H);
    for (let gate = 0; gate < numGates; gate++) {
      const ofSlot = (slot: number) => ({ rows: T * N, columns: H, offset: slot * H, stride: slots * H });
      const [ofInput, ofState] = [ofSlot(gate), ofSlot(slotOf(gate))];
      const byInput = matmulDims(
        { ...ofInput, transposed: true },
        { rows: T * N, columns },
        { offset: gate * H * columns },
      );
      matmul(byInput, { a: gates, b: input, c: grad('weight_ih') });
      const byState = matmulDims(
        { ...ofState, transposed: true },
        { rows: T * N, columns: H },
        { offset: gate * H * H },
      );
      matmul(byState, { a: gates, b: h, c: grad('weight_hh') });
      for (const [role, { offset }] of [
        ['bias_ih', ofInput],
        ['bias_hh', ofState],
      ] as const) {
        const sums = { R: T * N, row: slots * H, first: offset, G: H, to: gate * H, twin: 0 };
        if (config.bias) biasReduce(sums, { d_gates: gates, d_bias: grad(role), d_twin: new Float64Array(0) });
      }
      const rows = { rows: H, columns, offset: gate * H * columns };
      const toInput = matmulDims(ofInput, rows, { offset: N * H, accumulate: true });
      if (layer > 0) matmul(toInput, { a: gates, b: weight('weight_ih'), c: dH });
    }
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
