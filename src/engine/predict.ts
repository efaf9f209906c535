import { DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/dispatch.ts';
import { during } from '../gpu/guarded_device.ts';
import { readBuffer } from '../gpu/readback.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import { residentPredict } from '../kernels/index.ts';
import { createGather, createRoll, type RollOptions } from './gather.ts';
import { Network } from './network.ts';
import type { SampleSource } from './plan.ts';
import { fitsTiles, residentLayout, residentShape } from './resident.ts';
import type { ModelState } from './state.ts';
import { StepTable } from './step_table.ts';

/** Samples per forward pass; enough to fill a GPU, small enough to keep activations in a few MiB. */
export const MAX_ROWS = 64;

/**
 * Predicts samples of each model: windows, given by their first row, which may end at the series' last row; or sequences by
 * index.
 * @param roll windows are then processed in order; each model has its own rows in the series, which are written.
 * @returns for each model [samples, outputSize], or [samples, T, outputSize] for a head on every step, row-major.
 */
export function predictSamples(
  state: ModelState,
  source: SampleSource,
  windowLength: number,
  samples: readonly Uint32Array[],
  roll?: RollOptions,
): Promise<Float32Array[]> {
  if (source.kind === 'windows' && fitsTiles(state.config))
    return predictResident(state, source.series, windowLength, samples, roll);
  if (roll) return predictByTimestep(state, source, windowLength, samples, roll);
  return predictInGroups(state, source, windowLength, samples);
}

/**
 * Predicts models with the same number of rows per pass together. A model's outputs must be bit-identical however many samples
 * another model has, and products of other sizes are summed in another order.
 */
async function predictInGroups(
  state: ModelState,
  source: SampleSource,
  T: number,
  samples: readonly Uint32Array[],
): Promise<Float32Array[]> {
  const predicted: Float32Array[] = samples.map(() => new Float32Array());
  const none = new Uint32Array();
  const rowsOf = (own: Uint32Array) => Math.min(MAX_ROWS, own.length);
  for (const rows of new Set(samples.map(rowsOf))) {
    if (rows === 0) continue;
    const group = samples.map((own) => (rowsOf(own) === rows ? own : none));
    for (const [model, values] of (await predictByTimestep(state, source, T, group)).entries())
      if (values.length > 0) predicted[model] = values;
  }
  return predicted;
}

/** All windows of all models in one dispatch. */
async function predictResident(
  state: ModelState,
  series: Tensor,
  T: number,
  starts: readonly Uint32Array[],
  roll: RollOptions = { ahead: 0, values: 1, value: 0 },
): Promise<Float32Array[]> {
  const { device, numModels } = state;
  const { hiddenSize: H, outputSize: O } = state.config;
  const kernel = await residentPredict.load(device, residentShape(state.config));
  const W = Math.max(...starts.map((own) => own.length));
  if (W === 0) return starts.map(() => new Float32Array());
  const padded = new Uint32Array(numModels * W); // a model with fewer windows is padded with the series' first one
  for (const [model, own] of starts.entries()) padded.set(own, model * W);
  return during(device, async (scope) => {
    const predictions = createTensor(scope, 'predictions', [numModels, W, O]); // first, because it may be too large
    const startRows = createTensor(scope, 'starts', [numModels, W]);
    const build = new DispatchBuilder(scope, 'predict');
    writeTensor(device, startRows, padded);
    const { ahead, values: Q, value: q } = roll;
    const dims = { models: numModels, T, H, W, ahead, Q, q, ...residentLayout(state) };
    const tensors = { series, starts: startRows, weights: state.weights.flat, predictions };
    const dispatch = build.dispatch(kernel, dims, tensors);
    build.upload();
    const encoder = device.createCommandEncoder({ label: 'predict' });
    const pass = encoder.beginComputePass({ label: 'predict' });
    record(pass, [dispatch]);
    pass.end();
    device.queue.submit(encoder);
    const all = new Float32Array(await readBuffer(device, predictions.buffer, 0, predictions.sizeBytes));
    return starts.map((own, model) => all.slice(model * W * O, (model * W + own.length) * O));
  });
}

/** One model after another, some rows at a time, with the kernels of the timestep plan; one row at a time when rolling. */
function predictByTimestep(
  state: ModelState,
  source: SampleSource,
  T: number,
  samples: readonly Uint32Array[],
  roll?: RollOptions,
): Promise<Float32Array[]> {
  const { device, numModels } = state;
  const { outputSize: O, head } = state.config;
  const most = Math.max(...samples.map((own) => own.length));
  const N = roll ? 1 : Math.min(MAX_ROWS, most);
  const numPasses = Math.ceil(most / N);
  const sizes = { windowLength: T, batchSize: N };
  const stepsOut = head === 'every' ? T : 1;
  return during(device, async (scope) => {
    const predictions = createTensor(scope, 'predictions', [numModels, numPasses, stepsOut, N, O]);
    const network = await Network.create(scope, state, { ...sizes, training: false, seeds: [], fused: false });
    // the targets are unused
    const gather = await createGather(scope, source, { ...sizes, targetSteps: 1, targetSize: 1 });
    const schedule = new StepTable(scope, {
      label: 'predict',
      kind: 'uniforms',
      numModels,
      batchSize: N,
      maxSamples: samples.reduce((sum, { length }) => sum + length, 0),
      maxStepsPerSlice: numPasses,
      optimizer: undefined,
    });
    const passBytes = network.y.sizeBytes;
    const build = new DispatchBuilder(scope, 'predict', schedule.steps.buffer);
    const rolled = roll && (await createRoll(device, source, T, roll));
    const passes = samples.map((_, model) => [
      gather.dispatch(build, schedule.order, network),
      ...network.forward(build, model),
      ...(rolled ? [rolled.dispatch(build, schedule.order, network)] : []),
    ]);
    build.upload();
    schedule.setOrder(samples);
    schedule.write({ firstStep: 0, numSteps: numPasses, models: samples.map(() => ({ stepsTaken: 0, lr: () => 0 })) });
    for (let k = 0; k < numPasses; k++)
      for (const [model, pass] of passes.entries()) {
        if (schedule.rows(k, model) === 0) continue;
        const encoder = device.createCommandEncoder({ label: 'predict' });
        const compute = encoder.beginComputePass({ label: 'predict' });
        record(compute, pass, (k * numModels + model) * UNIFORM_SLOT_BYTES);
        compute.end();
        const to = (model * numPasses + k) * passBytes;
        encoder.copyBufferToBuffer(network.y.buffer, 0, predictions.buffer, to, passBytes);
        device.queue.submit(encoder);
      }
    const all = new Float32Array(await readBuffer(device, predictions.buffer, 0, predictions.sizeBytes));
    return samples.map((own, model) => {
      const out = new Float32Array(own.length * stepsOut * O);
      for (let sample = 0; sample < own.length; sample++)
        for (let t = 0; t < stepsOut; t++) {
          const pass = model * numPasses + Math.floor(sample / N);
          const at = ((pass * stepsOut + t) * N + (sample % N)) * O;
          out.set(all.subarray(at, at + O), (sample * stepsOut + t) * O);
        }
      return out;
    });
  });
}
