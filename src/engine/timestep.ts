import { DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/kernel.ts';
import { createTensor, writeTensor } from '../gpu/tensor.ts';
import { adam } from '../kernels/adam.ts';
import { mseLoss } from '../kernels/mse_loss.ts';
import { windowGather } from '../kernels/window_gather.ts';
import { Network } from './network.ts';
import type { PlanOptions, TrainingPlan } from './plan.ts';
import { StepSlots } from './steps.ts';

/** Bounds the step slots (256 bytes each); a slice of more steps than this gains nothing in this plan. */
const MAX_STEPS_PER_SLICE = 256;

/**
 * The plain plan: one time step a dispatch, O(T) dispatches an optimizer step. Every command of a step is built here,
 * once; steps differ only in their slot of the step uniform.
 */
export async function createTimestepPlan(options: PlanOptions): Promise<TrainingPlan> {
  const { device, state, series, windowLength: T, batchSize: N, maxSamples } = options;
  const { inputSize: I, outputSize: O } = state.config;
  const [gather, loss, update, network] = await Promise.all([
    windowGather.load(device),
    mseLoss.load(device),
    adam.load(device),
    Network.create(state, T, N, true),
  ]);
  const order = createTensor(device, 'order', [maxSamples]);
  const target = createTensor(device, 'target', [N, O]);
  const losses = createTensor(device, 'losses', [MAX_STEPS_PER_SLICE]);
  const slots = new StepSlots(device, 'timestep', MAX_STEPS_PER_SLICE, 'uniforms');
  const build = new DispatchBuilder(device, 'timestep', slots.buffer);
  const [beta1, beta2] = options.adam.betas;
  const dy = network.dY!;

  const step = [
    build.dispatch(gather, { N, T, I, O }, { series, order, x: network.x, target_rows: target }),
    ...network.forward(build),
    build.dispatch(loss, { N, O }, { y: network.y, target_rows: target, d_y: dy, losses }),
    ...network.backward(build),
    build.dispatch(
      update,
      {
        P: state.weights.flat.shape[0]!,
        beta1,
        one_minus_beta1: 1 - beta1,
        beta2,
        one_minus_beta2: 1 - beta2,
        eps: options.adam.eps,
      },
      { grads: state.grads.flat, m: state.m.flat, v: state.v.flat, weights: state.weights.flat },
    ),
  ];
  build.upload();
  let numSamples = 0;

  return {
    name: 'timestep',
    batchSize: N,
    maxStepsPerSlice: MAX_STEPS_PER_SLICE,
    dispatchesPerSlice: (numSteps) => numSteps * step.length,
    losses,
    setOrder(samples) {
      numSamples = samples.length;
      writeTensor(device, { ...order, shape: [numSamples], sizeBytes: numSamples * 4 }, samples);
    },
    encode(encoder, slice) {
      slots.write(slice, N, numSamples, options.adam);
      const pass = encoder.beginComputePass({ label: 'timestep slice' });
      for (let k = 0; k < slice.numSteps; k++) record(pass, step, k * UNIFORM_SLOT_BYTES);
      pass.end();
    },
    destroy() {
      network.destroy();
      build.destroy();
      slots.destroy();
      for (const tensor of [order, target, losses]) tensor.buffer.destroy();
    },
  };
}
