import { ConfigError } from '../errors.ts';
import { DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/kernel.ts';
import { createTensor } from '../gpu/tensor.ts';
import { RESIDENT_LIMITS, resident } from '../kernels/resident.ts';
import type { ModelConfig } from '../model/config.ts';
import type { PlanOptions, TrainingPlan } from './plan.ts';
import { Schedule } from './schedule.ts';
import type { ModelState } from './state.ts';

/** Bounds the table of steps (20 bytes each) and the losses (4). */
const MAX_SLOTS = 16_384;
const MAX_STEPS_PER_SLICE = 4096;

/** Why a model cannot be resident: the first size that one workgroup does not hold, in words. Undefined when it can. */
export function whyNotResident(config: ModelConfig): string | undefined {
  for (const [name, limit] of Object.entries(RESIDENT_LIMITS)) {
    const size = config[name as keyof ModelConfig];
    if (size > limit) return `${name} is ${size}, and one workgroup holds up to ${limit}`;
  }
  return undefined;
}

/** The override constants of a resident kernel. */
export const residentShape = ({ inputSize: I, hiddenSize: H, outputSize: O }: ModelConfig) => ({
  LANES: Math.ceil(H / 4),
  I,
  O,
});

/** Where a resident kernel finds a model's parameters, in elements. */
export function residentLayout({ weights }: ModelState) {
  const offset = (name: string) => weights.tensor(name).offsetBytes / 4;
  return {
    arena: weights.copyBytes / 4,
    weight_ih: offset('lstm.weight_ih_l0'),
    weight_hh: offset('lstm.weight_hh_l0'),
    bias_ih: offset('lstm.bias_ih_l0'),
    bias_hh: offset('lstm.bias_hh_l0'),
    fc_weight: offset('fc.weight'),
    fc_bias: offset('fc.bias'),
  };
}

/**
 * One dispatch a slice: every model, forward, backward and Adam, stays in a workgroup of its own for many optimizer steps.
 * @throws ConfigError naming the size that does not fit.
 */
export async function createResidentPlan(options: PlanOptions): Promise<TrainingPlan> {
  const { device, state, series, windowLength: T, batchSize, maxSamples } = options;
  const { numModels } = state;
  const reason = whyNotResident(state.config);
  if (reason) throw new ConfigError(`plan: 'resident' cannot run this model: ${reason}. Use plan: 'timestep'.`);
  const kernel = await resident.load(device, residentShape(state.config));
  const { betas, eps } = options.adam;
  const [beta1, beta2] = betas;
  const maxStepsPerSlice = Math.max(1, Math.min(MAX_STEPS_PER_SLICE, Math.floor(MAX_SLOTS / numModels)));
  const sizes = { numModels, batchSize, maxSamples, maxStepsPerSlice, betas };
  const schedule = new Schedule(device, { label: 'resident', kind: 'array', ...sizes });
  const losses = createTensor(device, 'losses', [maxStepsPerSlice, numModels]);
  const history = createTensor(device, 'history', [numModels, T, 6, 8, 4]);
  const slice = device.createBuffer({
    label: 'resident slice',
    size: UNIFORM_SLOT_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const build = new DispatchBuilder(device, 'resident', slice);
  const dispatch = build.dispatch(
    kernel,
    {
      models: numModels,
      T,
      H: state.config.hiddenSize,
      ...residentLayout(state),
      beta1,
      one_minus_beta1: 1 - beta1,
      beta2,
      one_minus_beta2: 1 - beta2,
      eps,
    },
    {
      series,
      order: schedule.order,
      steps: schedule.steps,
      weights: state.weights.flat,
      m: state.m.flat,
      v: state.v.flat,
      history,
      losses,
    },
  );
  build.upload();

  return {
    name: 'resident',
    batchSize,
    maxStepsPerSlice,
    losses,
    setOrder: (orders) => schedule.setOrder(orders),
    encode(encoder, part) {
      schedule.write(part);
      device.queue.writeBuffer(slice, 0, Uint32Array.of(part.numSteps));
      const pass = encoder.beginComputePass({ label: 'resident slice' });
      record(pass, [dispatch]);
      pass.end();
      return 1;
    },
    destroy() {
      build.destroy();
      slice.destroy();
      schedule.destroy();
      for (const tensor of [losses, history]) tensor.buffer.destroy();
    },
  };
}
