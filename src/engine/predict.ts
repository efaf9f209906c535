import { DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/kernel.ts';
import { readBuffer } from '../gpu/readback.ts';
import { createTensor, type Tensor, writeTensor } from '../gpu/tensor.ts';
import { windowGather } from '../kernels/window_gather.ts';
import { Network } from './network.ts';
import type { ModelState } from './state.ts';
import { StepSlots } from './steps.ts';

/** Windows per forward pass; enough to fill a GPU, small enough to keep activations in a few MiB. */
const MAX_ROWS = 64;

/**
 * Predicts the value after each window that starts at `starts`. A window may end at the series' last row.
 * @returns [starts.length, outputSize], row-major.
 */
export async function predictWindows(
  state: ModelState,
  series: Tensor,
  windowLength: number,
  starts: Uint32Array,
): Promise<Float32Array> {
  const { device } = state;
  const { inputSize: I, outputSize: O } = state.config;
  const [T, N] = [windowLength, Math.min(MAX_ROWS, starts.length)];
  const numPasses = Math.ceil(starts.length / N);
  const [gather, network] = await Promise.all([windowGather.load(device), Network.create(state, T, N, false)]);
  const order = createTensor(device, 'starts', [starts.length]);
  const target = createTensor(device, 'target', [N, O]);
  const predictions = createTensor(device, 'predictions', [numPasses * N, O]);
  const slots = new StepSlots(device, 'predict', numPasses, 'uniforms');
  const build = new DispatchBuilder(device, 'predict', slots.buffer);
  try {
    const pass = [
      build.dispatch(gather, { N, T, I, O }, { series, order, x: network.x, target_rows: target }),
      ...network.forward(build),
    ];
    build.upload();
    writeTensor(device, order, starts);
    slots.write({ firstStep: 0, numSteps: numPasses, stepsTaken: 0, lr: 0 }, N, starts.length, { betas: [0, 0] });
    for (let k = 0; k < numPasses; k++) {
      const encoder = device.createCommandEncoder({ label: 'predict' });
      const compute = encoder.beginComputePass({ label: 'predict' });
      record(compute, pass, k * UNIFORM_SLOT_BYTES);
      compute.end();
      encoder.copyBufferToBuffer(network.y.buffer, 0, predictions.buffer, k * N * O * 4, N * O * 4);
      device.queue.submit([encoder.finish()]);
    }
    return new Float32Array(await readBuffer(device, predictions.buffer, 0, starts.length * O * 4));
  } finally {
    network.destroy();
    build.destroy();
    slots.destroy();
    for (const tensor of [order, target, predictions]) tensor.buffer.destroy();
  }
}
