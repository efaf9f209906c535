import { DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/kernel.ts';
import { createTensor } from '../gpu/tensor.ts';
import { adam, adamDims } from '../kernels/adam.ts';
import { mseLoss } from '../kernels/mse_loss.ts';
import { windowGather } from '../kernels/window_gather.ts';
import { Network } from './network.ts';
import type { PlanOptions, TrainingPlan } from './plan.ts';
import { Schedule } from './schedule.ts';

/** Bounds the step slots (256 bytes each); a slice of more steps than this gains nothing in this plan. */
const MAX_SLOTS = 256;

/**
 * The plain plan: one time step a dispatch, O(T) dispatches an optimizer step, one model after the other. Every command of
 * a step is built here, once; steps differ only in their slot of the step uniform.
 */
export async function createTimestepPlan(options: PlanOptions): Promise<TrainingPlan> {
  const { device, state, series, windowLength: T, batchSize: N, maxSamples } = options;
  const { numModels } = state;
  const { inputSize: I, outputSize: O } = state.config;
  const [gather, loss, update, network] = await Promise.all([
    windowGather.load(device),
    mseLoss.load(device),
    adam.load(device),
    Network.create(state, T, N, true),
  ]);
  const { betas } = options.adam;
  const maxStepsPerSlice = Math.max(1, Math.floor(MAX_SLOTS / numModels));
  const sizes = { numModels, batchSize: N, maxSamples, maxStepsPerSlice, betas };
  const schedule = new Schedule(device, { label: 'timestep', kind: 'uniforms', ...sizes });
  const target = createTensor(device, 'target', [N, O]);
  const losses = createTensor(device, 'losses', [maxStepsPerSlice, numModels]);
  const build = new DispatchBuilder(device, 'timestep', schedule.steps.buffer);
  const dy = network.dY!;

  const stepOf = (model: number) => [
    build.dispatch(gather, { N, T, I, O }, { series, order: schedule.order, x: network.x, target_rows: target }),
    ...network.forward(build, model),
    build.dispatch(loss, { N, O }, { y: network.y, target_rows: target, d_y: dy, losses }),
    ...network.backward(build, model),
    build.dispatch(
      update,
      { P: state.weights.copyBytes / 4, ...adamDims(options.adam) },
      {
        grads: state.grads.copy(model),
        m: state.m.copy(model),
        v: state.v.copy(model),
        weights: state.weights.copy(model),
      },
    ),
  ];
  const steps = Array.from({ length: numModels }, (_, model) => stepOf(model));
  build.upload();

  return {
    name: 'timestep',
    batchSize: N,
    maxStepsPerSlice,
    losses,
    setOrder: (orders) => schedule.setOrder(orders),
    encode(encoder, slice, timestampWrites) {
      schedule.write(slice);
      let dispatches = 0;
      const pass = encoder.beginComputePass({ label: 'timestep slice', timestampWrites });
      for (let k = 0; k < slice.numSteps; k++)
        for (const [model, step] of steps.entries()) {
          if (schedule.rows(slice.firstStep + k, model) === 0) continue;
          record(pass, step, (k * numModels + model) * UNIFORM_SLOT_BYTES);
          dispatches += step.length;
        }
      pass.end();
      return dispatches;
    },
    destroy() {
      network.destroy();
      build.destroy();
      schedule.destroy();
      for (const tensor of [target, losses]) tensor.buffer.destroy();
    },
  };
}
