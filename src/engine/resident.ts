import { ConfigError } from '../errors.ts';
import { describeDevice } from '../gpu/device.ts';
import { type Dispatch, DispatchBuilder, record, UNIFORM_SLOT_BYTES } from '../gpu/kernel.ts';
import { createTensor, type Tensor } from '../gpu/tensor.ts';
import { adamDims } from '../kernels/adam.ts';
import { RESIDENT_LIMITS, type ResidentLayout, resident } from '../kernels/resident.ts';
import { RESIDENT_WIDE_LIMITS, residentWide } from '../kernels/resident_wide.ts';
import type { ModelConfig } from '../model/config.ts';
import type { PlanOptions, TrainingPlan } from './plan.ts';
import { Schedule } from './schedule.ts';
import type { ModelState } from './state.ts';

/** Bounds the table of steps (20 bytes each) and the losses (4). */
const MAX_SLOTS = 16_384;
const MAX_STEPS_PER_SLICE = 4096;

/**
 * Two kernels with one arithmetic. `tiled` keeps four units a lane in private memory: for software adapters, where a
 * barrier costs as many invocations as there are. `wide` has one unit a lane: for GPUs, and for what `tiled` cannot hold.
 */
export type ResidentKernel = 'tiled' | 'wide';

/** Why a kernel cannot hold a model: the first size beyond it, in words. Undefined when it can. */
function beyond(limits: Partial<Record<keyof ModelConfig, number>>, config: ModelConfig): string | undefined {
  for (const [name, limit] of Object.entries(limits)) {
    const size = config[name as keyof ModelConfig];
    if (size > limit) return `${name} is ${size}, and one workgroup holds up to ${limit}`;
  }
  return undefined;
}

/** Why a model cannot be resident on a device; undefined when it can. */
export function whyNotResident(device: GPUDevice, config: ModelConfig): string | undefined {
  if (fitsTiles(config)) return undefined;
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = device.limits;
  const invocations = Math.min(maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX);
  const hiddenSize = Math.min(RESIDENT_WIDE_LIMITS.hiddenSize, invocations);
  return beyond({ ...RESIDENT_WIDE_LIMITS, hiddenSize }, config);
}

export const fitsTiles = (config: ModelConfig): boolean => beyond(RESIDENT_LIMITS, config) === undefined;

/** The kernel that is the faster one on a device, of those that hold the model. */
export function chooseKernel(device: GPUDevice, config: ModelConfig): ResidentKernel {
  return describeDevice(device).software && fitsTiles(config) ? 'tiled' : 'wide';
}

/** The override constants of the tiled kernels. */
export const residentShape = ({ inputSize: I, hiddenSize: H, outputSize: O }: ModelConfig) => ({
  LANES: Math.ceil(H / 4),
  I,
  O,
});

/** Where a resident kernel finds a model's parameters, in elements. */
export function residentLayout({ weights }: ModelState): ResidentLayout {
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
export async function createResidentPlan(options: PlanOptions, variant?: ResidentKernel): Promise<TrainingPlan> {
  const { device, state, series, windowLength: T, batchSize, maxSamples } = options;
  const { numModels, config } = state;
  const { inputSize: I, hiddenSize: H, outputSize: O } = config;
  const reason = whyNotResident(device, config);
  if (reason) throw new ConfigError(`plan: 'resident' cannot run this model: ${reason}. Use plan: 'timestep'.`);
  const { betas } = options.adam;
  const maxStepsPerSlice = Math.max(1, Math.min(MAX_STEPS_PER_SLICE, Math.floor(MAX_SLOTS / numModels)));
  const sizes = { numModels, batchSize, maxSamples, maxStepsPerSlice, betas };
  const schedule = new Schedule(device, { label: 'resident', kind: 'array', ...sizes });
  const losses = createTensor(device, 'losses', [maxStepsPerSlice, numModels]);
  const slice = device.createBuffer({
    label: 'resident slice',
    size: UNIFORM_SLOT_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const build = new DispatchBuilder(device, 'resident', slice);
  const dims = {
    models: numModels,
    T,
    ...residentLayout(state),
    ...adamDims(options.adam),
  };
  const tensors = {
    series,
    order: schedule.order,
    steps: schedule.steps,
    weights: state.weights.flat,
    m: state.m.flat,
    v: state.v.flat,
    losses,
  };
  let scratch: Tensor;
  let dispatch: Dispatch;
  if ((variant ?? chooseKernel(device, config)) === 'tiled') {
    const kernel = await resident.load(device, residentShape(config));
    scratch = createTensor(device, 'history', [numModels, 6 * T + 8, 8, 4]);
    dispatch = build.dispatch(kernel, { ...dims, H }, { ...tensors, history: scratch });
  } else {
    const kernel = await residentWide.load(device, { H, O });
    const rows = 4 * (H + I + 2 + 2 * Math.ceil(O / 4)) + 2 * T;
    scratch = createTensor(device, 'scratch', [numModels, rows, H, 4]);
    dispatch = build.dispatch(kernel, { ...dims, I }, { ...tensors, scratch });
  }
  build.upload();

  return {
    name: 'resident',
    batchSize,
    maxStepsPerSlice,
    losses,
    setOrder: (orders) => schedule.setOrder(orders),
    encode(encoder, part, timestampWrites) {
      schedule.write(part);
      device.queue.writeBuffer(slice, 0, Uint32Array.of(part.numSteps));
      const pass = encoder.beginComputePass({ label: 'resident slice', timestampWrites });
      record(pass, [dispatch]);
      pass.end();
      return 1;
    },
    destroy() {
      build.destroy();
      slice.destroy();
      schedule.destroy();
      for (const tensor of [losses, scratch]) tensor.buffer.destroy();
    },
  };
}
