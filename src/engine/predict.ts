import { DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/kernel.ts';
import { readBuffer } from '../gpu/readback.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import { residentPredict } from '../kernels/resident_predict.ts';
import { windowGather } from '../kernels/window_gather.ts';
import { Network } from './network.ts';
import { fitsTiles, residentLayout, residentShape } from './resident.ts';
import { Schedule } from './schedule.ts';
import type { ModelState } from './state.ts';

/** Windows per forward pass; enough to fill a GPU, small enough to keep activations in a few MiB. */
const MAX_ROWS = 64;

/**
 * Predicts the value after each window of each model. Windows are given by the row they start in, and may end at the
 * series' last row.
 * @returns for each model [starts.length, outputSize], row-major.
 */
export function predictWindows(
  state: ModelState,
  series: Tensor,
  windowLength: number,
  starts: readonly Uint32Array[],
): Promise<Float32Array[]> {
  const predict = fitsTiles(state.config) ? predictResident : predictByTimestep;
  return predict(state, series, windowLength, starts);
}

/** All windows of all models in one dispatch. */
async function predictResident(
  state: ModelState,
  series: Tensor,
  T: number,
  starts: readonly Uint32Array[],
): Promise<Float32Array[]> {
  const { device, numModels } = state;
  const { hiddenSize: H, outputSize: O } = state.config;
  const kernel = await residentPredict.load(device, residentShape(state.config));
  const W = Math.max(...starts.map((own) => own.length));
  const padded = new Uint32Array(numModels * W); // a model with fewer windows repeats the series' first
  for (const [model, own] of starts.entries()) padded.set(own, model * W);
  const startRows = createTensor(device, 'starts', [numModels, W]);
  const predictions = createTensor(device, 'predictions', [numModels, W, O]);
  const build = new DispatchBuilder(device, 'predict');
  try {
    writeTensor(device, startRows, padded);
    const dims = { models: numModels, T, H, W, ...residentLayout(state) };
    const tensors = { series, starts: startRows, weights: state.weights.flat, predictions };
    const dispatch = build.dispatch(kernel, dims, tensors);
    build.upload();
    const encoder = device.createCommandEncoder({ label: 'predict' });
    const pass = encoder.beginComputePass({ label: 'predict' });
    record(pass, [dispatch]);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const all = new Float32Array(await readBuffer(device, predictions.buffer, 0, predictions.sizeBytes));
    return starts.map((own, model) => all.slice(model * W * O, (model * W + own.length) * O));
  } finally {
    build.destroy();
    for (const tensor of [startRows, predictions]) tensor.buffer.destroy();
  }
}

/** One model after the other, some rows at a time, with the kernels of the timestep plan. */
async function predictByTimestep(
  state: ModelState,
  series: Tensor,
  T: number,
  starts: readonly Uint32Array[],
): Promise<Float32Array[]> {
  const { device, numModels } = state;
  const { inputSize: I, outputSize: O } = state.config;
  const most = Math.max(...starts.map((own) => own.length));
  const N = Math.min(MAX_ROWS, most);
  const numPasses = Math.ceil(most / N);
  const [gather, network] = await Promise.all([windowGather.load(device), Network.create(state, T, N, false)]);
  const schedule = new Schedule(device, {
    label: 'predict',
    kind: 'uniforms',
    numModels,
    batchSize: N,
    maxSamples: starts.reduce((sum, own) => sum + own.length, 0),
    maxStepsPerSlice: numPasses,
    betas: [0, 0],
  });
  const target = createTensor(device, 'target', [N, O]);
  const predictions = createTensor(device, 'predictions', [numModels, numPasses * N, O]);
  const build = new DispatchBuilder(device, 'predict', schedule.steps.buffer);
  try {
    const tensors = { series, order: schedule.order, x: network.x, target_rows: target };
    const passes = starts.map((_, model) => [
      build.dispatch(gather, { N, T, I, O }, tensors),
      ...network.forward(build, model),
    ]);
    build.upload();
    schedule.setOrder(starts);
    schedule.write({ firstStep: 0, numSteps: numPasses, models: starts.map(() => ({ stepsTaken: 0, lr: 0 })) });
    for (let k = 0; k < numPasses; k++)
      for (const [model, pass] of passes.entries()) {
        if (schedule.rows(k, model) === 0) continue;
        const encoder = device.createCommandEncoder({ label: 'predict' });
        const compute = encoder.beginComputePass({ label: 'predict' });
        record(compute, pass, (k * numModels + model) * UNIFORM_SLOT_BYTES);
        compute.end();
        const to = (model * numPasses + k) * N * O * 4;
        encoder.copyBufferToBuffer(network.y.buffer, 0, predictions.buffer, to, N * O * 4);
        device.queue.submit([encoder.finish()]);
      }
    const all = new Float32Array(await readBuffer(device, predictions.buffer, 0, predictions.sizeBytes));
    return starts.map((own, model) => {
      const from = model * numPasses * N * O;
      return all.slice(from, from + own.length * O);
    });
  } finally {
    network.destroy();
    build.destroy();
    schedule.destroy();
    for (const tensor of [target, predictions]) tensor.buffer.destroy();
  }
}
