import { ConfigError } from '../errors.ts';
import { DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/kernel.ts';
import { createTensor, writeTensor } from '../gpu/tensor.ts';
import { RESIDENT_LIMITS, resident } from '../kernels/resident.ts';
import type { ModelConfig } from '../model/config.ts';
import type { PlanOptions, TrainingPlan } from './plan.ts';
import { StepSlots } from './steps.ts';

/** Bounds the table of steps (20 bytes each) and the losses (4). */
const MAX_STEPS_PER_SLICE = 4096;

/** Why a model cannot be resident: the first size that one workgroup does not hold, in words. Undefined when it can. */
export function whyNotResident(config: ModelConfig): string | undefined {
  for (const [name, limit] of Object.entries(RESIDENT_LIMITS)) {
    const size = config[name as keyof ModelConfig];
    if (size > limit) return `${name} is ${size}, and one workgroup holds up to ${limit}`;
  }
  return undefined;
}

/**
 * One dispatch a slice: the whole model, forward, backward and Adam, stays in one workgroup for many optimizer steps.
 * @throws ConfigError naming the size that does not fit.
 */
export async function createResidentPlan(options: PlanOptions): Promise<TrainingPlan> {
  const { device, state, series, windowLength: T, batchSize: N, maxSamples } = options;
  const { inputSize: I, hiddenSize: H, outputSize: O } = state.config;
  const reason = whyNotResident(state.config);
  if (reason) throw new ConfigError(`plan: 'resident' cannot run this model: ${reason}. Use plan: 'timestep'.`);
  const kernel = await resident.load(device, { LANES: Math.ceil(H / 4), I, O });
  const order = createTensor(device, 'order', [maxSamples]);
  const losses = createTensor(device, 'losses', [MAX_STEPS_PER_SLICE]);
  const steps = new StepSlots(device, 'resident', MAX_STEPS_PER_SLICE, 'array');
  const history = createTensor(device, 'history', [T, 6, 8, 4]);
  const slice = device.createBuffer({
    label: 'resident slice',
    size: UNIFORM_SLOT_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const build = new DispatchBuilder(device, 'resident', slice);
  const [beta1, beta2] = options.adam.betas;
  const offset = (name: string) => state.weights.tensor(name).offsetBytes / 4;
  const dispatch = build.dispatch(
    kernel,
    {
      models: 1,
      T,
      H,
      arena: state.weights.flat.shape[0]!,
      weight_ih: offset('lstm.weight_ih_l0'),
      weight_hh: offset('lstm.weight_hh_l0'),
      bias_ih: offset('lstm.bias_ih_l0'),
      bias_hh: offset('lstm.bias_hh_l0'),
      fc_weight: offset('fc.weight'),
      fc_bias: offset('fc.bias'),
      beta1,
      one_minus_beta1: 1 - beta1,
      beta2,
      one_minus_beta2: 1 - beta2,
      eps: options.adam.eps,
    },
    {
      series,
      order,
      steps: steps.tensor,
      weights: state.weights.flat,
      m: state.m.flat,
      v: state.v.flat,
      history,
      losses,
    },
  );
  build.upload();
  let numSamples = 0;

  return {
    name: 'resident',
    batchSize: N,
    maxStepsPerSlice: MAX_STEPS_PER_SLICE,
    dispatchesPerSlice: () => 1,
    losses,
    setOrder(samples) {
      numSamples = samples.length;
      writeTensor(device, { ...order, shape: [numSamples], sizeBytes: numSamples * 4 }, samples);
    },
    encode(encoder, part) {
      steps.write(part, N, numSamples, options.adam);
      device.queue.writeBuffer(slice, 0, Uint32Array.of(part.numSteps));
      const pass = encoder.beginComputePass({ label: 'resident slice' });
      record(pass, [dispatch]);
      pass.end();
    },
    destroy() {
      build.destroy();
      slice.destroy();
      steps.destroy();
      for (const tensor of [order, losses, history]) tensor.buffer.destroy();
    },
  };
}
