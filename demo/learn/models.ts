import type { CellName, ModelConfig, StateDict } from '../../src/index.ts';
import { type ModelOptions, modelConfig } from '../../src/model/config.ts';
import { initialWeights, MersenneTwister } from '../../src/model/init.ts';
import { parameterName } from '../../src/model/parameters.ts';
import { gradientByStep, gradientOfHead } from '../inside/gradient.ts';
import type { ShownLayer } from '../inside/inside_view.ts';
import { layerAt, picturesOf } from '../inside/layer.ts';
import { drawSamples, Random, TASKS, type Task, type TaskData, type TaskName } from './tasks.ts';

/** The cells that race, by the names of their modules in torch. */
export const RACERS = ['RNN', 'GRU', 'LSTM'] as const;
export type Racer = (typeof RACERS)[number];

/** A value for each of them. */
export const mapped = <Value>(of: (racer: Racer) => Value) =>
  Object.fromEntries(RACERS.map((racer) => [racer, of(racer)])) as Record<Racer, Value>;

const CELLS: Readonly<Record<Racer, CellName>> = { RNN: 'RNN_TANH', GRU: 'GRU', LSTM: 'LSTM' };

/** What a race is about; the same settings give the same race, bit for bit. */
export interface RaceSettings {
  task: TaskName;
  /** Steps, within the delays of the task. */
  delay: number;
  /** Of the weights and of the samples. */
  seed: number;
}

/** Units of each model. */
const HIDDEN = 16;

/** Samples that the models are tested with, and how their stream differs from that of the training's. */
export const TESTED = 48;
const TEST_STREAM = 0x7e57;

/** The model of a racer, as `Trainer.create` takes it. */
export function modelOf(racer: Racer, { inputSize, outputSize, head }: Task) {
  return { cell: CELLS[racer], inputSize, hiddenSize: HIDDEN, outputSize, head } satisfies ModelOptions;
}

/** PyTorch's initial weights, but with open gates (see {@link Task.openBias}). */
export function openWeights(config: ModelConfig, seed: number, { openBias }: Pick<Task, 'openBias'>): StateDict {
  const weights = initialWeights(config, seed);
  const rows = [config.hiddenSize, 2 * config.hiddenSize] as const; // f of i, f, g, o; z of r, z, n
  if (config.cell === 'RNN_TANH') return weights;
  for (const [role, bias] of [
    ['bias_ih', openBias],
    ['bias_hh', 0],
  ] as const)
    weights.get(parameterName(config, role, { layer: 0, direction: 0 }))!.data.fill(bias, ...rows);
  return weights;
}

/** The samples of a race that no model trains on. */
export function testSet({ task, delay, seed }: RaceSettings): TaskData {
  const random = new Random(new MersenneTwister((seed ^ TEST_STREAM) >>> 0));
  return drawSamples(TASKS[task], delay, TESTED, random);
}

/** The answers of samples, [S, A]. */
export function answersOf({ answerSteps, head }: Task, { targets }: TaskData): Float32Array {
  if (head === 'last') return targets.data;
  const [S, T] = targets.shape as [number, number];
  const ends = Array.from({ length: S }, (_, sample) =>
    targets.data.subarray((sample + 1) * T - answerSteps, (sample + 1) * T),
  );
  return Float32Array.from(ends.flatMap((end) => [...end]));
}

/** What the layer of a racer does with a sample. @param weights by PyTorch's names. */
export function layerOf(
  racer: Racer,
  task: Task,
  weights: StateDict,
  { inputs }: TaskData,
  sample: number,
): ShownLayer {
  const [, T, I] = inputs.shape;
  const window = inputs.data.subarray(sample * T * I, (sample + 1) * T * I);
  const layer = layerAt(modelConfig(modelOf(racer, task)), weights, window);
  return { ...layer, pictures: picturesOf(layer) };
}

/** |dy/d(h_t, c_t)| over |dy/dh_T| of a racer's layer, y its head's first output at the last step, [T]. */
export function flowOf(layer: ShownLayer, weights: StateDict): Float64Array {
  const { state } = gradientByStep(layer, layer.pictures, gradientOfHead(layer, weights.get('fc.weight')!.data));
  return state.map((norm) => norm / state.at(-1)!);
}

/** Outputs of a racer's head at the steps of the answer, [S, A, O]. */
export function outputsOf(racer: Racer, task: Task, weights: StateDict, data: TaskData): Float32Array {
  const [S] = data.inputs.shape;
  const { answerSteps: A, outputSize: O } = task;
  const [matrix, bias] = [weights.get('fc.weight')!.data, weights.get('fc.bias')!.data];
  const outputs = new Float32Array(S * A * O);
  for (let sample = 0; sample < S; sample++) {
    const { pictures, steps, hidden } = layerOf(racer, task, weights, data, sample);
    const h = pictures.at(-1)!.values;
    for (let a = 0; a < A; a++)
      for (let o = 0; o < O; o++) {
        let sum = bias[o]!;
        for (let j = 0; j < hidden; j++) sum += matrix[o * hidden + j]! * h[j * steps + steps - A + a]!;
        outputs[(sample * A + a) * O + o] = sum;
      }
  }
  return outputs;
}
