import { Arena } from '../gpu/arena.ts';
import { type Dispatch, DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/dispatch.ts';
import { type DeviceScope, owning } from '../gpu/guarded_device.ts';
import { limitSideBySide, mostSideBySide } from '../gpu/side_by_side.ts';
import { createTensor, writeTensor } from '../gpu/tensor.ts';
import { Breath } from '../signals.ts';
import { createClip } from './clip.ts';
import { createGather } from './gather.ts';
import { batchTable, checkMemory } from './memory.ts';
import { Network } from './network.ts';
import { loadPersistent } from './persistent.ts';
import type { PlanOptions, TrainingPlan } from './plan.ts';
import { OPTIMIZER_ARENAS, type OptimizerArena } from './state.ts';
import { StepTable } from './step_table.ts';

/** Bounds the step slots (256 bytes each); in this plan, longer slices are not faster. */
const MAX_SLOTS = 256;

/**
 * A plan with separate dispatches over a batch, one model after another; it supports every model. `timestep` has one dispatch
 * per time step, `sequence` one for all of them. Every command of a step is built here, once; steps differ only in their slot
 * of the step uniform.
 */
export const createNetworkPlan = (name: 'timestep' | 'sequence', options: PlanOptions): Promise<TrainingPlan> =>
  owning(options.device, (device) => networkPlan(device, name, options));

async function networkPlan(
  device: DeviceScope,
  name: 'timestep' | 'sequence',
  options: PlanOptions,
): Promise<TrainingPlan> {
  const {
    state,
    source,
    loss,
    optimizer,
    seeds,
    windowLength: T,
    batchSize: N,
    maxSamples,
    persistent = true,
  } = options;
  const { numModels } = state;
  const { outputSize: O, head } = state.config;
  const targetSteps = head === 'every' ? T : 1;
  const sizes = { windowLength: T, batchSize: N };
  checkMemory(device, batchTable(state.config, T, N), sizes); // before allocating any
  const [network, gather, criterion, update, clip] = await Promise.all([
    Network.create(device, state, {
      ...{ ...sizes, training: true, seeds, fused: name === 'sequence' },
      ...(persistent && { loadPersistent }),
    }),
    createGather(device, source, { ...sizes, targetSteps, targetSize: loss.targetSize(O) }),
    loss.kernel.load(device, loss.overrides(device)),
    optimizer.load(device),
    createClip(device, options.clip),
  ]);
  const maxStepsPerSlice = Math.max(1, Math.min(Math.floor(MAX_SLOTS / numModels), Math.ceil(maxSamples / N)));
  const steps = { numModels, batchSize: N, maxSamples, maxStepsPerSlice, optimizer };
  const schedule = new StepTable(device, { label: name, kind: 'uniforms', ...steps });
  const losses = createTensor(device, 'losses', [maxStepsPerSlice, numModels]);
  const quantiles = createTensor(device, 'quantiles', [loss.quantiles?.length ?? 1]);
  const unused = new Arena(
    device,
    'unused',
    OPTIMIZER_ARENAS.map((name) => ({ name, shape: [1] })),
  );
  if (loss.quantiles) writeTensor(device, quantiles, loss.quantiles);
  const build = new DispatchBuilder(device, name, schedule.steps.buffer);

  const stepOf = (model: number, isPersistent: boolean): Dispatch[] => {
    const [grads, weights] = [state.grads.copy(model), state.weights.copy(model)];
    const kept = (name: OptimizerArena) => (optimizer.state[name] ? state[name].copy(model) : unused.tensor(name));
    return [
      // source, order -> x, lengths, targets
      gather.dispatch(build, schedule.order, network),
      // x -> y
      ...network.forward(build, model, isPersistent),
      // y, targets -> loss, dY
      build.dispatch(criterion, loss.dims({ R: targetSteps * N, N, O }), {
        y: network.y,
        target_rows: gather.targets,
        lengths: network.lengths,
        quantiles,
        d_y: network.dY,
        losses,
      }),
      // dY -> grads
      ...network.backward(build, model, isPersistent),
      ...clip.dispatches(build, grads),
      // grads -> weights
      update(build, weights.shape[0]!, { grads, weights, m: kept('m'), v: kept('v'), extra: kept('extra') }),
    ];
  };
  const commands: Dispatch[][] = [];
  const persistentCommands: Dispatch[][] = [];
  const { failed } = network;
  const breath = new Breath(device.signal);
  for (let model = 0; model < numModels; model++) {
    await breath.take();
    commands.push(stepOf(model, false));
    if (failed) persistentCommands.push(stepOf(model, true));
  }
  build.upload();

  return {
    name,
    batchSize: N,
    maxStepsPerSlice,
    losses,
    ...(failed && {
      sideBySide: {
        failed,
        giveUp() {
          limitSideBySide(device, 0);
          writeTensor(device, failed, Uint32Array.of(0));
        },
      },
    }),
    setOrder: (orders) => schedule.setOrder(orders),
    encode(encoder, slice, timestampWrites) {
      schedule.write(slice);
      const current = failed && mostSideBySide(device) > 0 ? persistentCommands : commands;
      let dispatches = 0;
      const pass = encoder.beginComputePass({ label: `${name} slice`, timestampWrites });
      for (let k = 0; k < slice.numSteps; k++)
        for (const [model, step] of current.entries()) {
          if (schedule.rows(slice.firstStep + k, model) === 0) continue;
          record(pass, step, (k * numModels + model) * UNIFORM_SLOT_BYTES);
          dispatches += step.length;
        }
      pass.end();
      return dispatches;
    },
    dispose: () => device.dispose(),
  };
}
